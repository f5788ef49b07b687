import type { Args } from '../resp/args.ts'
import type { CommandContext } from './context.ts'

export type CommandGroup =
  | 'string'
  | 'hash'
  | 'list'
  | 'set'
  | 'sorted-set'
  | 'bitmap'
  | 'hyperloglog'
  | 'geo'
  | 'stream'
  | 'generic'
  | 'connection'
  | 'server'
  | 'cluster'
  | 'pubsub'
  | 'transactions'

/** COMMAND's own words. */
export type CommandFlag =
  | 'write'
  | 'readonly'
  | 'denyoom'
  | 'admin'
  | 'pubsub'
  | 'noscript'
  | 'blocking'
  | 'loading'
  | 'stale'
  | 'fast'
  | 'no_auth'
  | 'no_multi'
  | 'movablekeys'
  | 'allow_busy'
  | 'no_async_loading'
  | 'skip_commandlog'
  /** It may touch a slot that is being imported, as if ASKING stood before it. */
  | 'asking'

/**
 * Where the keys are: the first, the last (negative: counted from the end) and the step between them; or a function that
 * names the indexes, for commands whose keys move (ZUNIONSTORE ...). A function returns [] when the arguments make no sense.
 */
export type KeySpec = { readonly first: number; readonly last: number; readonly step: number } | ((args: Args) => readonly number[])

/** A command is data plus one function; COMMAND, COMMAND DOCS and the README's table are printed from the data. */
export type CommandDefinition = {
  /** Upper case; a subcommand is `PARENT|SUB`. */
  readonly name: string
  readonly group: CommandGroup
  readonly since: string
  readonly summary: string
  /** Number of arguments, name included (and the container's name for a subcommand); negative: at least that many. */
  readonly arity: number
  readonly flags: readonly CommandFlag[]
  /** Others may hear of it though it writes no key; such commands wait in a pause of writes. COMMAND does not tell. */
  readonly mayReplicate: boolean
  readonly keys: KeySpec | undefined
  /**
   * Index of the argument that names a field or member of what is at the key, negative: counted from the end; 0: there is none, or it is
   * not worth the while. Where options may stand before it this is a guess: memory is asked for by it, and nothing else.
   */
  readonly fieldAt: number
  /** A container runs nothing itself. */
  readonly subcommands: readonly CommandDefinition[] | undefined
  /** Writes exactly one reply (or none, for the few that say so) and changes what it says. It must not throw on any input. */
  readonly run: ((ctx: CommandContext, args: Args) => void) | undefined
  // What is asked of every command that comes, so that no list of flags is searched for it.
  /** It has the flag `write`. */
  readonly writes: boolean
  /** It has the flag `loading`. */
  readonly runsWhileLoading: boolean
  /** It has the flag `no_multi`. */
  readonly isBarredFromMulti: boolean
  /** It has the flag `skip_commandlog`. */
  readonly skipsCommandLog: boolean
  /** The first argument is its only key. */
  readonly hasOneKey: boolean
}

type Derived = 'writes' | 'runsWhileLoading' | 'isBarredFromMulti' | 'skipsCommandLog' | 'hasOneKey'
type Optional = 'mayReplicate' | 'fieldAt' | 'keys' | 'subcommands' | 'run'
/** A definition as it is written down. */
export type CommandSource = Omit<CommandDefinition, Derived | Optional> & Partial<Pick<CommandDefinition, Optional>>

/** All definitions have one shape, in the sense of the machine that runs this: to ask one costs as little as to ask always the same. */
export function defineCommand(source: CommandSource): CommandDefinition {
  const { name, group, since, summary, arity, flags, mayReplicate = false, keys, fieldAt = 0, subcommands, run } = source
  return {
    name,
    group,
    since,
    summary,
    arity,
    flags,
    mayReplicate,
    keys,
    fieldAt,
    subcommands,
    run,
    writes: flags.includes('write'),
    runsWhileLoading: flags.includes('loading'),
    isBarredFromMulti: flags.includes('no_multi'),
    skipsCommandLog: flags.includes('skip_commandlog'),
    hasOneKey: hasOneKey(keys)
  }
}

export const firstKey: KeySpec = { first: 1, last: 1, step: 1 }
export const firstTwoKeys: KeySpec = { first: 1, last: 2, step: 1 }
export const allKeys: KeySpec = { first: 1, last: -1, step: 1 }
/** BLPOP: the last argument is the timeout. */
export const keysBeforeLast: KeySpec = { first: 1, last: -2, step: 1 }
/** MSET: key value key value ... */
export const everySecondKey: KeySpec = { first: 1, last: -1, step: 2 }

/** Does the command take so many arguments, its name included? */
export function arityFits({ arity }: CommandDefinition, count: number): boolean {
  return arity >= 0 ? count === arity : count >= -arity
}

/** Do the arguments where keys stand name keys? Shard channels and the cursor of CLUSTERSCAN are only routed like keys. */
export function namesKeys({ group, keys, name }: CommandDefinition): boolean {
  return keys !== undefined && group !== 'pubsub' && name !== 'CLUSTERSCAN'
}

/** Is the first argument the only key? */
export function hasOneKey(spec: KeySpec | undefined): boolean {
  return typeof spec === 'object' && spec.first === 1 && spec.last === 1
}

/** Indexes of the keys in these arguments; those beyond the end are left out. */
export function keyIndexes(spec: KeySpec | undefined, args: Args): readonly number[] {
  if (!spec) return NONE
  if (typeof spec === 'function') return spec(args)
  if (hasOneKey(spec)) return args.length > 1 ? ONE : NONE
  const last = spec.last < 0 ? args.length + spec.last : Math.min(spec.last, args.length - 1)
  const indexes: number[] = []
  for (let i = spec.first; i <= last; i += spec.step) indexes.push(i)
  return indexes
}

const NONE: readonly number[] = []
const ONE: readonly number[] = [1]
