import type { Command } from './command-runs.ts'
import type { CommandGenerator } from './random-commands.ts'
import { STREAM_TEMPLATES } from './random-stream-commands.ts'
import { DUMPED_STRING } from './random-values.ts'

export type Template = (g: CommandGenerator) => Command

/** Commands whose answer is drawn at random are given so that nothing is left to draw. */
export const TEMPLATES: readonly Template[] = [
  // strings
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
  // bitmaps
  (g) => ['SETBIT', g.key(), g.bitOffset(), g.one('0', '1')],
  (g) => ['GETBIT', g.key(), g.bitOffset()],
  (g) => ['BITCOUNT', g.key(), ...g.bitPart()],
  (g) => ['BITPOS', g.key(), g.one('0', '1'), ...g.bitPart()],
  (g) => ['BITOP', g.one('AND', 'or', 'XOR'), g.key(), ...g.keys()],
  (g) => ['BITOP', 'NOT', g.key(), g.key()],
  (g) => ['BITFIELD', g.key(), ...g.times(1 + g.below(4), () => g.fieldStep()).flat()],
  (g) => ['BITFIELD_RO', g.key(), ...g.times(1 + g.below(2), () => ['GET', g.bitType(), g.bitOffset()]).flat()],
  // HyperLogLogs: values are drawn from few and from many
  (g) => ['PFADD', g.key(), ...g.times(g.below(4), () => g.value())],
  (g) => ['PFADD', g.key(), ...g.times(1 + g.below(60), () => String(g.below(100_000)))],
  (g) => ['PFCOUNT', ...g.keys()],
  (g) => ['PFMERGE', ...g.keys()],
  (g) => ['PFDEBUG', g.one('ENCODING', 'decode', 'TODENSE', 'GETREG'), g.key()],
  // hashes
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
  // hash fields with deadlines
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
  // lists
  (g) => [g.one('LPUSH', 'RPUSH', 'LPUSHX', 'RPUSHX'), g.key(), ...g.times(1 + g.below(4), () => g.value())],
  (g) => [g.one('LPOP', 'RPOP'), g.key(), ...g.maybe([g.one('0', '1', '2', '100', '-1')])],
  (g) => ['LLEN', g.key()],
  (g) => [g.one('LRANGE', 'LTRIM'), g.key(), g.index(), g.index()],
  (g) => ['LRANGE', g.key(), '0', '-1'],
  (g) => ['LINDEX', g.key(), g.index()],
  (g) => ['LSET', g.key(), g.one('0', '1', '-1', '-2', '100', '-100'), g.value()],
  (g) => ['LINSERT', g.key(), g.one('BEFORE', 'after'), g.value(), g.value()],
  (g) => ['LREM', g.key(), g.one('0', '1', '-1', '2', '-2'), g.value()],
  (g) => [
    'LPOS',
    g.key(),
    g.value(),
    ...g.maybe(['RANK', g.index()]),
    ...g.maybe(['COUNT', g.one('0', '1', '2')]),
    ...g.maybe(['MAXLEN', g.one('0', '2')])
  ],
  (g) => ['LMOVE', g.key(), g.key(), g.one('LEFT', 'RIGHT'), g.one('LEFT', 'RIGHT')],
  (g) => ['RPOPLPUSH', g.key(), g.key()],
  (g) => {
    const keys = g.keys()
    return ['LMPOP', String(keys.length), ...keys, g.one('LEFT', 'RIGHT'), ...g.maybe(['COUNT', g.one('1', '3')])]
  },
  // sets
  (g) => ['SADD', g.key(), ...g.times(1 + g.below(4), () => g.value())],
  (g) => ['SADD', g.key(), ...g.times(1 + g.below(4), () => String(g.below(12)))],
  (g) => ['SREM', g.key(), g.value(), String(g.below(12))],
  (g) => [g.one('SMEMBERS', 'SCARD'), g.key()],
  (g) => ['SISMEMBER', g.key(), g.value()],
  (g) => ['SMISMEMBER', g.key(), g.value(), '3'],
  (g) => ['SPOP', g.key(), g.one('0', '1000')],
  (g) => ['SRANDMEMBER', g.key(), g.one('0', '1000')],
  (g) => ['SMOVE', g.key(), g.key(), g.one('3', '10', 'v')],
  (g) => [g.one('SINTER', 'SUNION', 'SDIFF'), ...g.keys()],
  (g) => [g.one('SINTERSTORE', 'SUNIONSTORE', 'SDIFFSTORE'), g.key(), ...g.keys()],
  (g) => {
    const keys = g.keys()
    return ['SINTERCARD', String(keys.length), ...keys, ...g.maybe(['LIMIT', g.one('0', '1', '2')])]
  },
  (g) => ['SSCAN', g.key(), '0', ...g.maybe(['MATCH', g.one('*', '1*')]), 'COUNT', '1000'],
  // sorted sets
  (g) => ['ZADD', g.key(), ...g.some('NX', 'XX', 'GT', 'LT', 'CH'), ...g.times(1 + g.below(3), () => [g.score(), g.field()]).flat()],
  (g) => ['ZADD', g.key(), ...g.some('NX', 'GT', 'XX'), 'INCR', g.score(), g.field()],
  (g) => ['ZINCRBY', g.key(), g.score(), g.field()],
  (g) => ['ZREM', g.key(), g.field(), g.field()],
  (g) => [g.one('ZSCORE', 'ZMSCORE'), g.key(), g.field()],
  (g) => ['ZCARD', g.key()],
  (g) => ['ZCOUNT', g.key(), g.scoreBound(), g.scoreBound()],
  (g) => [g.one('ZRANK', 'ZREVRANK'), g.key(), g.field(), ...g.some('WITHSCORE')],
  (g) => ['ZRANGE', g.key(), g.index(), g.index(), ...g.some('REV', 'WITHSCORES')],
  (g) => [
    'ZRANGE',
    g.key(),
    g.scoreBound(),
    g.scoreBound(),
    'BYSCORE',
    ...g.some('REV', 'WITHSCORES'),
    ...g.maybe(['LIMIT', g.one('0', '1', '2', '100'), g.index()])
  ],
  (g) => [g.one('ZREVRANGE'), g.key(), g.index(), g.index(), ...g.some('WITHSCORES')],
  (g) => [
    g.one('ZRANGEBYSCORE', 'ZREVRANGEBYSCORE'),
    g.key(),
    g.scoreBound(),
    g.scoreBound(),
    ...g.some('WITHSCORES'),
    ...g.maybe(['LIMIT', g.one('0', '1', '2', '100'), g.index()])
  ],
  (g) => ['ZRANGESTORE', g.key(), g.key(), g.index(), g.index(), ...g.some('REV')],
  (g) => [
    'ZRANGESTORE',
    g.key(),
    g.key(),
    g.scoreBound(),
    g.scoreBound(),
    'BYSCORE',
    ...g.maybe(['LIMIT', g.one('0', '1', '2', '100'), g.index()])
  ],
  (g) => ['ZREMRANGEBYRANK', g.key(), g.index(), g.index()],
  (g) => ['ZREMRANGEBYSCORE', g.key(), g.scoreBound(), g.scoreBound()],
  (g) => [g.one('ZPOPMIN', 'ZPOPMAX'), g.key(), ...g.maybe([g.one('0', '1', '2', '100')])],
  (g) => {
    const keys = g.keys()
    return ['ZMPOP', String(keys.length), ...keys, g.one('MIN', 'MAX'), ...g.maybe(['COUNT', g.one('1', '3')])]
  },
  (g) => ['ZRANDMEMBER', g.key(), g.one('0', '1000'), ...g.some('WITHSCORES')],
  (g) => {
    const keys = g.keys()
    return [g.one('ZUNION', 'ZINTER', 'ZDIFF'), String(keys.length), ...keys, ...combining(g, keys.length), ...g.some('WITHSCORES')]
  },
  (g) => {
    const keys = g.keys()
    return [g.one('ZUNIONSTORE', 'ZINTERSTORE', 'ZDIFFSTORE'), g.key(), String(keys.length), ...keys, ...combining(g, keys.length)]
  },
  (g) => {
    const keys = g.keys()
    return ['ZINTERCARD', String(keys.length), ...keys, ...g.maybe(['LIMIT', g.one('0', '1')])]
  },
  // geo: places are apart, so that no two are equally far from anywhere
  (g) => ['GEOADD', g.key(), ...g.some('NX', 'XX', 'CH'), ...g.times(1 + g.below(3), () => g.place()).flat()],
  (g) => ['GEOADD', g.key(), ...g.times(5, () => g.place()).flat()],
  (g) => [g.one('GEOPOS', 'GEOHASH'), g.key(), g.placeName(), g.field()],
  (g) => ['GEODIST', g.key(), g.placeName(), g.placeName(), ...g.maybe([g.unit()])],
  (g) => ['GEOSEARCH', g.key(), ...g.center(), ...g.reach(), ...g.geoOptions(), ...g.some('WITHDIST', 'WITHHASH', 'WITHCOORD')],
  (g) => {
    const corners = g.times(3 + g.below(3), () => g.place().slice(0, 2)).flat()
    return ['GEOSEARCH', g.key(), 'BYPOLYGON', String(corners.length / 2), ...corners, ...g.geoOptions(), ...g.some('WITHDIST')]
  },
  (g) => ['GEOSEARCHSTORE', g.key(), g.key(), ...g.center(), ...g.reach(), ...g.geoOptions(), ...g.some('STOREDIST')],
  (g) => [
    g.one('GEORADIUS', 'GEORADIUS_RO'),
    g.key(),
    ...g.place().slice(0, 2),
    ...g.reach('BYRADIUS').slice(1),
    ...g.geoOptions(),
    ...g.some('WITHDIST', 'WITHCOORD'),
    ...g.maybe([g.one('STORE', 'STOREDIST'), g.key()], 0.2)
  ],
  (g) => [
    g.one('GEORADIUSBYMEMBER', 'GEORADIUSBYMEMBER_RO'),
    g.key(),
    g.placeName(),
    ...g.reach('BYRADIUS').slice(1),
    ...g.geoOptions(),
    ...g.maybe([g.one('STORE', 'STOREDIST'), g.key()], 0.2)
  ],
  (g) => ['ZSCAN', g.key(), '0', 'COUNT', '1000', ...g.some('NOSCORES')],
  ...STREAM_TEMPLATES,
  // keys
  (g) => [g.one('DEL', 'UNLINK', 'EXISTS', 'TOUCH'), ...g.keys()],
  (g) => ['DEL', g.key()],
  (g) => ['TYPE', g.key()],
  (g) => ['EXPIRE', g.key(), g.one(g.seconds(), g.seconds(), '0', '-1', '9223372036854775807'), ...g.some('NX', 'XX', 'GT', 'LT')],
  (g) => ['PEXPIREAT', g.key(), g.one('4102444800123', '4102444800999', '1'), ...g.some('NX', 'XX', 'GT', 'LT')],
  (g) => ['EXPIREAT', g.key(), g.one('4102444800', '5')],
  (g) => ['PEXPIRE', g.key(), g.milliseconds()],
  (g) => [g.one('TTL', 'EXPIRETIME', 'PERSIST'), g.key()],
  (g) => [g.one('RENAME', 'RENAMENX'), g.key(), g.key()],
  (g) => ['COPY', g.key(), g.key(), ...g.maybe(['DB', g.one('0', '1', '2', '16', '-1')]), ...g.some('REPLACE')],
  (g) => [g.one('RESTORE', 'RESTORE-ASKING'), g.key(), g.one('0', g.milliseconds()), DUMPED_STRING, ...g.some('REPLACE')],
  (g) => [
    g.one('RESTORE', 'RESTORE-ASKING'),
    g.key(),
    g.one('4102444800123', '1000'),
    DUMPED_STRING,
    'ABSTTL',
    ...g.maybe(['FREQ', '5'], 0.1),
    'REPLACE'
  ],
  (g) => ['MOVE', g.key(), g.one('0', '1', '2', '16')],
  (g) => ['SELECT', g.one('0', '1', '2')],
  (g) => [g.one('DBSIZE')],
  (g) => ['KEYS', g.one('*', '{t}?', '{t}[ab]', '*a*')],
  (g) => [
    'SCAN',
    '0',
    'COUNT',
    '1000',
    ...g.maybe(['MATCH', g.one('*', '{t}*', '*b')]),
    ...g.maybe(['TYPE', g.one('hash', 'string', 'zset', 'nosuch')])
  ],
  (g) => ['OBJECT', g.one('REFCOUNT', 'FREQ'), g.key()],
  () => ['SWAPDB', '0', '1'],
  (g) => [g.one('SORT', 'SORT_RO'), g.key(), ...g.sortRange(), ...g.some('DESC', 'ALPHA', 'asc')],
  (g) => ['SORT', g.key(), ...g.sortRange(), ...g.some('DESC', 'ALPHA'), ...g.maybe(['GET', '#'], 0.2), 'STORE', g.key()],
  // Without ALPHA, so that what is equal has an order too.
  (g) => [g.one('SORT', 'SORT_RO'), g.key(), 'BY', g.sortPattern(), ...g.sortRange(), ...g.some('DESC'), ...g.sortGets()],
  (g) => ['SORT', g.key(), 'BY', g.one(g.sortPattern(), 'nosort'), ...g.sortRange(), ...g.some('DESC'), ...g.sortGets(), 'STORE', g.key()],
  (g) => ['LCS', g.key(), g.key(), ...g.some('LEN', 'IDX', 'WITHMATCHLEN'), ...g.maybe(['MINMATCHLEN', g.one('0', '2', '-1')], 0.2)],
  // blocking pops: nobody serves them, so they answer at once or when their time is over
  (g) => [g.one('BLPOP', 'BRPOP', 'BZPOPMIN', 'BZPOPMAX'), ...g.keys(), g.shortTimeout()],
  (g) => ['BLMOVE', g.key(), g.key(), g.one('LEFT', 'RIGHT'), g.one('LEFT', 'right', 'UP'), g.shortTimeout()],
  (g) => ['BRPOPLPUSH', g.key(), g.key(), g.shortTimeout()],
  (g) => {
    const keys = g.keys()
    return ['BLMPOP', g.shortTimeout(), String(keys.length), ...keys, g.one('LEFT', 'RIGHT'), ...g.maybe(['COUNT', g.one('0', '1', '3')])]
  },
  (g) => {
    const keys = g.keys()
    return ['BZMPOP', g.shortTimeout(), String(keys.length), ...keys, g.one('MIN', 'max'), ...g.maybe(['COUNT', g.one('0', '1', '3')])]
  }
]

function combining(g: CommandGenerator, keys: number): string[] {
  return [
    ...g.maybe(['WEIGHTS', ...g.times(keys, () => g.one('1', '2', '-1', '0', '0.5', 'inf'))], 0.3),
    ...g.maybe(['AGGREGATE', g.one('SUM', 'MIN', 'max')], 0.3)
  ]
}
