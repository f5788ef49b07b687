import { spawn } from 'node:child_process'
import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the whole workspace. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** True where a missing tool is a failure and not a reason to skip. */
export const inCi = ['1', 'true'].includes(process.env.CI ?? '')

/**
 * Finds a program on the PATH.
 *
 * @param {string} name
 * @returns {string | undefined} its full path
 */
export function onPath(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue
    const file = join(folder, name)
    if (isProgram(file)) return file
  }
  return undefined
}

/** @param {string} file */
export function isProgram(file) {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/**
 * Runs a program to its end without an input.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{
 *   output?: 'keep' | 'show' | 'progress'
 *   cwd?: string
 *   env?: NodeJS.ProcessEnv
 * }} [options] `keep` collects what it prints, `show` passes it on, `progress` passes all of it on to stderr (for a tool whose
 *   own stdout is an answer)
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>} a program that cannot be started has the code 127
 */
export function run(program, args, { output = 'keep', cwd = root, env = process.env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: output === 'show' ? ['ignore', 'inherit', 'inherit'] : output === 'progress' ? ['ignore', 2, 2] : ['ignore', 'pipe', 'pipe']
    })
    let stdout = ''
    let stderr = ''
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      stdout += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      stderr += text
    })
    child.on('error', (error) => resolve({ code: 127, stdout, stderr: `${program}: ${error.message}` }))
    child.on('close', (code, signal) => resolve({ code: code ?? (signal === null ? 1 : 128), stdout, stderr }))
  })
}

/**
 * The JavaScript entry of a program that a package of the workspace brings; it is run with `node`, so that it works where neither
 * pnpm nor `node_modules/.bin` is on the PATH.
 *
 * @param {string} folder of the workspace package that depends on it, relative to the root
 * @param {string} dependency
 * @param {string} program its name in the dependency's `bin`
 * @returns {string}
 */
export function entryOf(folder, dependency, program = dependency) {
  const home = join(root, folder, 'node_modules', dependency)
  /** @type {{ bin?: string | Record<string, string> }} */
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
  const entry = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin?.[program]
  if (entry === undefined) throw new Error(`${dependency} has no program ${program}`)
  return join(home, entry)
}

/**
 * A reason that a person can act on; tools print its message without a stack.
 */
export class CannotProceed extends Error {}

/**
 * The body of a tool: an expected failure is one readable line on stderr and exit code 1, bad options are exit code 2.
 *
 * @param {string} name
 * @param {() => Promise<number | void>} body resolves to the exit code
 */
export async function main(name, body) {
  try {
    process.exitCode = (await body()) ?? 0
  } catch (error) {
    const badOption = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
    if (!badOption && !(error instanceof CannotProceed)) throw error
    process.stderr.write(`${name}: ${error.message}\n`)
    process.exitCode = badOption ? 2 : 1
  }
}

/**
 * True when the module is what `node` was asked to run, and not imported by another.
 *
 * @param {string} moduleUrl `import.meta.url` of the asking module
 */
export function isEntry(moduleUrl) {
  return process.argv[1] === fileURLToPath(moduleUrl)
}
