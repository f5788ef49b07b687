import { randomInt } from 'node:crypto'
import { mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { DirectoryDisk, NodeServer } from '@slotscope/engine/tcp'
import type { NodeArguments } from './arguments.ts'
import { type Directive, SettingsError, valuesOf } from './node-settings.ts'

/** Files that the node makes besides its log; 0600 would keep `nodes.conf` from whoever looks after the machine. */
const FOLDER_MODE = 0o755

/**
 * One node as a process of its own, in place of a valkey-server: its parameters, its log lines, its exit codes. Throws `SettingsError`
 * for a parameter that is unknown or wrong, and `PortInUseError`.
 */
export async function runNode({ directives }: NodeArguments): Promise<void> {
  const { port = '6379', bind = '127.0.0.1', dir = '.', logfile = '', pidfile = '', ...others } = valuesOf(directives)
  const { 'cluster-config-file': nodesFile = 'nodes.conf', 'cluster-port': busPort, ...config } = others
  // Relative names are meant from the folder of the node, as the reference changes into it.
  const directory = resolve(dir)
  const log = logTo(logfile === '' ? undefined : resolve(directory, logfile), directory, directives)
  const server = makeServer()
  await server.listen()
  const pidPath = pidfile === '' ? undefined : resolve(directory, pidfile)
  if (pidPath !== undefined) keepProcessId(pidPath, log)
  log('notice', 'Ready to accept connections tcp')
  const end = (exitCode: number) => {
    if (pidPath !== undefined) rmSync(pidPath, { force: true })
    process.exit(exitCode)
  }
  const quit = () => {
    log('notice', 'User requested shutdown...')
    void server.close().then(() => end(0))
  }
  process.on('SIGINT', quit)
  process.on('SIGTERM', quit)

  function makeServer(): NodeServer {
    try {
      return new NodeServer({
        host: onlyAddress(bind, directives),
        port: portOf(port, directives),
        ...(busPort === undefined || busPort === '0' ? {} : { busPort: Number(busPort) }),
        seed: randomInt(2 ** 31),
        disk: new DirectoryDisk(directory, { 'nodes.conf': nodesFile }),
        // A drop-in is alone unless it is told to be of a cluster.
        config: { 'cluster-enabled': 'no', ...config, dir: directory, logfile, pidfile },
        log,
        stopped: (exitCode) => end(exitCode)
      })
    } catch (error) {
      throw blamed(error, directives)
    }
  }
}

/** The engine names the parameter that it does not take; which line that was, we know. */
function blamed(error: unknown, directives: readonly Directive[]): unknown {
  const [, name, problem] = /^([a-z0-9-]+): (.*)$/s.exec((error as Error).message) ?? []
  const directive = directives.findLast((one) => one.name === name)
  if (directive === undefined || problem === undefined) return error
  return new SettingsError(directive, problem === 'unknown parameter' ? 'Bad directive or wrong number of arguments' : problem)
}

function portOf(text: string, directives: readonly Directive[]): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port >= 1 && port <= 65_535) return port
  throw new SettingsError(lineOf('port', directives), 'argument must be between 1 and 65535 inclusive')
}

/** The reference listens at several addresses, and skips one with a minus that is not there. */
function onlyAddress(text: string, directives: readonly Directive[]): string {
  const [address, ...more] = text.split(/\s+/).filter((one) => one !== '')
  if (address !== undefined && more.length === 0) return address === '*' ? '0.0.0.0' : address.replace(/^-/, '')
  throw new SettingsError(lineOf('bind', directives), 'this node listens at one address')
}

function lineOf(name: string, directives: readonly Directive[]): Directive {
  return directives.findLast((one) => one.name === name) ?? { name, words: [], file: '', line: 0, text: name }
}

/** The marks of the reference's log. */
const LEVELS: Readonly<Record<string, string>> = { debug: '.', verbose: '-', notice: '*', warning: '#' }
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Lines in the reference's form, to standard output or to a file that they are added to. */
function logTo(file: string | undefined, directory: string, directives: readonly Directive[]): (level: string, text: string) => void {
  let descriptor = 1
  if (file !== undefined)
    try {
      mkdirSync(directory, { recursive: true, mode: FOLDER_MODE })
      descriptor = openSync(file, 'a')
    } catch (error) {
      throw new SettingsError(lineOf('logfile', directives), `Can't open the log file: ${(error as Error).message}`)
    }
  return (level, text) => {
    const line = `${process.pid}:M ${timeOf(new Date())} ${LEVELS[level] ?? '*'} ${text}\n`
    // A file is written at once, so that the last words before an end are in it.
    if (file === undefined) process.stdout.write(line)
    else writeSync(descriptor, line)
  }
}

/** `27 Nov 2026 17:30:32.993`, local time. */
function timeOf(at: Date): string {
  const two = (value: number, width = 2) => String(value).padStart(width, '0')
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${two(at.getMilliseconds(), 3)}`
  return `${two(at.getDate())} ${MONTHS[at.getMonth()]} ${at.getFullYear()} ${time}`
}

/** Without it the node runs all the same, as the reference does. */
function keepProcessId(path: string, log: (level: string, text: string) => void): void {
  try {
    writeFileSync(path, `${process.pid}\n`)
  } catch (error) {
    log('warning', `Failed to write PID file: ${(error as Error).message}`)
  }
}
