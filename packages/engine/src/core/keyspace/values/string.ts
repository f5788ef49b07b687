import { EMPTY_BYTES, latin1Bytes, parseInteger } from '../../bytes.ts'

/** A string: any bytes. Integers are kept as bytes and read when asked. */
export class StringValue {
  readonly type = 'string'
  #bytes: Uint8Array

  /** Keeps `bytes` as they are: pass a copy that nobody changes. */
  constructor(bytes: Uint8Array = EMPTY_BYTES) {
    this.#bytes = bytes
  }

  get bytes(): Uint8Array {
    return this.#bytes
  }

  get length(): number {
    return this.#bytes.length
  }

  replace(bytes: Uint8Array): void {
    this.#bytes = bytes
  }

  replaceWithInteger(value: number | bigint): void {
    this.#bytes = latin1Bytes(value.toString())
  }

  /** As `string2ll`; undefined when this is not a 64-bit integer in canonical form. */
  integer(): number | bigint | undefined {
    return parseInteger(this.#bytes)
  }

  /** What OBJECT ENCODING says: `int`, `embstr` up to 44 bytes, `raw` (Valkey `object.c`). */
  get encoding(): string {
    if (this.#bytes.length <= 20 && this.integer() !== undefined) return 'int'
    return this.#bytes.length <= 44 ? 'embstr' : 'raw'
  }
}
