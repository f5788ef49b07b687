import type { Template } from './random-templates.ts'

/** Strings. */
export const STRING_TEMPLATES: readonly Template[] = [
  (g) => ['GET', g.key()],
  (g) => ['SET', g.key(), g.value()],
  (g) => ['SET', g.key(), g.value(), ...g.some('NX', 'XX', 'GET', 'KEEPTTL'), ...g.maybe(g.time()), ...g.maybe(['IFEQ', g.value()], 0.2)],
  (g) => ['SETNX', g.key(), g.value()],
  (g) => ['SETEX', g.key(), g.one(g.seconds(), '0', '-1'), g.value()],
  (g) => ['PSETEX', g.key(), g.one(g.milliseconds(), '0', '-1'), g.value()],
  (g) => ['GETSET', g.key(), g.value()],
  (g) => ['GETDEL', g.key()],
  (g) => ['GETEX', g.key(), ...g.maybe(g.time()), ...g.some('PERSIST')],
  (g) => ['MGET', ...g.keys()],
  (g) => [g.one('MSET', 'MSETNX'), ...g.keys().flatMap((key) => [key, g.value()])],
  (g) => {
    const pairs = g.times(1 + g.below(3), () => [g.ownKey(), g.value()])
    return ['MSETEX', String(pairs.length), ...pairs.flat(), ...g.some('NX', 'XX', 'KEEPTTL'), ...g.maybe(g.time())]
  },
  (g) => ['APPEND', g.key(), g.value()],
  (g) => ['STRLEN', g.key()],
  (g) => [g.one('GETRANGE', 'SUBSTR'), g.key(), g.index(), g.index()],
  (g) => ['SETRANGE', g.key(), g.one('0', '1', '5', '70', '-1', '536870912'), g.value()],
  (g) => [g.one('INCR', 'DECR'), g.key()],
  (g) => [g.one('INCRBY', 'DECRBY'), g.key(), g.integer()],
  (g) => ['INCRBYFLOAT', g.key(), g.float()],
  (g) => ['DELIFEQ', g.key(), g.value()],
  (g) => ['SET', g.key(), g.one('0', '7', '-12')],
  (g) => [g.one('INCRBY', 'DECRBY'), g.key(), g.one('3', '-7')],
  (g) => g.either(['SETEX', g.key(), g.seconds(), g.value()], ['PSETEX', g.key(), g.milliseconds(), g.value()]),
  (g) => ['SET', g.key(), g.value(), ...g.time(), ...g.maybe(['GET'])],
  (g) => ['GETEX', g.key(), ...g.time()],
  (g) => ['MSETEX', '1', g.ownKey(), g.value(), ...g.time()],
  (g) => ['MSETEX', '2', g.ownKey(), g.value(), g.ownKey(), g.value(), g.one('EXAT', 'PXAT'), '4102444800123']
]

/** Strings as bits. */
export const BITMAP_TEMPLATES: readonly Template[] = [
  (g) => ['SETBIT', g.key(), g.bitOffset(), g.one('0', '1')],
  (g) => ['GETBIT', g.key(), g.bitOffset()],
  (g) => ['BITCOUNT', g.key(), ...g.bitPart()],
  (g) => ['BITPOS', g.key(), g.one('0', '1'), ...g.bitPart()],
  (g) => ['BITOP', g.one('AND', 'or', 'XOR'), g.key(), ...g.keys()],
  (g) => ['BITOP', 'NOT', g.key(), g.key()],
  (g) => ['BITFIELD', g.key(), ...g.times(1 + g.below(4), () => g.fieldStep()).flat()],
  (g) => ['BITFIELD_RO', g.key(), ...g.times(1 + g.below(2), () => ['GET', g.bitType(), g.bitOffset()]).flat()]
]

/** HyperLogLogs: values are drawn from few and from many. */
export const HYPERLOGLOG_TEMPLATES: readonly Template[] = [
  (g) => ['PFADD', g.key(), ...g.times(g.below(4), () => g.value())],
  (g) => ['PFADD', g.key(), ...g.times(1 + g.below(60), () => String(g.below(100_000)))],
  (g) => ['PFCOUNT', ...g.keys()],
  (g) => ['PFMERGE', ...g.keys()],
  (g) => ['PFDEBUG', g.one('ENCODING', 'decode', 'TODENSE', 'GETREG'), g.key()]
]
