import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { AclError } from '@slotscope/engine'
import { DirectoryDisk, ListenError, NodeServer, PortInUseError } from '@slotscope/engine/tcp'
import type { NodeArguments } from './arguments.ts'
import { type LogLine, openLog } from './node-log.ts'
import { bytesOf, type Directive, SettingsError, textOf, valuesOf } from './node-settings.ts'

/** 0600 would keep what the node writes from whoever looks after the machine. */
const FOLDER_MODE = 0o755

/** What the reference does unless it is told otherwise, where a node of a cluster within a program does something else. */
const DEFAULTS = { 'cluster-enabled': 'no', 'protected-mode': 'yes', bind: '* -::*' } as const

/**
 * One node as a process of its own, in place of a valkey-server: its parameters, its log lines, its exit codes. Throws `SettingsError`
 * for a parameter that is unknown or wrong; when it cannot listen, the log says why and the process ends with 1.
 */
export async function runNode({ directives, configFile }: NodeArguments): Promise<void> {
  const declared = directives.filter(({ name }) => name === 'user')
  const {
    port = '6379',
    bind = DEFAULTS.bind,
    dir = '.',
    logfile = '',
    pidfile = '',
    ...others
  } = valuesOf(directives.filter(({ name }) => name !== 'user'))
  const { 'cluster-config-file': nodesFile = 'nodes.conf', 'cluster-port': busPort, ...config } = others
  // As the reference does, so that relative names are meant from there, whenever they are given.
  const directory = enterFolder()
  const log = makeLog()
  const server = makeServer()
  await listen()
  if (pidfile !== '') keepProcessId(textOf(pidfile), log)
  for (const name of server.listening) if (name !== 'cluster') log('notice', `Ready to accept connections ${name}`)
  const end = (exitCode: number) => {
    if (pidfile !== '') rmSync(textOf(pidfile), { force: true })
    process.exit(exitCode)
  }
  const quit = () => {
    log('notice', 'User requested shutdown...')
    void server.close().then(() => end(0))
  }
  process.on('SIGINT', quit)
  process.on('SIGTERM', quit)

  function enterFolder(): string {
    try {
      // The last part only: Node never comes back from asking for a path with its parents where none can be made, as in /proc.
      if (!existsSync(textOf(dir))) mkdirSync(textOf(dir), { mode: FOLDER_MODE })
      process.chdir(textOf(dir))
      return process.cwd()
    } catch (error) {
      throw new SettingsError(lineOf('dir', directives), `Can't chdir to '${textOf(dir)}': ${(error as Error).message}`)
    }
  }

  function makeLog(): LogLine {
    try {
      return openLog(textOf(logfile))
    } catch (error) {
      throw new SettingsError(lineOf('logfile', directives), `Can't open the log file: ${(error as Error).message}`)
    }
  }

  function makeServer(): NodeServer {
    try {
      return new NodeServer({
        bind,
        port: portOf(port, directives),
        ...(busPort === undefined || busPort === '0' ? {} : { busPort: Number(busPort) }),
        seed: randomInt(2 ** 31),
        disk: new DirectoryDisk(directory, { 'nodes.conf': textOf(nodesFile) }),
        config: { ...config, dir: bytesOf(directory), logfile, pidfile, 'cluster-config-file': nodesFile },
        defaults: DEFAULTS,
        users: declared.map(({ words }) => words),
        ...(configFile === undefined ? {} : { configFile: bytesOf(configFile) }),
        log,
        stopped: (exitCode) => end(exitCode)
      })
    } catch (error) {
      if (!(error instanceof AclError)) throw blamed(error, directives)
      const line = error.declaration === undefined ? undefined : declared[error.declaration]
      if (line) throw new SettingsError(line, error.message)
      log('warning', `Aborting Valkey startup because of ACL errors: ${error.message}`)
      process.exit(1)
    }
  }

  async function listen(): Promise<void> {
    try {
      await server.listen()
    } catch (error) {
      if (!(error instanceof PortInUseError || error instanceof ListenError)) throw error
      log('warning', error instanceof ListenError ? error.message : `Failed listening on port ${error.port}, aborting.`)
      process.exit(1)
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
  if (!/^-?\d{1,16}$/.test(text)) throw new SettingsError(lineOf('port', directives), "argument couldn't be parsed into an integer")
  const port = Number(text)
  if (port >= 0 && port <= 65_535) return port
  throw new SettingsError(lineOf('port', directives), 'argument must be between 0 and 65535 inclusive')
}

function lineOf(name: string, directives: readonly Directive[]): Directive {
  return directives.findLast((one) => one.name === name) ?? { name, words: [], file: '', line: 0, text: name }
}

/** Without it the node runs all the same, as the reference does. */
function keepProcessId(path: string, log: LogLine): void {
  try {
    writeFileSync(path, `${process.pid}\n`)
  } catch (error) {
    log('warning', `Failed to write PID file: ${(error as Error).message}`)
  }
}
