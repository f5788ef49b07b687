import { type Caller, type CallOptions, type Command, ErrorReply, type NodeAddress, type Reply } from '../src/caller.ts'
import type { FakeCluster } from './fake-cluster.ts'

/** mulberry32: the same seed, the same replies. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const words = [
  '',
  '__proto__',
  'constructor',
  'toString',
  'db0',
  'db-1',
  'keys=NaN,expires=1e999',
  'cluster_current_epoch:18446744073709551615',
  'master_repl_offset:-9223372036854775808',
  '\0',
  '\ud800',
  '<script>alert(1)</script>',
  '127.0.0.1:99999@1',
  '0-16383',
  '[5->-',
  'txt:',
  '-1',
  '1e400',
  '9223372036854775808'
] as const

/**
 * A cluster whose nodes lie: each reply is the true one, the true one changed, or anything at all. With `share` 0 they are honest
 * again.
 */
export class HostileCaller implements Caller {
  readonly #cluster: FakeCluster
  readonly #random: () => number
  /** Of replies that are not the true ones, 0..1. */
  share = 1
  replies = 0

  constructor(cluster: FakeCluster, seed: number) {
    this.#cluster = cluster
    this.#random = randomFrom(seed)
  }

  async pipeline(node: NodeAddress, commands: readonly Command[], options: CallOptions): Promise<readonly Reply[]> {
    const replies = await this.#cluster.pipeline(node, commands, options)
    this.replies += replies.length
    return replies.map((reply) => (this.#random() < this.share ? this.#lie(reply) : reply))
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count)
  }

  #lie(truth: Reply): Reply {
    return this.#random() < 0.6 ? this.#changed(truth) : this.anything(0)
  }

  /** Any reply that a protocol can carry. */
  anything(depth: number): Reply {
    const few = depth > 4 ? 0 : this.#below(this.#random() < 0.02 ? 300 : 5)
    switch (this.#below(depth > 4 ? 9 : 12)) {
      case 0:
        return null
      case 1:
        return this.#random() < 0.5
      case 2:
        return [0, -1, 1.5, 2 ** 53, -(2 ** 63), Number.NaN, Number.POSITIVE_INFINITY, 16_384][this.#below(8)] as number
      case 3:
        return [2n ** 63n, -(2n ** 63n), 0n, 2n ** 64n - 1n][this.#below(4)] as bigint
      case 4:
      case 5:
        return words[this.#below(words.length)] as string
      case 6:
        return Uint8Array.from({ length: this.#below(40) }, () => this.#below(256))
      case 7:
        return new ErrorReply(['ERR no', 'NOPERM this', 'MOVED 1 a:b', '', 'LOADING x', 'CLUSTERDOWN'][this.#below(6)] as string)
      case 8:
        return 'x'.repeat(this.#below(2_000))
      case 9:
        return new Map(Array.from({ length: few }, () => [this.anything(depth + 1), this.anything(depth + 1)] as const))
      case 10: {
        let deep: Reply = 'end'
        for (let i = 0; i < 2_000; i++) deep = [deep]
        return deep
      }
      default:
        return Array.from({ length: few }, () => this.anything(depth + 1))
    }
  }

  /** The true reply with something wrong in it. */
  #changed(truth: Reply): Reply {
    if (typeof truth === 'string') return this.#changedText(truth)
    if (truth instanceof Uint8Array) return truth.subarray(0, this.#below(truth.length + 1))
    if (truth instanceof Map) {
      const entries = [...(truth as ReadonlyMap<Reply, Reply>)]
      const at = this.#below(entries.length + 1)
      return new Map(
        entries.map(([key, value], i) => (i === at ? [this.#random() < 0.3 ? this.anything(3) : key, this.#lie(value)] : [key, value]))
      )
    }
    if (Array.isArray(truth)) {
      const list = [...(truth as readonly Reply[])]
      const at = this.#below(list.length + 1)
      const way = this.#below(5)
      if (way === 0) list.splice(at, 1)
      else if (way === 1) list.splice(at, 0, this.anything(2))
      else if (at < list.length) list[at] = this.#lie(list[at] as Reply)
      return list
    }
    return this.anything(3)
  }

  #changedText(text: string): string {
    const at = this.#below(text.length + 1)
    const [head, tail] = [text.slice(0, at), text.slice(at)]
    switch (this.#below(6)) {
      case 0:
        return head
      case 1:
        return head + words[this.#below(words.length)] + tail
      case 2:
        return head + tail.slice(1 + this.#below(12))
      case 3:
        return head + head + tail
      case 4:
        return text.replace(/\d+/g, (digits) => (this.#random() < 0.1 ? '18446744073709551615' : digits))
      default:
        return head + String.fromCharCode(this.#below(0x250)) + tail.slice(1)
    }
  }
}
