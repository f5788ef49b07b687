import type { Random } from '../src/core/prng.ts'

/** Keys of one kind share a name, so that types rarely clash; few keys, so that every command meets them in every state. */
const KEYS = 12
const FIELDS = 6

/** A write command of any type, on one of a few keys, often with a deadline that soon passes. `nowMs`: unix milliseconds. */
export function randomWrite(random: Random, nowMs: number): string[] {
  const n = () => String(random.below(FIELDS))
  const name = (kind: string) => `{${random.below(3)}}${kind}${random.below(KEYS)}`
  const field = () => `f${random.below(FIELDS)}`
  const soon = () => String(nowMs + random.below(3000))
  const kinds: (() => string[])[] = [
    () => ['SET', name('s'), n()],
    () => ['SET', name('s'), n(), 'PX', String(1 + random.below(2000))],
    () => ['INCR', name('s')],
    () => ['APPEND', name('s'), '1'],
    () => ['GETEX', name('s'), 'PX', '1500'],
    () => ['INCRBYFLOAT', name('s'), '0.5'],
    () => ['SETRANGE', name('s'), '1', '7'],
    () => ['PEXPIRE', name(one(random, 'shlzt')), String(random.below(2500))],
    () => ['PERSIST', name(one(random, 'shlzt'))],
    () => ['DEL', name(one(random, 'shlzt'))],
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
    () => ['SREM', name('t'), n()]
  ]
  return (kinds[random.below(kinds.length)] as () => string[])()
}

function one(random: Random, letters: string): string {
  return letters[random.below(letters.length)] as string
}
