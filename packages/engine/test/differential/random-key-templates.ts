import type { Template } from './random-templates.ts'
import { DUMPED_STRING } from './random-values.ts'

/** What is done to keys of any kind. */
export const KEY_TEMPLATES: readonly Template[] = [
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
  (g) => ['DUMP', g.key()],
  (g) => ['DUMP', g.key()],
  (g) => [
    'RESTORE',
    g.key(),
    g.one('0', '0', g.milliseconds(), '-1', '9223372036854775807'),
    g.payload(),
    ...g.maybe(['REPLACE'], 0.8),
    ...g.maybe([g.one('IDLETIME', 'FREQ'), g.one('5', '0', '100', '-1')], 0.5)
  ],
  (g) => [g.one('TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME'), g.key()],
  (g) => [...g.either(['EXPIRE', g.key(), g.seconds()], ['PEXPIRE', g.key(), g.milliseconds()]), g.one('NX', 'XX', 'GT', 'LT')],
  (g) => ['EXPIREAT', g.key(), g.one('4102444800', '4102444801'), g.one('NX', 'XX', 'GT', 'LT')],
  (g) => [g.one('OBJECT', 'XGROUP', 'XINFO', 'PUBSUB'), 'HELP'],
  (g) => ['OBJECT', 'ENCODING', g.key()],
  (g) => ['WAIT', '0', g.one('0', '1')],
  (g) => [
    'CLUSTERSCAN',
    '0',
    ...g.maybe(['MATCH', g.one('*', '{t}*')]),
    ...g.maybe(['COUNT', '1000']),
    ...g.maybe(['TYPE', g.one('hash', 'string')])
  ],
  (g) => ['SORT', g.key(), 'ALPHA', g.one('asc', 'DESC')]
]
