import type { Command } from './command-runs.ts'
import type { RawConnection } from './raw-connection.ts'
import type { ReplyTree } from './reply-frame.ts'
import { DEFAULT_PARAMETERS, type Side, type Step } from './step.ts'
import { type ServerMode, ValkeyProcess } from './valkey-process.ts'

/** A real valkey-server. */
export class ValkeySide implements Side {
  readonly #process: ValkeyProcess
  /** For what is none of the steps. */
  readonly #own: RawConnection
  #client: RawConnection | undefined
  #listener: RawConnection | undefined
  #fences = 0

  private constructor(process: ValkeyProcess, own: RawConnection) {
    this.#process = process
    this.#own = own
  }

  static async start(mode: ServerMode = 'cluster'): Promise<ValkeySide> {
    // So that both write the same bytes: the engine does not compress. And whoever blocks is let go soon after its time.
    const process = await ValkeyProcess.start(mode, { rdbcompression: 'no', hz: '500' })
    return new ValkeySide(process, await process.connect())
  }

  call(command: Command): Promise<ReplyTree> {
    return this.#own.call(command)
  }

  async reset(): Promise<void> {
    this.#client?.close()
    this.#listener?.close()
    this.#own.write([
      ['FLUSHALL', 'SYNC'],
      ['CONFIG', 'SET', ...Object.entries(DEFAULT_PARAMETERS).flat()]
    ])
    for (const reply of await this.#own.nextRaws(2)) if (reply !== '+OK\r\n') throw new Error(`the real server says ${reply}`)
    this.#client = await this.#process.connect()
    this.#listener = await this.#process.connect()
  }

  commands(steps: readonly Step[]): Promise<string[]> {
    this.#clientLink.write(steps)
    return this.#clientLink.nextRaws(steps.length)
  }

  /** What it has received ends where the answer to a PING of our own begins. */
  async listener(command: Command): Promise<string> {
    if (!this.#listener) throw new Error('reset comes first')
    const fence = `fence-${++this.#fences}`
    this.#listener.write([command, ['PING', fence]])
    const text = await this.#listener.textBefore(`$${fence.length}\r\n${fence}\r\n`)
    // In RESP2, one that listens is answered by an array of two.
    return text.endsWith(SUBSCRIBED_PONG) ? text.slice(0, -SUBSCRIBED_PONG.length) : text
  }

  /** Under `import-mode` nobody removes what has expired. */
  async past(database: string, command: Command): Promise<string> {
    this.#own.write([
      ['SELECT', database],
      ['TYPE', command[1] ?? ''],
      ['CONFIG', 'SET', 'import-mode', 'yes'],
      command,
      ['CONFIG', 'SET', 'import-mode', 'no']
    ])
    return (await this.#own.nextRaws(5))[3] ?? ''
  }

  async close(): Promise<void> {
    this.#client?.close()
    this.#listener?.close()
    this.#own.close()
    await this.#process.close()
  }

  get #clientLink(): RawConnection {
    if (!this.#client) throw new Error('reset comes first')
    return this.#client
  }
}

const SUBSCRIBED_PONG = '*2\r\n$4\r\npong\r\n'
