import type { Random } from '../../src/core/prng.ts'
import type { Command } from './command-runs.ts'
import { STREAM_TEMPLATES } from './random-stream-commands.ts'

/** Random commands over a few keys of one slot, mostly well formed, with values that sit on borders. */
export class CommandGenerator {
  readonly #random: Random
  readonly #templates: readonly Template[]
  #times = 0
  #ids = 1

  constructor(random: Random, templates: readonly Template[] = TEMPLATES) {
    this.#random = random
    this.#templates = templates
  }

  /** Now and then one argument is spoilt, left out or given twice. */
  next(): Command {
    const command = this.#pick(this.#templates)(this)
    // Without its count such a command would draw; CONFIG is only a means.
    if (/RANDMEMBER|RANDFIELD|SPOP|CONFIG/.test(command[0] ?? '')) return command
    // With another timeout such a command would wait for ever.
    if (/^B[LRZ](POP|MOVE|MPOP)/.test(command[0] ?? '')) return command
    const roll = this.#random.below(100)
    // The real one stores keys of any slot; the engine refuses. By another name a set would stay in no order.
    if (roll < 4 && (command[0] === 'MSETEX' || command.includes('BY'))) return command
    if (roll < 4) return command.map((part, index) => (index > 0 && this.chance(0.3) ? this.#pick(index === 1 ? JUNK_KEYS : JUNK) : part))
    if (roll < 6 && command.length > 1) return command.slice(0, -1)
    if (roll < 7) return [...command, this.#pick(JUNK)]
    return command
  }

  key(): string {
    return this.chance(0.01) ? 'elsewhere' : this.ownKey()
  }

  /** A key of the slot that most keys are in. */
  ownKey(): string {
    return `{t}${this.#pick(['a', 'b', 'c', 'd', 'e', 'f'])}`
  }

  keys(): string[] {
    return this.times(1 + this.below(3), () => this.key())
  }

  field(): string {
    return this.#pick(FIELDS)
  }

  /** `n` and that many fields. */
  countedFields(): string[] {
    const fields = this.times(1 + this.below(3), () => this.field())
    return ['FIELDS', String(fields.length), ...fields]
  }

  value(): string {
    return this.#pick(VALUES)
  }

  integer(): string {
    return this.#pick(INTEGERS)
  }

  float(): string {
    return this.#pick(FLOATS)
  }

  score(): string {
    return this.#pick(SCORES)
  }

  index(): string {
    return this.#pick(INDEXES)
  }

  scoreBound(): string {
    return this.#pick(['-inf', '+inf', '(1', '1', '(2', '2', '0', '5', '(5', '-1', ''])
  }

  lexBound(): string {
    return this.#pick(['-', '+', '[a', '(a', '[b', '(m', '[zz', '('])
  }

  placeName(): string {
    return `p${this.below(PLACES.length)}`
  }

  /** Longitude, latitude and name of a place. */
  place(): string[] {
    const index = this.below(PLACES.length)
    return [...(PLACES[index] as readonly [string, string]), `p${index}`]
  }

  unit(): string {
    return this.#pick(['m', 'km', 'FT', 'mi'])
  }

  center(): string[] {
    return this.chance(0.4) ? ['FROMMEMBER', this.placeName()] : ['FROMLONLAT', ...this.place().slice(0, 2)]
  }

  reach(form = this.#pick(['BYRADIUS', 'BYBOX'])): string[] {
    const length = () => this.#pick(['0', '1', '500', '3000.5', '200000', '9000000', '-1'])
    return form === 'BYRADIUS' ? [form, length(), this.unit()] : [form, length(), length(), this.unit()]
  }

  geoOptions(): string[] {
    return [...this.maybe(['COUNT', this.#pick(['1', '2', '100', '0']), ...this.some('ANY')]), ...this.some('ASC', 'DESC')]
  }

  bitOffset(): string {
    return this.#pick(['0', '1', '7', '8', '9', '63', '100', '1023', '-1', '4294967296'])
  }

  bitType(): string {
    return this.#pick(['u1', 'i1', 'u4', 'i5', 'u8', 'i8', 'i16', 'u31', 'i32', 'i63', 'u63', 'i64', 'u64', 'i65'])
  }

  /** A part of a string as BITCOUNT and BITPOS take it. */
  bitPart(): string[] {
    const part = [this.index(), this.index(), this.#pick(['BYTE', 'bit'])]
    return part.slice(0, this.below(4))
  }

  /** One step of BITFIELD. */
  fieldStep(): string[] {
    const offset = this.chance(0.3) ? `#${this.below(5)}` : this.bitOffset()
    return this.#pick([
      ['GET', this.bitType(), offset],
      ['SET', this.bitType(), offset, this.integer()],
      ['INCRBY', this.bitType(), offset, this.integer()],
      ['OVERFLOW', this.#pick(['WRAP', 'sat', 'FAIL'])]
    ])
  }

  /** Seconds from now, each time others, far enough apart that two servers agree which is later. */
  seconds(): string {
    this.#times++
    return String(100_000 + this.#times * (this.chance(0.5) ? 100 : -100))
  }

  milliseconds(): string {
    return `${this.seconds()}000`
  }

  /** An option with a time that is far away, far gone or no time. */
  time(): string[] {
    return this.#pick([
      ['EX', this.seconds()],
      ['PX', this.milliseconds()],
      ['EXAT', '4102444800'],
      ['PXAT', '4102444800123'],
      ['EXAT', '1'],
      ['PXAT', '1000'],
      ['EX', '0'],
      ['PX', '-5'],
      ['EX', '9223372036854775807'],
      ['EX', 'soon']
    ])
  }

  sortRange(): readonly string[] {
    return this.maybe(['LIMIT', this.#pick(['0', '1', '2', '-1', '100']), this.#pick(['0', '1', '2', '-1', '9223372036854775807'])], 0.3)
  }

  /** Elements that are fields make keys of it. */
  sortPattern(): string {
    return this.chance(0.03) ? '*' : this.#pick(['{t}*', '{t}*->f', '{t}*->g', '{t}*->'])
  }

  sortGets(): string[] {
    return this.times(this.below(3), () => ['GET', this.chance(0.4) ? '#' : this.sortPattern()]).flat()
  }

  streamKey(): string {
    return this.chance(0.02) ? this.key() : `{t}${this.#pick(['a', 'b', 'c'])}`
  }

  group(): string {
    return this.#pick(['g', 'g', 'g', '12', ''])
  }

  consumer(): string {
    return this.#pick(['alice', 'bob', '7'])
  }

  idleTime(): string {
    return this.#pick(['0', '0', '50000', '500000', '-1'])
  }

  /** An id that is mostly greater than all before. */
  newId(): string {
    this.#ids += this.below(3)
    return this.#pick([`${this.#ids}-${this.below(300)}`, `${this.#ids}-${1 + this.below(3)}`, `${this.#ids}`, `${++this.#ids}-*`])
  }

  openId(): string {
    return this.chance(0.05) ? '18446744073709551615-*' : this.#pick([`${this.#ids}-*`, '0-*'])
  }

  /** An id that an entry may have. */
  id(): string {
    if (this.chance(0.1)) return this.#pick(IDS)
    const ms = 1 + this.below(this.#ids + 1)
    return this.#pick([`${ms}`, `${ms}-0`, `${ms}-${1 + this.below(3)}`])
  }

  idBound(): string {
    return this.#pick(['-', '+', this.id(), `(${this.id()}`, this.id()])
  }

  /** For commands that nobody serves. */
  shortTimeout(): string {
    return this.chance(0.1) ? this.#pick(['-1', 'abc', '', '1e400', 'nan']) : this.#pick(['0.001', '0.0001', '.002'])
  }

  /** Each word is there or not. */
  some(...words: string[]): string[] {
    return words.filter(() => this.chance(0.25))
  }

  maybe(part: readonly string[], likelihood = 0.4): readonly string[] {
    return this.chance(likelihood) ? part : []
  }

  one(...words: string[]): string {
    return this.#pick(words)
  }

  times<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make)
  }

  chance(likelihood: number): boolean {
    return this.#random.fraction() < likelihood
  }

  below(bound: number): number {
    return this.#random.below(bound)
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.below(items.length)] as T
  }
}

const FIELDS = ['f', 'g', 'h', 'i', 'long'.repeat(17), '', 'bin\u0000\r\n\u00ff']
const VALUES = [
  'v',
  'w',
  '',
  '10',
  '-3',
  '9223372036854775807',
  '-9223372036854775808',
  '3.5',
  'x'.repeat(65),
  '\u0000\u00ff\r\n',
  '1e3',
  '007',
  '{t}a'
]
const INTEGERS = [
  '0',
  '1',
  '-1',
  '7',
  '9223372036854775807',
  '-9223372036854775808',
  '9007199254740993',
  '4611686018427387904',
  '-9007199254740991'
]
const FLOATS = [
  '0.1',
  '0.2',
  '-0.3',
  '1.5',
  '3.0e3',
  '1e-17',
  '100',
  '-1e300',
  '0x1p4',
  '.5',
  '5.',
  '3.14159265358979323846',
  '12345678.87654321'
]
/** What DUMP gives for `v`. */
const DUMPED_STRING = '\x00\x01v\x50\x00\x5e\x22\x07\x23\x87\x6a\xed\x3a'
const PLACES = [
  ['13.361389', '38.115556'],
  ['15.087269', '37.502669'],
  ['-122.4194', '37.7749'],
  ['139.69171', '35.6895'],
  ['151.2093', '-33.8688'],
  ['-0.1278', '51.5074'],
  ['180', '85.05112878'],
  ['-180', '-85.05112878'],
  ['0', '0'],
  ['-70.5', '71.25'],
  ['25.5', '-81.75'],
  ['13.3614', '38.1156']
] as const
const SCORES = ['0', '1', '2', '-1', '1.5', '2.5', '-0', 'inf', '-inf', '1e3', '0.5', '4', '8', '1048576']
const IDS = ['0', '0-0', '0-1', '007-1', '5--3', '5-+1', '18446744073709551615-18446744073709551615', '18446744073709551616', '1-2-3', '']
const INDEXES = ['0', '1', '-1', '2', '-2', '5', '-5', '100', '-100', '9223372036854775807']
const JUNK = ['', 'abc', '-1', '0', '1.5', '99999999999999999999', 'NX', ' 1', '+1', '01', 'FIELDS', '\u0000', '0x10', '1e309', '-0', 'nan']

/** Keys named as options are left out: the reference takes them for the words in HSETEX. */
const JUNK_KEYS = JUNK.filter((junk) => junk !== 'FIELDS' && junk !== 'NX')

export type Template = (g: CommandGenerator) => Command

/** Commands whose answer is drawn at random are given so that nothing is left to draw. */
const TEMPLATES: readonly Template[] = [
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
