import type { Template } from './random-templates.ts'

/** Lists. */
export const LIST_TEMPLATES: readonly Template[] = [
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
  // Nobody serves them: they answer at once or when their time is over.
  (g) => [g.one('BLPOP', 'BRPOP'), ...g.keys(), g.shortTimeout()],
  (g) => ['BLMOVE', g.key(), g.key(), g.one('LEFT', 'RIGHT'), g.one('LEFT', 'right', 'UP'), g.shortTimeout()],
  (g) => ['BRPOPLPUSH', g.key(), g.key(), g.shortTimeout()],
  (g) => {
    const keys = g.keys()
    return ['BLMPOP', g.shortTimeout(), String(keys.length), ...keys, g.one('LEFT', 'RIGHT'), ...g.maybe(['COUNT', g.one('0', '1', '3')])]
  },
  (g) => ['LSET', g.key(), g.one('0', '-1'), g.value()],
  (g) => ['LSET', g.key(), '0', g.value()],
  (g) => ['LSET', g.key(), '-1', g.value()]
]

/** Sets. */
export const SET_TEMPLATES: readonly Template[] = [
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
  (g) => ['SSCAN', g.key(), '0', ...g.maybe(['MATCH', g.one('*', '1*')]), 'COUNT', '1000']
]
