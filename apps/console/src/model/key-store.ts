/** Characters of names in one block; a longer name has a block of its own. */
const BLOCK = 1 << 20

/**
 * Names, each once, in the order in which they came, with two words that stand beside many of them. All of it lies in a few typed arrays: a
 * million strings in a Set keep the garbage collector busy for longer than a frame, again and again.
 */
export class KeyStore {
  #count = 0
  #blocks: Uint8Array[] = []
  /** Of the last block. */
  #used = 0
  #block = new Uint32Array(1_024)
  #start = new Uint32Array(1_024)
  #length = new Uint32Array(1_024)
  #hash = new Uint32Array(1_024)
  /** Numbers of `#words`. */
  #type = new Uint16Array(1_024)
  #shard = new Uint16Array(1_024)
  /** Open addressing: index + 1, or 0. A power of two. */
  #table = new Uint32Array(4_096)
  readonly #words: string[] = []
  readonly #numbers = new Map<string, number>()

  get count(): number {
    return this.#count
  }

  /** Adds a name of ASCII characters. False: it is there already, and stays as it was. */
  add(key: string, type: string, shard: string): boolean {
    const hash = hashOf(key)
    let at = hash & (this.#table.length - 1)
    for (let held = this.#table[at]!; held !== 0; at = (at + 1) & (this.#table.length - 1), held = this.#table[at]!)
      if (this.#hash[held - 1] === hash && this.#is(held - 1, key)) return false
    if (this.#count === this.#start.length) this.#grow()
    const index = this.#count++
    this.#write(index, key)
    this.#hash[index] = hash
    this.#type[index] = this.#number(type)
    this.#shard[index] = this.#number(shard)
    this.#table[at] = this.#count
    if (2 * this.#count > this.#table.length) this.#rehash()
    return true
  }

  keyAt(index: number): string {
    const block = this.#blocks[this.#block[index]!]!
    const start = this.#start[index]!
    return textOf(block.subarray(start, start + this.#length[index]!))
  }

  typeAt(index: number): string {
    return this.#words[this.#type[index]!]!
  }

  shardAt(index: number): string {
    return this.#words[this.#shard[index]!]!
  }

  /** Names from `from` to `to`, which is not included, with a space between them: one string that crosses to a worker at no cost. */
  joined(from: number, to: number): string {
    const end = Math.min(to, this.#count)
    let size = Math.max(0, end - from - 1)
    for (let index = from; index < end; index++) size += this.#length[index]!
    const all = new Uint8Array(size).fill(SPACE)
    let at = 0
    for (let index = from; index < end; index++) {
      const start = this.#start[index]!
      const length = this.#length[index]!
      all.set(this.#blocks[this.#block[index]!]!.subarray(start, start + length), at)
      at += length + 1
    }
    return decoder.decode(all)
  }

  /** Names from `from` to `to`, which is not included. */
  slice(from: number, to: number): string[] {
    return Array.from({ length: Math.max(0, Math.min(to, this.#count) - from) }, (_, index) => this.keyAt(from + index))
  }

  #is(index: number, key: string): boolean {
    if (this.#length[index] !== key.length) return false
    const block = this.#blocks[this.#block[index]!]!
    const start = this.#start[index]!
    for (let at = 0; at < key.length; at++) if (block[start + at] !== key.charCodeAt(at)) return false
    return true
  }

  #write(index: number, key: string): void {
    if (this.#blocks.length === 0 || this.#used + key.length > BLOCK) {
      this.#blocks.push(new Uint8Array(Math.max(BLOCK, key.length)))
      this.#used = 0
    }
    this.#block[index] = this.#blocks.length - 1
    this.#start[index] = this.#used
    this.#length[index] = key.length
    encoder.encodeInto(key, this.#blocks.at(-1)!.subarray(this.#used))
    this.#used += key.length
  }

  #number(word: string): number {
    const held = this.#numbers.get(word)
    if (held !== undefined) return held
    this.#numbers.set(word, this.#words.length)
    return this.#words.push(word) - 1
  }

  #grow(): void {
    const size = 2 * this.#start.length
    const larger = (held: Uint32Array) => {
      const next = new Uint32Array(size)
      next.set(held)
      return next
    }
    this.#block = larger(this.#block)
    this.#start = larger(this.#start)
    this.#length = larger(this.#length)
    this.#hash = larger(this.#hash)
    const type = new Uint16Array(size)
    type.set(this.#type)
    this.#type = type
    const shard = new Uint16Array(size)
    shard.set(this.#shard)
    this.#shard = shard
  }

  #rehash(): void {
    const table = new Uint32Array(2 * this.#table.length)
    for (let index = 0; index < this.#count; index++) {
      let at = this.#hash[index]! & (table.length - 1)
      while (table[at] !== 0) at = (at + 1) & (table.length - 1)
      table[at] = index + 1
    }
    this.#table = table
  }
}

const SPACE = 0x20
const decoder = new TextDecoder('ascii')
const encoder = new TextEncoder()

/** Not by the decoder: each string that it makes has a handle outside the heap, which every collection of garbage looks at. */
function textOf(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 4_096) text += String.fromCharCode(...bytes.subarray(at, at + 4_096))
  return text
}

/** FNV-1a, then mixed, since the table looks at the low bits. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 0
}
