import type { ComparedUser, UserRules } from '@slotscope/observer/stream'
import { groupRules } from './user-rows.ts'

/** A user as somebody is about to make it. Rules are written as ACL SETUSER takes them. */
export type UserDraft = {
  readonly name: string
  readonly isNew: boolean
  /** Everything that it is now is dropped first, its passwords too. */
  readonly reset: boolean
  readonly isOn: boolean
  /** `keep`: those that it has, with the changes below; `drop`: only the new ones; `open`: anybody logs in with the name. */
  readonly passwords: 'keep' | 'drop' | 'open'
  readonly newPasswords: readonly string[]
  readonly removedPasswords: readonly string[]
  /** What is not said otherwise: every command, or none. */
  readonly allCommands: boolean
  readonly commands: readonly string[]
  readonly keys: readonly string[]
  readonly channels: readonly string[]
  /** `all`, `none`, or numbers with commas. */
  readonly databases: string
  readonly selectors: readonly string[]
}

export type RuleKind = 'commands' | 'keys' | 'channels' | 'selectors'

const nobody: UserRules = { isOn: true, needsNoPassword: false, passwords: 0, rules: ['-@all'] }

/** What a change begins with: the user as most nodes that have it do, or nobody with this name. */
export function draftOf(user: ComparedUser | null): UserDraft {
  const rules = user?.variants.find((variant) => variant.user !== null)?.user ?? nobody
  const groups = groupRules(rules.rules)
  const words = (text: string) => text.split(' ').filter((word) => word !== '' && word !== 'none' && !word.startsWith('reset'))
  const commands = words(groups.commands).filter((word) => /^[+-]/.test(word))
  const [databases] = words(groups.databases === 'all' ? '' : groups.databases)
  return {
    name: user?.name ?? '',
    isNew: user === null,
    reset: user === null,
    isOn: rules.isOn,
    passwords: user !== null && rules.needsNoPassword ? 'open' : 'keep',
    newPasswords: [],
    removedPasswords: [],
    allCommands: commands.includes('+@all'),
    commands: commands.filter((word) => !/^[+-]@all$/.test(word)),
    keys: words(groups.keys).map((word) => (word === 'allkeys' ? '~*' : word)),
    channels: words(groups.channels).map((word) => (word === 'allchannels' ? '&*' : word)),
    databases: groups.databases === 'resetdbs' ? 'none' : (databases?.replace(/^db=/, '') ?? 'all'),
    selectors: groups.selectors
  }
}

/**
 * Rules of ACL SETUSER that make the user what the draft says, whatever a node has before: each kind of rule begins anew. Passwords of
 * `keep` stay as each node has them. Databases are named only where they are or were restricted: servers before 9.1 do not know them.
 */
export function rulesOf(draft: UserDraft, user: ComparedUser | null): readonly string[] {
  const had = (pattern: RegExp) => user?.variants.some((variant) => variant.user?.rules.some((rule) => pattern.test(rule))) ?? false
  const { databases } = draft
  return [
    ...(draft.reset ? ['reset'] : []),
    draft.isOn ? 'on' : 'off',
    ...(draft.passwords === 'open' ? ['nopass'] : draft.passwords === 'drop' && !draft.reset ? ['resetpass'] : []),
    ...(draft.passwords === 'open' ? [] : draft.newPasswords.map((password) => `>${password}`)),
    ...(draft.passwords === 'keep' && !draft.reset ? draft.removedPasswords.map((password) => `<${password}`) : []),
    ...(draft.reset ? [] : ['resetkeys']),
    ...draft.keys,
    'resetchannels',
    ...draft.channels,
    ...(databases !== 'all'
      ? [databases === 'none' ? 'resetdbs' : `db=${databases}`]
      : !draft.reset && had(/^(db=|resetdbs$)/i)
        ? ['alldbs']
        : []),
    draft.allCommands ? '+@all' : '-@all',
    ...draft.commands,
    ...(!draft.reset && had(/^\(/) ? ['clearselectors'] : []),
    ...draft.selectors
  ]
}

const shapes: Readonly<Record<RuleKind, { readonly fits: RegExp; readonly words: string }>> = {
  commands: { fits: /^[+-](@[a-z0-9_-]+|[a-z0-9_.-]+(\|[^|\s]+)?)$/i, words: 'write +get, -keys, +@read, +config|get' },
  keys: { fits: /^(~|%[rw]{1,2}~)\S*$/i, words: 'write ~app:*, %R~log:* to read, %W~log:* to write' },
  channels: { fits: /^&\S*$/, words: 'write &news:*, or &* for all' },
  selectors: { fits: /^\(.+\)$/, words: 'write rules in parentheses: (~cache:* +get +set)' }
}

/** What was typed, as rules of this kind: several with spaces between, but a selector is one. */
export function typedRules(kind: RuleKind, text: string): { readonly rules: readonly string[] } | { readonly problem: string } {
  const words = kind === 'selectors' ? [text.trim()].filter(Boolean) : text.split(/\s+/).filter(Boolean)
  const odd = words.find((word) => !shapes[kind].fits.test(word))
  return odd === undefined ? { rules: words } : { problem: `${odd}: ${shapes[kind].words}` }
}

/** Rules with more behind them. What covers everything, or says it anew of the same command, takes the place of the others. */
export function withRules(kind: RuleKind, before: readonly string[], more: readonly string[]): readonly string[] {
  return more.reduce((rules, rule) => {
    if (kind === 'keys' && rule === '~*') return [rule]
    if (kind === 'channels' && rule === '&*') return [rule]
    const same = (one: string) => (kind === 'commands' ? one.slice(1).toLowerCase() === rule.slice(1).toLowerCase() : one === rule)
    return [...rules.filter((one) => !same(one) && !(one === '~*' || one === '&*')), rule]
  }, before)
}

/** Why nobody could mean this; null: it can be looked at. */
export function draftProblem(draft: UserDraft, taken: readonly string[]): string | null {
  if (draft.name === '') return 'the user needs a name'
  if (/\s/.test(draft.name)) return 'a name has no spaces'
  if (draft.isNew && taken.includes(draft.name)) return `there is a user ${draft.name} already`
  if (!/^(all|none|\d{1,10}(,\d{1,10})*)$/.test(draft.databases)) return 'databases are all, none, or numbers with commas: 0,2'
  return null
}
