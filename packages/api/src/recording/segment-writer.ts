import { type FileHandle, open } from 'node:fs/promises'

const NEWLINE = Buffer.from('\n')
/** More than that waits for the disk only when the disk does not keep up: the recording has a gap then. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024
/** So much is written at once without waiting for the next tick. */
const BATCH_BYTES = 256 * 1024

/** Appends lines to one file in batches. Nothing here is waited for by whoever has a line: a failure is told to `onFailure`, once. */
export class SegmentWriter {
  readonly #path: string
  readonly #onFailure: (error: unknown) => void
  readonly #file: Promise<FileHandle>
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #written: Promise<void>
  #bytes = 0
  #failed = false

  constructor(path: string, onFailure: (error: unknown) => void) {
    this.#path = path
    this.#onFailure = onFailure
    this.#file = open(path, 'wx', 0o600)
    this.#written = this.#file.then(
      () => undefined,
      (error) => this.#fail(error)
    )
  }

  /** Lines taken so far, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  get path(): string {
    return this.#path
  }

  append(line: Uint8Array): void {
    if (this.#failed) return
    this.#waiting.push(line, NEWLINE)
    this.#waitingBytes += line.length + 1
    this.#bytes += line.length + 1
    if (this.#waitingBytes > MOST_WAITING_BYTES) this.#fail(new Error('the disk is too slow for what there is to record'))
    else if (this.#waitingBytes >= BATCH_BYTES) void this.flush()
  }

  /** Resolves when everything taken so far is written, or has failed. */
  flush(): Promise<void> {
    this.#written = this.#written.then(() => this.#write())
    return this.#written
  }

  /** Writes what is left and closes the file. */
  async close(): Promise<void> {
    await this.flush()
    await this.#file.then((file) => file.close()).catch((error: unknown) => this.#fail(error))
  }

  async #write(): Promise<void> {
    if (this.#failed || this.#waiting.length === 0) return
    const lines = Buffer.concat(this.#waiting)
    this.#waiting = []
    this.#waitingBytes = 0
    try {
      await (await this.#file).appendFile(lines)
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return
    this.#failed = true
    this.#waiting = []
    this.#waitingBytes = 0
    this.#onFailure(error)
  }
}
