import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { UsageError } from './arguments.ts'

/**
 * `slotscope login` asks a running console for a link over a socket file that only this user may open; no password, no port.
 */
export type LoginSocket = { close(): void }

type Role = 'viewer' | 'operator' | 'admin'

function folder(): string {
  return path.join(os.tmpdir(), `slotscope-${os.userInfo().uid}`)
}

function socketPath(httpPort: number): string {
  return process.platform === 'win32' ? `\\\\.\\pipe\\slotscope-${httpPort}` : path.join(folder(), `${httpPort}.sock`)
}

/** Answers each line that names a role with a link. */
export async function serveLinks(httpPort: number, createLink: (role: Role) => string): Promise<LoginSocket> {
  const file = socketPath(httpPort)
  if (process.platform !== 'win32') {
    makeOwnFolder()
    rmSync(file, { force: true })
  }
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', (bytes) => {
      const role = bytes.toString('utf8').trim()
      socket.end(role === 'viewer' || role === 'operator' || role === 'admin' ? createLink(role) : '')
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(file, resolve)
  })
  server.unref()
  return {
    close: () => {
      server.close()
      if (process.platform !== 'win32') rmSync(file, { force: true })
    }
  }
}

/** Everybody may make folders beside ours: one that is not ours alone would hand out links to whoever made it. */
function makeOwnFolder(): void {
  mkdirSync(folder(), { recursive: true, mode: 0o700 })
  const { uid, mode } = lstatSync(folder())
  if (uid !== os.userInfo().uid || (mode & 0o077) !== 0) throw new Error(`${folder()} belongs to somebody else, or others may enter it`)
}

/** A new link from the console at this port, or from the only one that runs. Throws UsageError when there is none, or a choice. */
export async function askForLink(httpPort: number | undefined, role: Role): Promise<string> {
  const ports = httpPort === undefined ? runningPorts() : [httpPort]
  const answers: { port: number; link: string }[] = []
  for (const port of ports) {
    const link = await ask(socketPath(port), role)
    if (link) answers.push({ port, link })
  }
  if (answers.length === 1) return (answers[0] as { link: string }).link
  if (answers.length > 1)
    throw new UsageError(`several consoles run here (${answers.map(({ port }) => port).join(', ')}): choose one with --http`)
  throw new UsageError(httpPort === undefined ? 'no console runs here' : `no console of yours runs at port ${httpPort}`)
}

function runningPorts(): number[] {
  try {
    return readdirSync(folder()).flatMap((name) => (/^\d+\.sock$/.test(name) ? [Number.parseInt(name, 10)] : []))
  } catch {
    // No folder: nothing has ever run here.
    return []
  }
}

function ask(file: string, role: Role): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect(file, () => socket.write(`${role}\n`))
    let text = ''
    socket.setTimeout(2_000, () => socket.destroy())
    socket.on('data', (bytes) => {
      text += bytes.toString('utf8')
    })
    // A socket file that nobody serves is left over from a process that was killed.
    socket.on('error', () => resolve(undefined))
    socket.on('close', () => resolve(text || undefined))
  })
}
