import { spawn } from 'node:child_process'

/** Opens a link in the person's browser; where there is none, the printed link is enough. */
export function openBrowser(link: string): void {
  const [command, args]: [string, string[]] =
    process.platform === 'darwin' ? ['open', [link]] : process.platform === 'win32' ? ['explorer.exe', [link]] : ['xdg-open', [link]]
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}
