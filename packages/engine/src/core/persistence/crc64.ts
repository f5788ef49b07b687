/**
 * CRC-64 with the Jones polynomial 0xad93d23594c935a9, reflected in and out, initial value 0, no final xor: what RDB files and
 * DUMP payloads end with. The check value of `123456789` is e9c6d914c4b8d9ca.
 *
 * It is kept as two unsigned halves, since the core counts bytes by the hundred million and bigints are slow; four bytes
 * are folded at a time.
 */
export class Crc64 {
  #low = 0
  #high = 0

  update(bytes: Uint8Array): void {
    const length = bytes.length
    let low = this.#low
    let high = this.#high
    let at = 0
    for (; at + 4 <= length; at += 4) {
      low ^=
        (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)
      const a = (low & 255) + 768
      const b = ((low >>> 8) & 255) + 512
      const c = ((low >>> 16) & 255) + 256
      const d = low >>> 24
      low = high ^ (LOW[a] as number) ^ (LOW[b] as number) ^ (LOW[c] as number) ^ (LOW[d] as number)
      high = (HIGH[a] as number) ^ (HIGH[b] as number) ^ (HIGH[c] as number) ^ (HIGH[d] as number)
    }
    for (; at < length; at++) {
      const index = (low ^ (bytes[at] as number)) & 255
      low = ((low >>> 8) | (high << 24)) ^ (LOW[index] as number)
      high = (high >>> 8) ^ (HIGH[index] as number)
    }
    this.#low = low
    this.#high = high
  }

  /** The sum so far as 8 bytes, little endian, as files carry it. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(8)
    for (let i = 0; i < 4; i++) {
      bytes[i] = this.#low >>> (8 * i)
      bytes[i + 4] = this.#high >>> (8 * i)
    }
    return bytes
  }
}

/** The sum of `bytes` as 8 bytes, little endian. */
export function crc64(bytes: Uint8Array): Uint8Array {
  const crc = new Crc64()
  crc.update(bytes)
  return crc.bytes()
}

/** Remainders of each byte (the first 256), and of each byte followed by one, two and three zero bytes. */
const LOW = new Int32Array(1024)
const HIGH = new Int32Array(1024)

const REFLECTED_LOW = 0xac4bc9b5
const REFLECTED_HIGH = 0x95ac9329

for (let index = 0; index < 1024; index++) {
  // The table of one more zero byte carries the table before it on by eight bits.
  let low = index < 256 ? index : (LOW[index - 256] as number)
  let high = index < 256 ? 0 : (HIGH[index - 256] as number)
  for (let bit = 0; bit < 8; bit++) {
    const carry = low & 1
    low = (low >>> 1) | (high << 31)
    high >>>= 1
    if (carry) {
      low ^= REFLECTED_LOW
      high ^= REFLECTED_HIGH
    }
  }
  LOW[index] = low
  HIGH[index] = high
}
