import type { Command } from './command-runs.ts'
import type { CommandGenerator } from './random-commands.ts'
import type { Template } from './random-templates.ts'

/** Every stream command with every option, over few keys, groups and consumers, so that they meet. */
export const STREAM_TEMPLATES: readonly Template[] = [
  (g) => ['XADD', g.streamKey(), ...g.some('NOMKSTREAM'), ...g.maybe(trim(g), 0.2), g.newId(), ...pairs(g)],
  (g) => ['XADD', g.streamKey(), g.newId(), ...pairs(g)],
  (g) => ['XADD', g.streamKey(), g.newId(), 'f', g.value(), 'g', g.value()],
  (g) => ['XADD', g.streamKey(), g.one(g.openId(), g.id()), 'f', g.value()],
  // What the clock gives is not compared beyond its form, so it goes to a key that nothing else looks into closely.
  (g) => ['XADD', '{t}now', ...g.maybe(['MAXLEN', g.one('~', '='), '50'], 0.2), '*', 'f', g.value()],
  (g) => [g.one('XLEN', 'DEL'), g.one('{t}now', '{t}a')],
  (g) => ['XLEN', g.streamKey()],
  (g) => ['XRANGE', g.streamKey(), g.idBound(), g.idBound(), ...g.maybe(['COUNT', g.one('0', '1', '3', '-1')])],
  (g) => ['XREVRANGE', g.streamKey(), g.idBound(), g.idBound(), ...g.maybe(['COUNT', g.one('0', '1', '3', '-1')])],
  (g) => ['XRANGE', g.streamKey(), '-', '+'],
  (g) => ['XREVRANGE', g.streamKey(), '+', '-'],
  (g) => ['XDEL', g.streamKey(), ...g.times(1 + g.below(4), () => g.id())],
  (g) => ['XTRIM', g.streamKey(), ...trim(g)],
  (g) => [
    'XSETID',
    g.streamKey(),
    g.one(g.newId(), g.id()),
    ...g.maybe(['ENTRIESADDED', g.one('0', '5', '1000', '-1')], 0.3),
    ...g.maybe(['MAXDELETEDID', g.id()], 0.3)
  ],
  (g) => {
    const keys = g.times(1 + g.below(3), () => g.streamKey())
    const ids = keys.map(() => g.one(g.id(), '0', '$', '+', '0-0'))
    return ['XREAD', ...g.maybe(['COUNT', g.one('1', '2', '0', '-5')]), 'STREAMS', ...keys, ...ids]
  },
  (g) => ['XREADGROUP', 'GROUP', g.group(), g.consumer(), ...g.maybe(['COUNT', g.one('1', '2')]), ...g.some('NOACK'), ...streams(g, '>')],
  (g) => ['XREADGROUP', 'GROUP', g.group(), g.consumer(), ...g.maybe(['COUNT', g.one('1', '2')]), ...streams(g, '>')],
  (g) => ['XREADGROUP', 'GROUP', g.group(), g.consumer(), ...g.maybe(['COUNT', '3']), ...streams(g, '0', g.id(), '>', '$')],
  (g) => ['XGROUP', 'CREATE', g.streamKey(), g.group(), g.one('0', '$', g.id()), ...g.some('MKSTREAM'), ...entriesRead(g)],
  (g) => ['XGROUP', 'CREATE', g.streamKey(), g.group(), '0', 'MKSTREAM'],
  (g) => ['XGROUP', 'CREATE', g.streamKey(), g.group(), '0'],
  (g) => ['XGROUP', 'SETID', g.streamKey(), g.group(), g.one('0', '$', g.id(), '-', '+'), ...entriesRead(g)],
  (g) => (g.chance(0.5) ? ['XGROUP', 'DESTROY', g.streamKey(), g.group()] : ['XINFO', 'GROUPS', g.streamKey()]),
  (g) => ['XGROUP', g.one('CREATECONSUMER', 'DELCONSUMER'), g.streamKey(), g.group(), g.consumer()],
  (g) => ['XACK', g.streamKey(), g.group(), ...g.times(1 + g.below(4), () => g.id())],
  (g) => ['XPENDING', g.streamKey(), g.group()],
  (g) => [
    'XPENDING',
    g.streamKey(),
    g.group(),
    ...g.maybe(['IDLE', g.one('0', '50000', '500000')], 0.3),
    g.idBound(),
    g.idBound(),
    g.one('10', '1', '0', '-1'),
    ...g.maybe([g.consumer()])
  ],
  (g) => ['XPENDING', g.streamKey(), g.group(), '-', '+', '100'],
  (g) => [
    'XCLAIM',
    g.streamKey(),
    g.group(),
    g.consumer(),
    g.idleTime(),
    ...g.times(1 + g.below(4), () => g.id()),
    ...g.maybe(g.chance(0.5) ? ['IDLE', g.one('0', '100000', '1000000', '-5')] : ['TIME', g.one('0', '1000', '9999999999999', '-7')], 0.4),
    ...g.maybe(['RETRYCOUNT', g.one('0', '7', '9223372036854775807', '-1')], 0.3),
    ...g.some('FORCE', 'JUSTID'),
    ...g.maybe(['LASTID', g.id()], 0.2)
  ],
  (g) => [
    'XAUTOCLAIM',
    g.streamKey(),
    g.group(),
    g.consumer(),
    g.idleTime(),
    g.one('0', '-', g.idBound()),
    ...g.maybe(['COUNT', g.one('1', '2', '100', '0')]),
    ...g.some('JUSTID')
  ],
  (g) => ['XINFO', 'STREAM', g.streamKey(), ...g.maybe(['FULL', ...g.maybe(['COUNT', g.one('0', '1', '3', '-1')])])],
  (g) => ['XINFO', 'CONSUMERS', g.streamKey(), g.group()],
  (g) => ['XINFO', 'GROUPS', g.streamKey()],
  (g) => ['XADD', g.streamKey(), ...trim(g), g.newId(), 'f', g.value()],
  (g) => ['XGROUP', 'CREATE', g.streamKey(), g.group(), '0', 'MKSTREAM'],
  (g) => ['XGROUP', 'CREATE', g.streamKey(), 'g', '0', 'MKSTREAM', ...entriesRead(g)],
  (g) => ['XGROUP', 'CREATE', g.streamKey(), 'g', '0', 'MKSTREAM'],
  (g) => ['XREAD', ...g.maybe(['COUNT', '2']), 'BLOCK', '1', ...streams(g, '0', g.id(), '$')],
  (g) => [
    'XREADGROUP',
    'GROUP',
    'g',
    g.consumer(),
    ...g.maybe(['COUNT', '2']),
    'BLOCK',
    '1',
    ...g.some('NOACK'),
    'STREAMS',
    g.streamKey(),
    '>'
  ],
  (g) => ['XREADGROUP', 'GROUP', 'g', g.consumer(), ...g.some('NOACK'), 'STREAMS', g.streamKey(), '>'],
  (g) => [
    'XSETID',
    g.streamKey(),
    `${1_000_000 + g.below(1000)}-0`,
    ...g.maybe(['ENTRIESADDED', '100000'], 0.6),
    ...g.maybe(['MAXDELETEDID', '1-1'], 0.3)
  ],
  (g) => ['XGROUP', 'CREATE', g.streamKey(), g.one('h', 'i', 'j'), g.one('0', '$'), 'MKSTREAM', ...entriesRead(g)],
  (g) => ['XGROUP', 'DESTROY', g.streamKey(), g.one('h', 'i', 'j')],
  (g) => ['XGROUP', 'DESTROY', g.streamKey(), g.one('h', 'i', 'j')],
  (g) => ['XGROUP', 'SETID', g.streamKey(), 'g', '$'],
  (g) => ['XGROUP', 'SETID', g.streamKey(), 'g', g.one('0', '$'), 'ENTRIESREAD', g.one('0', '3')]
]

/** What else happens to keys that hold streams, and nodes of other sizes, so that there are many. */
export const AROUND_STREAMS: readonly Template[] = [
  (g) => ['COPY', g.streamKey(), g.streamKey(), ...g.maybe(['DB', g.one('0', '1')]), ...g.some('REPLACE')],
  (g) => [g.one('RENAME', 'RENAMENX'), g.streamKey(), g.streamKey()],
  (g) => ['MOVE', g.streamKey(), g.one('0', '1')],
  (g) => ['SELECT', g.one('0', '0', '1')],
  (g) => (g.chance(0.3) ? ['DEL', g.streamKey()] : ['TYPE', g.streamKey()]),
  (g) => ['OBJECT', 'ENCODING', g.streamKey()],
  (g) => ['SCAN', '0', 'COUNT', '1000', 'TYPE', g.one('stream', 'hash')],
  (g) => ['SET', g.one('{t}a', '{t}str', '{t}str', '{t}str'), 'x'],
  (g) => ['CONFIG', 'SET', 'stream-node-max-entries', g.one('1', '3', '10', '100', '0')],
  // With 0 and 1 among them a valkey-server 9.1.2 now and then fails an assertion of its own in XRANGE (`lpNext`).
  (g) => ['CONFIG', 'SET', 'stream-node-max-bytes', g.one('120', '400', '4096')]
]

/** What they were. */
export const NODE_DEFAULTS: Command = ['CONFIG', 'SET', 'stream-node-max-entries', '100', 'stream-node-max-bytes', '4096']

function pairs(g: CommandGenerator): string[] {
  return g.times(1 + g.below(3), () => [g.field(), g.value()]).flat()
}

function trim(g: CommandGenerator): string[] {
  const sign = g.one('', '=', '~', '~')
  const rule = g.chance(0.5) ? ['MAXLEN', sign, g.one('0', '1', '5', '20', '-1')] : ['MINID', sign, g.id()]
  const limit = g.maybe(['LIMIT', g.one('0', '1', '5', '1000', '-1')], sign === '~' ? 0.4 : 0.05)
  return [...rule.filter((part) => part !== ''), ...limit]
}

function entriesRead(g: CommandGenerator): readonly string[] {
  return g.maybe(['ENTRIESREAD', g.one('0', '3', '-1', '-2', '9223372036854775807')], 0.2)
}

function streams(g: CommandGenerator, ...ids: string[]): string[] {
  const keys = g.times(1 + g.below(2), () => g.streamKey())
  return ['STREAMS', ...keys, ...keys.map(() => g.one(...ids))]
}
