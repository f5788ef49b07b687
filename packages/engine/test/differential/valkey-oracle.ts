import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, type Run, streamLine } from './command-runs.ts'
import { eventOf, partsOf } from './keyevent.ts'
import { RawConnection } from './raw-connection.ts'
import type { ReplyTree } from './reply-frame.ts'

/** The real server to compare with: named by the environment, or unpacked by the project's own script. */
export const valkeyServer = process.env.VALKEY_SERVER ?? fileURLToPath(new URL('../../../../.valkey/bin/valkey-server', import.meta.url))

export function hasValkey(): boolean {
  return existsSync(valkeyServer)
}

/** Alone with all keys, or a node of a cluster. */
export type ServerMode = 'standalone' | 'cluster'

const MARKER = 'differential:marker'

/**
 * A real valkey-server, alone or as a node of a cluster that owns all slots, with three connections: one that gives commands, one that listens
 * to keyspace events, and one that follows the replication stream as a replica does.
 */
export class ValkeyOracle {
  readonly mode: ServerMode
  readonly #process: ChildProcess
  readonly #port: number
  readonly #folder: string
  readonly #commands: RawConnection
  readonly #events: RawConnection
  readonly #stream: RawConnection
  #streamDatabase = 0
  #markers = 0

  private constructor(
    mode: ServerMode,
    process: ChildProcess,
    port: number,
    folder: string,
    connections: readonly [RawConnection, RawConnection, RawConnection]
  ) {
    this.mode = mode
    this.#process = process
    this.#port = port
    this.#folder = folder
    ;[this.#commands, this.#events, this.#stream] = connections
  }

  static async start(mode: ServerMode = 'cluster'): Promise<ValkeyOracle> {
    const folder = mkdtempSync(join(tmpdir(), 'slotscope-oracle-'))
    const port = await freePort()
    const settings = {
      port: String(port),
      bind: '127.0.0.1',
      dir: folder,
      save: '',
      appendonly: 'no',
      ...(mode === 'cluster' ? { 'cluster-enabled': 'yes', 'cluster-databases': '16' } : {}),
      'notify-keyspace-events': 'KEA',
      'enable-debug-command': 'yes',
      'repl-diskless-sync-delay': '0',
      // The follower of the stream acknowledges nothing after its beginning.
      'repl-timeout': '3600'
    }
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
    const process = spawn(valkeyServer, args, { stdio: 'ignore' })
    const commands = await RawConnection.open(port, process)
    if (mode === 'cluster') await commands.call(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383'])
    while (mode === 'cluster' && !String(await commands.call(['CLUSTER', 'INFO'])).includes('cluster_state:ok'));
    // Only what a command does is compared here: nothing may vanish by itself.
    await commands.call(['DEBUG', 'SET-ACTIVE-EXPIRE', '0'])
    const events = await RawConnection.open(port, process)
    await events.call(['PSUBSCRIBE', '__keyevent@*__:*'])
    const stream = await RawConnection.open(port, process)
    await stream.followReplication()
    const oracle = new ValkeyOracle(mode, process, port, folder, [commands, events, stream])
    await oracle.run([])
    return oracle
  }

  /** One more client. */
  connect(): Promise<RawConnection> {
    return RawConnection.open(this.#port, this.#process)
  }

  /** One reply as a tree. */
  call(command: Command): Promise<ReplyTree> {
    return this.#commands.call(command)
  }

  /** Gives the commands in one go and waits for their replies, events and effects. */
  async run(commands: readonly Command[]): Promise<Run> {
    const marker = `${MARKER}:${++this.#markers}`
    const nowMs = Date.now()
    this.#commands.write([...commands, ['SET', marker, ''], ['DEL', marker]])
    const replies: string[] = []
    for (let i = 0; i < commands.length + 2; i++) replies.push(await this.#commands.nextRaw())
    const events: string[] = []
    for (;;) {
      const event = eventOf(await this.#events.nextTree())
      if (event?.key === marker) {
        if (event.name === 'del') break
      } else if (event) events.push(`${event.database} ${event.name} ${event.key}`)
    }
    const stream: string[] = []
    for (;;) {
      const parts = partsOf(await this.#stream.nextTree())
      const name = parts[0]?.toUpperCase()
      if (name === 'SELECT') this.#streamDatabase = Number(parts[1])
      if (parts[1] === marker && name === 'DEL') break
      if (name === 'SELECT' || name === 'MULTI' || name === 'EXEC' || name === 'PING' || name === 'REPLCONF' || parts[1] === marker)
        continue
      stream.push(streamLine(this.#streamDatabase, parts, nowMs))
    }
    return { replies: replies.slice(0, commands.length), events, stream }
  }

  async close(): Promise<void> {
    for (const connection of [this.#commands, this.#events, this.#stream]) connection.close()
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGTERM')
      await ended
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** A port whose bus port is free too. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_100 + Math.floor(Math.random() * 12_000)
    if ((await canListen(port)) && (await canListen(port + 10_000))) return port
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
