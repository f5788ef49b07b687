import { ByteBuffer } from '../byte-buffer.ts'
import { latin1Text } from '../bytes.ts'
import type { Node } from '../node.ts'
import { DatasetLoader } from './dataset-loader.ts'

const MARK_BYTES = 40
/** Longest line that says how a payload ends. */
const LONGEST_HEAD_BYTES = 100

/**
 * The payload of a full sync as it arrives: a line that says how it ends (`$<length>`, or `$EOF:<mark>` when the primary does
 * not know the length), then an RDB, then the mark.
 */
export class IncomingPayload {
  readonly #node: Node
  #phase: 'head' | 'rdb' | 'mark' | 'complete' = 'head'
  #loader: DatasetLoader | undefined
  /** Bytes of the RDB still to come; undefined: it ends with the mark. */
  #left: number | undefined
  #mark = ''
  readonly #line = new ByteBuffer(64)
  #problem: string | undefined

  constructor(node: Node) {
    this.#node = node
  }

  /** The dataset is here, and may be installed. */
  get isComplete(): boolean {
    return this.#phase === 'complete'
  }

  /** Why this cannot be loaded. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Undefined until the first line has come. */
  get loader(): DatasetLoader | undefined {
    return this.#loader
  }

  /** Takes what belongs to the payload and returns the rest, which may be of the next part; undefined: more must come. */
  take(bytes: Uint8Array): Uint8Array | undefined {
    switch (this.#phase) {
      case 'head':
        return this.#takeHead(bytes)
      case 'rdb':
        return this.#takeRdb(bytes, this.#loader as DatasetLoader)
      case 'mark':
        return this.#takeMark(bytes)
      case 'complete':
        return bytes
    }
  }

  #takeHead(bytes: Uint8Array): Uint8Array | undefined {
    const end = bytes.indexOf(10)
    this.#line.bytes(end < 0 ? bytes : bytes.subarray(0, end))
    if (this.#line.length > LONGEST_HEAD_BYTES) return this.#fail(`bad beginning of a full sync: ${this.#takeLine().slice(0, 100)}`)
    if (end < 0) return undefined
    const line = this.#takeLine().replace(/\r$/, '')
    // An empty line keeps the link alive while the primary prepares.
    if (line !== '') {
      if (line.startsWith('$EOF:') && line.length === 5 + MARK_BYTES) this.#mark = line.slice(5)
      else if (/^\$\d{1,15}$/.test(line)) this.#left = Number(line.slice(1))
      else return this.#fail(`bad beginning of a full sync: ${line}`)
      this.#phase = 'rdb'
      this.#loader = new DatasetLoader(this.#node)
    }
    return bytes.subarray(end + 1)
  }

  #takeRdb(bytes: Uint8Array, loader: DatasetLoader): Uint8Array | undefined {
    const part = this.#left === undefined ? bytes : bytes.subarray(0, this.#left)
    const result = loader.push(part)
    if (typeof result === 'object') return this.#fail(result.problem)
    if (this.#left === undefined) {
      if (result === 'more') return undefined
      this.#phase = 'mark'
      return loader.takeRest()
    }
    this.#left -= part.length
    if ((result === 'end') !== (this.#left === 0) || (result === 'end' && loader.takeRest().length > 0)) {
      return this.#fail('the RDB has not the length that was announced')
    }
    if (result === 'more') return undefined
    this.#phase = 'complete'
    return bytes.subarray(part.length)
  }

  #takeMark(bytes: Uint8Array): Uint8Array | undefined {
    const part = bytes.subarray(0, MARK_BYTES - this.#line.length)
    this.#line.bytes(part)
    if (this.#line.length < MARK_BYTES) return undefined
    if (this.#takeLine() !== this.#mark) return this.#fail('the RDB does not end with its mark')
    this.#phase = 'complete'
    return bytes.subarray(part.length)
  }

  #takeLine(): string {
    const line = latin1Text(this.#line.view())
    this.#line.clear()
    return line
  }

  #fail(problem: string): undefined {
    this.#problem = problem
  }
}
