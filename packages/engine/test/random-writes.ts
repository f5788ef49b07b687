import type { Random } from '../src/core/prng.ts'

/** Keys of one kind share a name, so that types rarely clash; few keys, so that every command meets them in every state. */
const KEYS = 12
const FIELDS = 6

/** Where a write has its key: XGROUP and XREADGROUP have it later than others. */
export function keyOf(write: readonly string[]): string {
  return write.find((part) => part.startsWith('{')) ?? ''
}

/** A write command of any type, on one of a few keys, often with a deadline that soon passes. `nowMs`: unix milliseconds. */
export function randomWrite(random: Random, nowMs: number): string[] {
  const n = () => String(random.below(FIELDS))
  const name = (kind: string) => `{${random.below(3)}}${kind}${random.below(KEYS)}`
  const field = () => `f${random.below(FIELDS)}`
  /** Another key of the same slot. */
  const beside = (key: string, kind: string) => `${key.slice(0, 3)}${kind}${random.below(KEYS)}`
  const soon = () => String(nowMs + random.below(3000))
  const kinds: (() => string[])[] = [
    () => ['SET', name('s'), n()],
    () => ['SET', name('s'), n(), 'PX', String(1 + random.below(2000))],
    () => {
      const key = name('s')
      return ['MSETEX', '2', key, n(), beside(key, 's'), n(), ...(random.below(2) === 0 ? ['KEEPTTL'] : ['PX', soon().slice(-4)])]
    },
    () => {
      const key = name(one(random, 'lt'))
      return ['SORT', key, 'BY', 'nosort', 'GET', '#', 'GET', `${key.slice(0, 3)}s*`, 'STORE', beside(key, 'l')]
    },
    () => ['INCR', name('s')],
    () => ['APPEND', name('s'), '1'],
    () => ['GETEX', name('s'), 'PX', '1500'],
    () => ['INCRBYFLOAT', name('s'), '0.5'],
    () => ['SETRANGE', name('s'), '1', '7'],
    () => ['PEXPIRE', name(one(random, 'shlztx')), String(random.below(2500))],
    () => ['PERSIST', name(one(random, 'shlztx'))],
    () => ['DEL', name(one(random, 'shlztx'))],
    () => ['HSET', name('h'), field(), n(), field(), n()],
    () => ['HSETEX', name('h'), 'PXAT', soon(), 'FIELDS', '1', field(), n()],
    () => ['HPEXPIRE', name('h'), String(random.below(2500)), 'FIELDS', '2', 'f0', 'f1'],
    () => ['HPERSIST', name('h'), 'FIELDS', '1', field()],
    () => ['HGETEX', name('h'), 'PERSIST', 'FIELDS', '1', field()],
    () => ['HDEL', name('h'), field()],
    () => ['HINCRBY', name('h'), field(), '3'],
    () => ['RPUSH', name('l'), n(), n()],
    () => ['LPUSH', name('l'), n()],
    () => ['LPOP', name('l'), '2'],
    () => ['LTRIM', name('l'), '0', '4'],
    () => ['LREM', name('l'), '1', n()],
    () => ['ZADD', name('z'), String(random.below(100) / 8), field()],
    () => ['ZINCRBY', name('z'), '1.5', field()],
    () => ['ZPOPMIN', name('z')],
    () => ['SADD', name('t'), n(), field()],
    () => ['SPOP', name('t')],
    () => ['SREM', name('t'), n()],
    ...streamWrites(random, name, field, n)
  ]
  return (kinds[random.below(kinds.length)] as () => string[])()
}

function streamWrites(random: Random, name: (kind: string) => string, field: () => string, n: () => string): (() => string[])[] {
  const key = () => name('x')
  const id = () => `${n()}-${random.below(4)}`
  const consumer = () => `c${random.below(3)}`
  return [
    () => ['XADD', key(), `${n()}-*`, field(), n()],
    () => ['XADD', key(), 'MAXLEN', '~', '150', '*', field(), n(), field(), n()],
    () => ['XADD', key(), 'NOMKSTREAM', 'MAXLEN', '8', '*', field(), n()],
    () => ['XTRIM', key(), ...(random.below(2) === 0 ? ['MAXLEN', n()] : ['MINID', '~', id()])],
    () => ['XDEL', key(), id(), id()],
    () => ['XGROUP', 'CREATE', key(), 'g', '0', 'MKSTREAM'],
    () => ['XGROUP', one(random, 'ds') === 'd' ? 'DELCONSUMER' : 'CREATECONSUMER', key(), 'g', consumer()],
    () => (random.below(5) === 0 ? ['XGROUP', 'DESTROY', key(), 'g'] : ['XGROUP', 'SETID', key(), 'g', id()]),
    () => ['XREADGROUP', 'GROUP', 'g', consumer(), 'COUNT', '3', 'STREAMS', key(), '>'],
    () => ['XREADGROUP', 'GROUP', 'g', consumer(), 'NOACK', 'STREAMS', key(), '>'],
    () => ['XACK', key(), 'g', id(), id(), id()],
    () => ['XCLAIM', key(), 'g', consumer(), '0', id(), id(), 'FORCE'],
    () => ['XAUTOCLAIM', key(), 'g', consumer(), '0', '-', 'COUNT', '2', 'JUSTID']
  ]
}

function one(random: Random, letters: string): string {
  return letters[random.below(letters.length)] as string
}
