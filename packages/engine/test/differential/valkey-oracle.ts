import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, encodeCommand, type Run, streamLine } from './command-runs.ts'
import { eventOf, partsOf } from './keyevent.ts'
import { type ReplyTree, readFrame } from './reply-frame.ts'

/** The real server to compare with: named by the environment, or unpacked by the project's own script. */
export const valkeyServer = process.env.VALKEY_SERVER ?? fileURLToPath(new URL('../../../../.valkey/bin/valkey-server', import.meta.url))

export function hasValkey(): boolean {
  return existsSync(valkeyServer)
}

const MARKER = 'differential:marker'

/**
 * A real valkey-server in cluster mode that owns all slots, with three connections: one that gives commands, one that listens
 * to keyspace events, and one that follows the replication stream as a replica does.
 */
export class ValkeyOracle {
  readonly #process: ChildProcess
  readonly #folder: string
  readonly #commands: RawConnection
  readonly #events: RawConnection
  readonly #stream: RawConnection
  #streamDatabase = 0
  #markers = 0

  private constructor(process: ChildProcess, folder: string, connections: readonly [RawConnection, RawConnection, RawConnection]) {
    this.#process = process
    this.#folder = folder
    ;[this.#commands, this.#events, this.#stream] = connections
  }

  static async start(): Promise<ValkeyOracle> {
    const folder = mkdtempSync(join(tmpdir(), 'slotscope-oracle-'))
    const port = await freePort()
    const settings = {
      port: String(port),
      bind: '127.0.0.1',
      dir: folder,
      save: '',
      appendonly: 'no',
      'cluster-enabled': 'yes',
      'cluster-databases': '16',
      'notify-keyspace-events': 'KEA',
      'enable-debug-command': 'yes',
      'repl-diskless-sync-delay': '0',
      // The follower of the stream acknowledges nothing after its beginning.
      'repl-timeout': '3600'
    }
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
    const process = spawn(valkeyServer, args, { stdio: 'ignore' })
    const commands = await RawConnection.open(port, process)
    await commands.call(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383'])
    while (!String(await commands.call(['CLUSTER', 'INFO'])).includes('cluster_state:ok'));
    // Only what a command does is compared here: nothing may vanish by itself.
    await commands.call(['DEBUG', 'SET-ACTIVE-EXPIRE', '0'])
    const events = await RawConnection.open(port, process)
    await events.call(['PSUBSCRIBE', '__keyevent@*__:*'])
    const stream = await RawConnection.open(port, process)
    await stream.followReplication()
    const oracle = new ValkeyOracle(process, folder, [commands, events, stream])
    await oracle.run([])
    return oracle
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

/** A socket and the bytes that arrived on it. */
class RawConnection {
  readonly #socket: Socket
  #text = ''
  #error: Error | undefined
  #arrived: (() => void) | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      this.#text += chunk
      this.#arrived?.()
    })
    const fail = (error: Error) => {
      this.#error = error
      this.#arrived?.()
    }
    socket.on('error', fail)
    socket.on('close', () => fail(new Error('the server closed the connection')))
  }

  /** Connects as soon as the server listens; fails when it has ended instead. */
  static async open(port: number, process: ChildProcess): Promise<RawConnection> {
    for (;;) {
      if (process.exitCode !== null) throw new Error(`valkey-server ended with ${process.exitCode}`)
      const socket = connect(port, '127.0.0.1')
      const opened = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true))
        socket.once('error', () => resolve(false))
      })
      if (opened) return new RawConnection(socket)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  write(commands: readonly Command[]): void {
    this.#socket.write(commands.map(encodeCommand).join(''), 'latin1')
  }

  async call(command: Command): Promise<ReplyTree> {
    this.write([command])
    return this.nextTree()
  }

  async nextRaw(): Promise<string> {
    const { end } = await this.#next()
    const raw = this.#text.slice(0, end)
    this.#text = this.#text.slice(end)
    return raw
  }

  async nextTree(): Promise<ReplyTree> {
    const { tree, end } = await this.#next()
    this.#text = this.#text.slice(end)
    return tree
  }

  /** Full synchronisation as a replica of the simplest kind; the snapshot is thrown away. */
  async followReplication(): Promise<void> {
    await this.call(['REPLCONF', 'capa', 'eof', 'capa', 'psync2'])
    await this.call(['REPLCONF', 'version', '9.1.2'])
    this.write([['PSYNC', '?', '-1']])
    await this.#until(() => /\$EOF:.{40}\r\n/s.test(this.#text))
    const mark = /\$EOF:(.{40})\r\n/s.exec(this.#text)?.[1] ?? ''
    const start = this.#text.indexOf(mark) + 40
    await this.#until(() => this.#text.indexOf(mark, start) >= 0)
    this.#text = this.#text.slice(this.#text.indexOf(mark, start) + 40)
    // The stream begins after the first acknowledgement that the server sees once its snapshot is done.
    const acknowledging = setInterval(() => this.write([['REPLCONF', 'ACK', '0']]), 20)
    await this.#until(() => this.#text.length > 0)
    clearInterval(acknowledging)
  }

  close(): void {
    this.#socket.destroy()
  }

  async #next(): Promise<{ readonly tree: ReplyTree; readonly end: number }> {
    let frame = readFrame(this.#text, 0)
    while (!frame) {
      await this.#more()
      frame = readFrame(this.#text, 0)
    }
    return frame
  }

  async #until(claim: () => boolean): Promise<void> {
    while (!claim()) await this.#more()
  }

  async #more(): Promise<void> {
    if (this.#error) throw this.#error
    await new Promise<void>((resolve) => {
      this.#arrived = resolve
    })
    this.#arrived = undefined
    if (this.#error) throw this.#error
  }
}

/** A port whose bus port is free too. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 30_000)
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
