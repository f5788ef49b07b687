import type { Random } from '../../src/core/prng.ts'
import type { Command } from './command-runs.ts'
import { PAYLOADS } from './dumped-payloads.ts'
import { type Kind, TEMPLATES, type Template } from './random-templates.ts'
import { FIELDS, FLOATS, IDS, INDEXES, INTEGERS, JUNK, JUNK_KEYS, PLACES, SCORES, VALUES } from './random-values.ts'

/** Random commands over a few keys of one slot, mostly well formed, with values that sit on borders. */
export class CommandGenerator {
  readonly #random: Random
  readonly #templates: readonly Template[]
  #times = 0
  #ids = 1
  #kind: Kind | undefined

  constructor(random: Random, templates: readonly Template[] = TEMPLATES) {
    this.#random = random
    this.#templates = templates
  }

  /** Now and then one argument is spoilt, left out or given twice. */
  next(): Command {
    return this.#spoilt(this.#pick(this.#templates)(this))
  }

  /** One of these, mostly over keys that hold values of a kind, so that most commands meet what they are for. */
  nextOf(templates: readonly Template[], kind: Kind): Command {
    this.#kind = kind
    const command = this.#spoilt(this.#pick(templates)(this))
    this.#kind = undefined
    return command
  }

  #spoilt(command: Command): Command {
    // Without its count such a command would draw; cursors are each server's own; CONFIG is only a means.
    if (/RANDMEMBER|RANDFIELD|SPOP|SCAN|CONFIG/.test(command[0] ?? '')) return command
    // Equally far is only who is at one place, by one name; and what is found by bytes is only of one score.
    if (command[0] === 'GEOADD' || command[1]?.startsWith('{t}lex')) return command
    // With another timeout such a command would wait for ever.
    if (/^B[LRZ](POP|MOVE|MPOP)|^WAIT/.test(command[0] ?? '') || command.includes('BLOCK')) return command
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
    // Members of other sorted sets lie at one place in crowds, and who is equally far is in no order.
    if (this.#kind && (this.#kind === 'geo' || this.chance(0.9))) return `{t}${this.#kind}${this.below(3)}`
    return `{t}${this.#pick(['a', 'b', 'c', 'd', 'e', 'f'])}`
  }

  /** A sorted set whose members all have the same score. */
  lexKey(): string {
    return `{t}lex${this.below(3)}`
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

  /** Of DUMP; now and then a damaged one. */
  payload(): string {
    const payload = this.#pick(PAYLOADS)
    return this.chance(0.05) ? `${payload.slice(0, this.below(payload.length))}x` : payload
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

  /** Seconds from now, each time others for a long while, far enough apart that two servers agree which is later. */
  seconds(): string {
    this.#times = (this.#times + 1) % 900
    return String(100_000 + this.#times * (this.chance(0.5) ? 100 : -100))
  }

  milliseconds(): string {
    return `${this.seconds()}000`
  }

  /** An option with a time that is far away, far gone or no time. */
  time(): string[] {
    return this.#pick([
      ['EX', this.seconds()],
      ['EX', this.seconds()],
      ['EX', this.seconds()],
      ['PX', this.milliseconds()],
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
    if (this.#kind) return this.key()
    return this.chance(0.02) ? this.key() : `{t}${this.#pick(['a', 'b', 'c'])}`
  }

  group(): string {
    return this.chance(this.#kind ? 0.8 : 0) ? 'g' : this.#pick(['g', 'g', 'g', '12', ''])
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

  either(...commands: Command[]): Command {
    return this.#pick(commands)
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
