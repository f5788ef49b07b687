import type { ChildProcess } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { type Command, encodeCommand } from './command-runs.ts'
import { frameEnd, type ReplyTree, readFrame } from './reply-frame.ts'

/** A socket and the bytes that arrived on it. */
export class RawConnection {
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

  /** The next replies, as many as that. */
  async nextRaws(count: number): Promise<string[]> {
    const replies: string[] = []
    let at = 0
    while (replies.length < count) {
      const end = frameEnd(this.#text, at)
      if (end >= 0) {
        replies.push(this.#text.slice(at, end))
        at = end
        continue
      }
      this.#text = this.#text.slice(at)
      at = 0
      await this.#more()
    }
    this.#text = this.#text.slice(at)
    return replies
  }

  /** Everything up to this text, which is taken too. */
  async textBefore(end: string): Promise<string> {
    await this.#until(() => this.#text.includes(end))
    const at = this.#text.indexOf(end)
    const before = this.#text.slice(0, at)
    this.#text = this.#text.slice(at + end.length)
    return before
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

  /** As `nextRaw`; undefined when nothing whole has come after so long. */
  async nextRawWithin(ms: number): Promise<string | undefined> {
    const endsAt = Date.now() + ms
    while (!readFrame(this.#text, 0)) {
      const left = endsAt - Date.now()
      if (left <= 0) return undefined
      await Promise.race([this.#more(), new Promise((resolve) => setTimeout(resolve, left))])
    }
    return this.nextRaw()
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
