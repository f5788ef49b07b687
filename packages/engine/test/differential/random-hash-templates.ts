import type { Template } from './random-templates.ts'

/** Hashes, and their fields with deadlines. */
export const HASH_TEMPLATES: readonly Template[] = [
  (g) => [g.one('HSET', 'HMSET'), g.key(), ...g.times(1 + g.below(3), () => [g.field(), g.value()]).flat()],
  (g) => ['HSET', g.key(), ...g.times(2, () => [g.field(), g.integer()]).flat()],
  (g) => ['HSETNX', g.key(), g.field(), g.value()],
  (g) => ['HGET', g.key(), g.field()],
  (g) => ['HMGET', g.key(), g.field(), g.field()],
  (g) => [g.one('HGETALL', 'HKEYS', 'HVALS', 'HLEN'), g.key()],
  (g) => ['HDEL', g.key(), g.field(), g.field()],
  (g) => [g.one('HEXISTS', 'HSTRLEN'), g.key(), g.field()],
  (g) => ['HINCRBY', g.key(), g.field(), g.integer()],
  (g) => ['HINCRBYFLOAT', g.key(), g.field(), g.float()],
  (g) => ['HRANDFIELD', g.key(), g.one('0', '1000'), ...g.some('WITHVALUES')],
  (g) => ['HSCAN', g.key(), '0', ...g.maybe(['MATCH', g.one('*', 'f*', '[f-h]', '?')]), 'COUNT', '1000', ...g.some('NOVALUES')],
  (g) => ['HEXPIRE', g.key(), g.one(g.seconds(), g.seconds(), '0', '-1'), ...g.some('NX', 'XX', 'GT', 'LT'), ...g.countedFields()],
  (g) => ['HPEXPIREAT', g.key(), g.one('4102444800123', '4102444800999', '1'), ...g.some('NX', 'XX', 'GT', 'LT'), ...g.countedFields()],
  (g) => ['HEXPIREAT', g.key(), g.one('4102444800', '5', '9223372036854775807'), ...g.countedFields()],
  (g) => ['HPEXPIRE', g.key(), g.one(g.milliseconds(), '0'), ...g.countedFields()],
  (g) => [g.one('HTTL', 'HEXPIRETIME', 'HPERSIST', 'HGETDEL'), g.key(), ...g.countedFields()],
  (g) => {
    const fields = g.times(1 + g.below(2), () => [g.field(), g.value()])
    return [
      'HSETEX',
      g.key(),
      ...g.some('NX', 'XX', 'FNX', 'FXX'),
      ...g.maybe(g.time()),
      ...g.some('KEEPTTL'),
      'FIELDS',
      String(fields.length),
      ...fields.flat()
    ]
  },
  (g) => ['HGETEX', g.key(), ...g.maybe(g.time()), ...g.some('PERSIST'), ...g.countedFields()],
  (g) => [
    ...g.either(['HEXPIRE', g.key(), g.seconds()], ['HPEXPIRE', g.key(), g.milliseconds()]),
    g.one('NX', 'XX', 'GT', 'LT'),
    ...g.countedFields()
  ],
  (g) => ['HEXPIREAT', g.key(), g.one('4102444800', '4102444801'), g.one('NX', 'XX', 'GT', 'LT'), ...g.countedFields()],
  (g) => ['HPEXPIREAT', g.key(), g.one('4102444800123', '4102444801000'), g.one('NX', 'XX', 'GT', 'LT'), ...g.countedFields()],
  (g) => [g.one('HTTL', 'HPTTL', 'HEXPIRETIME', 'HPEXPIRETIME'), g.key(), ...g.countedFields()],
  (g) => ['HSETEX', g.key(), ...g.time(), 'FIELDS', '1', g.field(), g.value()],
  (g) => ['HGETEX', g.key(), ...g.time(), ...g.countedFields()]
]
