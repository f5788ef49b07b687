import type { Args } from '../resp/args.ts'
import { keySpecFacts } from './command-facts.ts'
import type { CommandDefinition } from './define-command.ts'

/** One group of keys of a command, as COMMAND describes it. */
export type DescribedKeys = {
  /** `RO`, `RW`, `OW` or `RM`, then `access`, `update`, `insert`, `delete`, and marks such as `not_key`. */
  readonly flags: readonly string[]
  readonly begin:
    | { readonly type: 'index'; readonly index: number }
    | { readonly type: 'keyword'; readonly keyword: string; readonly from: number }
    | { readonly type: 'unknown' }
  readonly find: /** `limit` 2: only the first half of what is there are keys. */
    | { readonly type: 'range'; readonly last: number; readonly step: number; readonly limit?: number }
    /** The argument at `begin` says how many keys follow. */
    | { readonly type: 'keynum'; readonly step: number }
    | { readonly type: 'unknown' }
}

const PART = /^(?:(\?)|(?:([A-Z]+)@)?(-?\d+)(?:\.\.(-?\d+))?(#)?(?:\/(\d+))?(?:%(\d+))?)$/

const described = new Map<string, readonly DescribedKeys[]>()

/** A command's keys: from the facts, else from what the dispatcher needs to know. */
export function describedKeys(definition: CommandDefinition): readonly DescribedKeys[] {
  let keys = described.get(definition.name)
  if (!keys) {
    keys = describe(definition)
    described.set(definition.name, keys)
  }
  return keys
}

function describe(definition: CommandDefinition): readonly DescribedKeys[] {
  const facts = keySpecFacts.get(definition.name.toLowerCase())
  if (facts !== undefined) return facts.split('; ').map(parseSpec)
  if (!definition.keys) return []
  const flags = definition.writes ? ['RW', 'update'] : ['RO', 'access']
  if (typeof definition.keys === 'function')
    return [{ flags: [...flags, 'incomplete'], begin: { type: 'unknown' }, find: { type: 'unknown' } }]
  const { first, last, step } = definition.keys
  return [{ flags, begin: { type: 'index', index: first }, find: { type: 'range', last: last < 0 ? last : last - first, step } }]
}

function parseSpec(text: string): DescribedKeys {
  const words = text.split(' ')
  const [, unknown, keyword, index, last, counted, step, limit] = PART.exec(words.pop() as string) ?? []
  if (unknown !== undefined || index === undefined) return { flags: words, begin: { type: 'unknown' }, find: { type: 'unknown' } }
  return {
    flags: words,
    begin: keyword === undefined ? { type: 'index', index: Number(index) } : { type: 'keyword', keyword, from: Number(index) },
    find: counted
      ? { type: 'keynum', step: Number(step ?? 1) }
      : { type: 'range', last: Number(last ?? 0), step: Number(step ?? 1), limit: Number(limit ?? 0) }
  }
}

/** First key, last key and step: what COMMAND told before there were key specs. Zeros when a range cannot say it. */
export function legacyRange(definition: CommandDefinition): readonly [first: number, last: number, step: number] {
  const { keys } = definition
  if (keys && typeof keys !== 'function') return [keys.first, keys.last, keys.step]
  const [spec] = describedKeys(definition)
  if (spec?.begin.type !== 'index' || spec.find.type !== 'range') return [0, 0, 0]
  return [spec.begin.index, spec.find.last < 0 ? spec.find.last : spec.begin.index + spec.find.last, spec.find.step]
}

/** How this command would use the key at an argument's index; undefined when no group of keys covers it. */
export function usageOfKey(definition: CommandDefinition, args: Args, index: number): readonly string[] | undefined {
  const spec = describedKeys(definition).find((one) => covers(one, args, index))
  const hasWord = (...words: string[]) =>
    Array.from({ length: args.length }, (_, i) => i).some((i) => i > 1 && words.some((word) => args.is(i, word)))
  // SET reads the old value only when GET asks for it.
  if (definition.name === 'SET' && spec) return args.length > 3 && hasWord('GET') ? ['RW', 'access', 'update'] : ['OW', 'update']
  if (definition.name === 'BITFIELD' && spec) return hasWord('SET', 'INCRBY') ? ['RW', 'access', 'update'] : ['RO', 'access']
  // Where STORE stands no group of keys says.
  if (definition.name === 'SORT' && index > 1) return ['OW', 'update']
  return spec?.flags.filter((flag) => flag !== 'variable_flags')
}

function covers({ begin, find }: DescribedKeys, args: Args, index: number): boolean {
  if (begin.type === 'keyword') {
    if (find.type !== 'range' || find.last >= 0) return index > begin.from && args.is(index - 1, begin.keyword)
    return Array.from({ length: index }, (_, at) => at).some((at) => at >= begin.from && args.is(at, begin.keyword))
  }
  if (begin.type !== 'index' || find.type === 'unknown') return false
  if (find.type === 'range') {
    const last = find.last < 0 ? args.length + find.last : begin.index + find.last
    return index >= begin.index && index <= last && (index - begin.index) % find.step === 0
  }
  const count = args.integerBetween(begin.index, 0, args.length) ?? 0
  return index > begin.index && index <= begin.index + count * find.step && (index - begin.index - 1) % find.step === 0
}
