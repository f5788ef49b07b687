import type { Command } from './command-runs.ts'
import type { CommandGenerator } from './random-commands.ts'
import { DEFAULT_PARAMETERS, type Step } from './step.ts'

/** A few steps that belong together. */
export type Snippet = (g: CommandGenerator) => readonly Step[]

/** What one command alone would hardly meet: draws from one element, values of many elements, listeners, other parameters. */
export const SNIPPETS: readonly Snippet[] = [
  // From one element there is nothing to draw.
  (g) => around('{t}one', ['SADD', '{t}one', g.value()], ['SRANDMEMBER', '{t}one', ...g.maybe([g.one('1', '-3', '2')])]),
  (g) => around('{t}one', ['SADD', '{t}one', g.value()], ['SPOP', '{t}one', ...g.maybe(['1'])]),
  (g) =>
    around(
      '{t}one',
      ['HSET', '{t}one', g.field(), g.value()],
      ['HRANDFIELD', '{t}one', ...g.maybe([g.one('1', '-3'), ...g.some('WITHVALUES')], 0.7)]
    ),
  (g) =>
    around(
      '{t}one',
      ['ZADD', '{t}one', g.score(), g.field()],
      ['ZRANDMEMBER', '{t}one', ...g.maybe([g.one('1', '-3'), ...g.some('WITHSCORES')], 0.7)]
    ),
  (g) => [['SELECT', '9'], ['FLUSHDB'], ['RANDOMKEY'], ['SET', 'alone', g.value()], ['RANDOMKEY'], ['DEL', 'alone'], ['SELECT', '0']],
  // See what is explained. What is left behind is nobody else's.
  (g) => {
    const corners = g.times(3 + g.below(3), () => g.place().slice(0, 2)).flat()
    const search = ['BYPOLYGON', String(corners.length / 2), ...corners, ...g.geoOptions()]
    return [
      ['GEOSEARCH', `{t}geo${g.below(3)}`, ...search, ...g.some('WITHDIST', 'WITHHASH', 'WITHCOORD')],
      ['GEOSEARCHSTORE', '{t}aside', `{t}geo${g.below(3)}`, ...search],
      ['SET', '{t}aside', '']
    ]
  },
  (g) => {
    const from = `{t}geo${g.below(3)}`
    const far = ['9000000', g.unit()]
    const store = g.either(
      ['GEOSEARCHSTORE', '{t}aside', from, ...g.center(), 'BYRADIUS', ...far, 'STOREDIST'],
      ['GEORADIUS', from, ...g.place().slice(0, 2), ...far, 'STOREDIST', '{t}aside'],
      ['GEORADIUSBYMEMBER', from, g.placeName(), ...far, 'STOREDIST', '{t}aside']
    )
    return [store, ['ZRANGE', '{t}aside', '0', '-1', 'WITHSCORES'], ['SET', '{t}aside', '']]
  },
  // What is seldom met with something to do.
  (g) => [
    ['RPUSH', `{t}list${g.below(3)}`, g.value()],
    ['LSET', `{t}list${g.below(3)}`, g.one('0', '-1'), g.value()],
    ['LSET', `{t}list${g.below(3)}`, g.one('0', '-1'), g.value()],
    ['LSET', `{t}list${g.below(3)}`, g.one('0', '-1'), g.value()]
  ],
  (g) => [
    ['SET', '{t}string0', g.value()],
    ['LCS', '{t}string0', `{t}string${g.below(3)}`, ...g.some('LEN')]
  ],
  (g) => [[g.one('SORT', 'SORT_RO'), `{t}${g.one('list', 'set', 'sortedSet')}${g.below(3)}`, g.one('ASC', 'DESC'), 'ALPHA']],
  (g) => {
    const stream = `{t}stream${g.below(3)}`
    return [
      ['XGROUP', 'DESTROY', stream, 'h'],
      ['XGROUP', 'CREATE', stream, 'h', g.one('0', '$'), 'MKSTREAM', 'ENTRIESREAD', g.one('0', '3')]
    ]
  },
  // Many elements.
  (g) => [['HSET', `{t}hash${g.below(3)}`, ...numbered(g, [100, 300, 600]).flatMap((n) => [`m${n}`, g.chance(0.01) ? g.value() : `${n}`])]],
  (g) => [['RPUSH', `{t}list${g.below(3)}`, ...numbered(g, [100, 300]).map((n) => (g.chance(0.02) ? 'y'.repeat(3000) : `element ${n}`))]],
  (g) => [['SADD', `{t}set${g.below(3)}`, ...numbered(g, [100, 300, 600]).map(String)]],
  (g) => [['SADD', `{t}set${g.below(3)}`, ...numbered(g, [100, 200]).map((n) => `m${n}`)]],
  (g) => [['ZADD', `{t}sortedSet${g.below(3)}`, ...numbered(g, [100, 200]).flatMap((n) => [String(g.below(40) / 4), `m${n}`])]],
  (g) => [['PFADD', `{t}hyperloglog${g.below(3)}`, ...numbered(g, [100, 1000]).map((n) => `m${n + g.below(5000)}`)]],
  (g) => [['SETRANGE', `{t}string${g.below(3)}`, g.one('100', '5000', '20000'), g.value()]],
  // Listening.
  (g) => [['@listener', g.one('SUBSCRIBE', 'UNSUBSCRIBE'), ...g.times(1 + g.below(2), () => channel(g))]],
  (g) => [['@listener', g.one('SSUBSCRIBE', 'SUNSUBSCRIBE'), `{t}${channel(g)}`]],
  (g) => [['@listener', g.one('PSUBSCRIBE', 'PUNSUBSCRIBE'), g.one('n*', '{t}*')]],
  (g) => (g.chance(0.2) ? [['@listener', g.one('UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE')]] : [['@listener', 'PING', g.value()]]),
  (g) => (g.chance(0.05) ? [['@listener', 'HELLO', g.one('2', '3')]] : [['@listener', g.one('RESET', 'PING', 'PING')]]),
  (g) => [
    ['PUBLISH', channel(g), g.value()],
    ['SPUBLISH', `{t}${channel(g)}`, g.value()],
    ['@listener', 'PING', 'heard']
  ],
  (g) => [
    ['PUBLISH', channel(g), g.value()],
    ['PUBSUB', g.one('CHANNELS', 'SHARDCHANNELS'), ...g.maybe([g.one('*', 'n*', '{t}*')])]
  ],
  (g) => [
    ['PUBSUB', g.one('NUMSUB', 'SHARDNUMSUB'), ...g.times(g.below(3), () => channel(g))],
    ['PUBSUB', 'NUMPAT']
  ],
  // Parameters.
  (g) => [['CONFIG', 'SET', 'stream-node-max-entries', g.one('1', '3', '10', '100', '0')]],
  // With 0 and 1 among them a valkey-server 9.1.2 now and then fails an assertion of its own in XRANGE (`lpNext`).
  (g) => [['CONFIG', 'SET', 'stream-node-max-bytes', g.one('120', '400', '4096')]],
  () => [['CONFIG', 'SET', ...Object.entries(DEFAULT_PARAMETERS).flat()]],
  (g) => [
    ['DEL', '{t}once'],
    ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu'],
    ['SET', '{t}once', g.value()],
    ['OBJECT', 'FREQ', '{t}once'],
    ['OBJECT', 'IDLETIME', '{t}once'],
    ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction'],
    ['OBJECT', g.one('IDLETIME', 'FREQ'), g.key()]
  ],
  (g) => [['SELECT', g.one('0', '0', '1', '2')], [g.one('FLUSHDB', 'DBSIZE', 'DBSIZE', 'DBSIZE', 'DBSIZE')], ['SELECT', '0']]
]

function around(key: string, ...commands: Command[]): Step[] {
  return [['DEL', key], ...commands, ['DEL', key]]
}

function numbered(g: CommandGenerator, most: readonly number[]): number[] {
  return Array.from({ length: 1 + g.below(most[g.below(most.length)] as number) }, (_, n) => n)
}

function channel(g: CommandGenerator): string {
  return g.one('news', 'noise', 'other')
}
