// `node tools/chromium.js` prints the path of a Chromium that runs: one on the PATH, else Debian's package when this is root on
// Debian, else the one that Playwright downloads into `.browsers` at the root of the workspace.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { CannotProceed, entryOf, isEntry, main, onPath, root, run } from './program.js'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const browsers = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(root, '.browsers')

/**
 * Finds Chromium, and fetches it when there is none.
 *
 * @param {{ say?: (line: string) => void }} [options]
 * @returns {Promise<string>} the executable
 * @throws {CannotProceed} with what was tried and why it failed
 */
export async function provideChromium({ say = () => undefined } = {}) {
  /** @type {string[]} */
  const refusals = []
  /** @param {string | undefined} file */
  const runs = async (file) => {
    if (file === undefined || !existsSync(file)) return false
    const { code, stdout, stderr } = await run(file, ['--version'])
    if (code !== 0) refusals.push(`${file} does not run: ${(stderr || stdout).trim().split('\n')[0]}`)
    return code === 0
  }
  for (const name of names) {
    const file = onPath(name)
    if (await runs(file)) return /** @type {string} */ (file)
  }
  const downloaded = playwrightExecutable()
  if (existsSync(downloaded) && (await runs(downloaded))) return downloaded

  if (isRootOnDebian()) {
    say("installing Debian's package chromium")
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    // Lists may be absent or old on a new machine, so they are read anew; an error there shows itself in the installation.
    await run('apt-get', ['-q', 'update'], { env })
    const { code, stderr } = await run('apt-get', ['-q', '-y', 'install', '--no-install-recommends', 'chromium'], { env })
    const file = onPath('chromium')
    if (code === 0 && (await runs(file))) return /** @type {string} */ (file)
    refusals.push(`apt-get install chromium: ${stderr.trim().split('\n').at(-1)}`)
  }

  say("downloading Playwright's Chromium")
  const { code, stdout, stderr } = await run(
    process.execPath,
    [entryOf('e2e', '@playwright/test', 'playwright'), 'install', '--no-shell', 'chromium'],
    {
      env: { ...process.env, PLAYWRIGHT_BROWSERS_PATH: browsers }
    }
  )
  if (code === 0 && (await runs(downloaded))) return downloaded
  if (code !== 0) refusals.push(`playwright install chromium: ${firstError(stdout + stderr)}`)
  throw new CannotProceed(
    `no Chromium on the PATH and none could be fetched; install one.\n${refusals.map((line) => `  ${line}`).join('\n')}`
  )
}

/** @returns {string} where Playwright puts its download, there or not */
function playwrightExecutable() {
  process.env.PLAYWRIGHT_BROWSERS_PATH = browsers
  const require = createRequire(join(root, 'e2e', 'package.json'))
  return require('@playwright/test').chromium.executablePath()
}

function isRootOnDebian() {
  return (
    process.getuid?.() === 0 &&
    onPath('apt-get') !== undefined &&
    existsSync('/etc/os-release') &&
    /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))
  )
}

/** @param {string} text */
function firstError(text) {
  const lines = text.split('\n').map((line) => line.trim())
  return (
    lines.find((line) => /^(Error|E): /.test(line)) ??
    lines.find((line) => /error|failed/i.test(line)) ??
    lines.find((line) => line !== '') ??
    'no reason given'
  )
}

if (isEntry(import.meta.url)) {
  await main('chromium', async () => {
    process.stdout.write(`${await provideChromium({ say: (line) => process.stderr.write(`chromium: ${line}\n`) })}\n`)
  })
}
