import type { CommandGenerator } from './random-commands.ts'
import type { Template } from './random-templates.ts'

/** Sorted sets. */
export const SORTED_SET_TEMPLATES: readonly Template[] = [
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
  (g) => ['ZSCAN', g.key(), '0', 'COUNT', '1000', ...g.some('NOSCORES')],
  // Nobody serves them: they answer at once or when their time is over.
  (g) => [g.one('BZPOPMIN', 'BZPOPMAX'), ...g.keys(), g.shortTimeout()],
  (g) => {
    const keys = g.keys()
    return ['BZMPOP', g.shortTimeout(), String(keys.length), ...keys, g.one('MIN', 'max'), ...g.maybe(['COUNT', g.one('0', '1', '3')])]
  },
  // By bytes only where all scores are alike; otherwise what is found depends on how a tree happens to be built.
  (g) => ['ZADD', g.lexKey(), ...g.times(4, () => ['0', g.one('a', 'b', 'm', 'zz', 'Q', '')]).flat()],
  (g) => ['ZLEXCOUNT', g.lexKey(), g.lexBound(), g.lexBound()],
  (g) => [
    g.one('ZRANGEBYLEX', 'ZREVRANGEBYLEX'),
    g.lexKey(),
    g.lexBound(),
    g.lexBound(),
    ...g.maybe(['LIMIT', g.one('0', '1'), g.index()])
  ],
  (g) => ['ZREMRANGEBYLEX', g.lexKey(), g.lexBound(), g.lexBound()],
  (g) => ['ZRANGE', g.lexKey(), g.lexBound(), g.lexBound(), 'BYLEX', ...g.some('REV'), ...g.maybe(['LIMIT', g.one('0', '1'), g.index()])],
  (g) => [
    'ZRANGESTORE',
    g.lexKey(),
    g.lexKey(),
    g.lexBound(),
    g.lexBound(),
    'BYLEX',
    ...g.some('REV'),
    ...g.maybe(['LIMIT', '0', g.index()])
  ],
  (g) => ['ZSCAN', g.key(), '0', 'MATCH', g.one('*', 'f*', '[f-h]'), 'COUNT', '1000'],
  (g) => {
    const keys = g.keys()
    return [g.one('ZUNION', 'ZINTER'), String(keys.length), ...keys, 'AGGREGATE', g.one('SUM', 'MIN', 'max'), 'WITHSCORES']
  },
  (g) => {
    const keys = g.keys()
    return [g.one('ZUNIONSTORE', 'ZINTERSTORE'), g.key(), String(keys.length), ...keys, 'AGGREGATE', g.one('SUM', 'MIN', 'max')]
  },
  (g) => [g.one('ZRANK', 'ZREVRANK'), g.key(), g.field(), 'WITHSCORE'],
  (g) => [g.one('ZRANGEBYSCORE', 'ZREVRANGEBYSCORE'), g.key(), g.scoreBound(), g.scoreBound(), 'WITHSCORES'],
  (g) => {
    const keys = g.keys()
    const weights = ['WEIGHTS', ...keys.map(() => g.one('1', '2', '-1', '0.5', 'inf'))]
    return g.either(
      [g.one('ZUNION', 'ZINTER'), String(keys.length), ...keys, ...weights],
      [g.one('ZUNIONSTORE', 'ZINTERSTORE'), g.key(), String(keys.length), ...keys, ...weights]
    )
  },
  (g) => ['ZDIFF', '2', g.key(), g.key(), 'WITHSCORES']
]

/** Places: they are apart, so that no two are equally far from anywhere. */
export const GEO_TEMPLATES: readonly Template[] = [
  (g) => ['GEOADD', g.key(), ...g.some('NX', 'XX', 'CH'), ...g.times(1 + g.below(3), () => g.place()).flat()],
  (g) => ['GEOADD', g.key(), ...g.times(5, () => g.place()).flat()],
  (g) => [g.one('GEOPOS', 'GEOHASH'), g.key(), g.placeName(), g.field()],
  (g) => ['GEODIST', g.key(), g.placeName(), g.placeName(), ...g.maybe([g.unit()])],
  (g) => ['GEOSEARCH', g.key(), ...g.center(), ...g.reach(), ...g.geoOptions(), ...g.some('WITHDIST', 'WITHHASH', 'WITHCOORD')],
  (g) => ['GEOSEARCHSTORE', g.key(), g.key(), ...g.center(), ...g.reach(), ...g.geoOptions()],
  (g) => [
    g.one('GEORADIUS', 'GEORADIUS_RO'),
    g.key(),
    ...g.place().slice(0, 2),
    ...g.reach('BYRADIUS').slice(1),
    ...g.geoOptions(),
    ...g.some('WITHDIST', 'WITHCOORD'),
    ...g.maybe(['STORE', g.key()], 0.2)
  ],
  (g) => [
    g.one('GEORADIUSBYMEMBER', 'GEORADIUSBYMEMBER_RO'),
    g.key(),
    g.placeName(),
    ...g.reach('BYRADIUS').slice(1),
    ...g.geoOptions(),
    ...g.maybe(['STORE', g.key()], 0.2)
  ],
  (g) => ['GEOADD', g.key(), ...g.times(4, () => g.place()).flat()],
  (g) => [
    g.one('GEORADIUS', 'GEORADIUS_RO'),
    g.key(),
    ...g.place().slice(0, 2),
    '9000000',
    g.unit(),
    ...g.some('WITHHASH', 'WITHDIST', 'WITHCOORD'),
    ...g.geoOptions()
  ],
  (g) => [
    g.one('GEORADIUSBYMEMBER', 'GEORADIUSBYMEMBER_RO'),
    g.key(),
    g.placeName(),
    '9000000',
    g.unit(),
    ...g.some('WITHHASH', 'WITHDIST', 'WITHCOORD'),
    ...g.maybe(['COUNT', '3', ...g.some('ANY')]),
    ...g.some('ASC', 'DESC')
  ],
  (g) => ['GEORADIUSBYMEMBER', g.key(), g.placeName(), '9000000', 'm', 'STORE', g.key()],
  (g) => [g.one('GEOSEARCH'), g.key(), 'FROMMEMBER', g.placeName(), ...g.reach(), ...g.geoOptions(), ...g.some('WITHHASH')]
]

function combining(g: CommandGenerator, keys: number): string[] {
  return [
    ...g.maybe(['WEIGHTS', ...g.times(keys, () => g.one('1', '2', '-1', '0', '0.5', 'inf'))], 0.3),
    ...g.maybe(['AGGREGATE', g.one('SUM', 'MIN', 'max')], 0.3)
  ]
}
