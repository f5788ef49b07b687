import type { NodeUsersAnswer, UserRules, UserTestAnswer } from '@slotscope/observer/stream'
import { listWords, plural } from './format.ts'
import { inOrder, nameOf, namesAt } from './setting-rows.ts'

/** What a user may do, by kind of rule, as ACL SETUSER takes them. */
export type RuleGroups = {
  readonly commands: string
  readonly keys: string
  readonly channels: string
  readonly databases: string
  /** Each is a set of rules of its own, beside the others. */
  readonly selectors: readonly string[]
}

export type UserRow = {
  readonly name: string
  readonly isUnequal: boolean
  readonly variants: readonly {
    readonly state: string
    readonly rules: RuleGroups | null
    /** All rules of a user that is there, for a file. */
    readonly text: string
    readonly nodes: readonly string[]
  }[]
}

/** Users that hold every word of `find`; those that differ from node to node stand first. */
export function userRows(answer: NodeUsersAnswer, names: ReadonlyMap<string, string>, find: string): readonly UserRow[] {
  const wanted = find.toLowerCase().split(/\s+/).filter(Boolean)
  const rows = answer.users
    .map(({ name, variants }): UserRow => {
      const elsewhere = new Set(variants.flatMap(({ nodes }) => nodes ?? []))
      const rest = answer.nodes.flatMap(({ error }, at) => (error === null && !elsewhere.has(at) ? [at] : []))
      return {
        name,
        isUnequal: variants.length > 1,
        variants: variants.map(({ user, nodes }) => ({
          state: stateOf(user),
          rules: user && groupRules(user.rules),
          text: user?.rules.join(' ') ?? '',
          nodes: namesAt(nodes ?? rest, answer.nodes, names)
        }))
      }
    })
    .filter((row) => {
      const text = `${row.name} ${row.variants.map(({ state, text: rules }) => `${state} ${rules}`).join(' ')}`.toLowerCase()
      return wanted.every((word) => text.includes(word))
    })
  return [...rows.filter(({ isUnequal }) => isUnequal), ...rows.filter(({ isUnequal }) => !isUnequal)]
}

/** `on, 1 password`; a user without a password that may log in needs none, or cannot. */
function stateOf(user: UserRules | null): string {
  if (user === null) return 'not there'
  const passwords = user.needsNoPassword
    ? 'needs no password'
    : user.passwords === 0
      ? 'no password: nobody logs in'
      : plural(user.passwords, 'password')
  return `${user.isOn ? 'on' : 'off'}, ${passwords}`
}

/**
 * Rules by their first sign (Valkey `acl.c`, `ACLSetSelector`). What is none of them, like `sanitize-payload`, stands with
 * commands. ACL LIST does not say `alldbs`.
 */
export function groupRules(rules: readonly string[]): RuleGroups {
  const of = (pattern: RegExp) => rules.filter((rule) => pattern.test(rule)).join(' ')
  const other = /^\(|^[~%&]|^(all|reset)(keys|channels|dbs)$|^(db=|alldbs|resetdbs)/
  return {
    commands: rules.filter((rule) => !other.test(rule)).join(' '),
    keys: of(/^[~%]|^(all|reset)keys$/) || 'none',
    channels: of(/^&|^(all|reset)channels$/) || 'none',
    databases: of(/^(db=|alldbs$|resetdbs$)/) || 'all',
    selectors: rules.filter((rule) => rule.startsWith('('))
  }
}

/** What a test found, in one line for each answer that nodes gave. */
export type TestLine = { readonly outcome: 'allowed' | 'refused' | 'unknown'; readonly words: string; readonly nodes: readonly string[] }

export function testLines({ results }: UserTestAnswer, names: ReadonlyMap<string, string>): readonly TestLine[] {
  const lines = new Map<string, { outcome: TestLine['outcome']; words: string; nodes: string[] }>()
  for (const result of results) {
    const outcome = result.error !== null ? 'unknown' : result.allowed === true ? 'allowed' : 'refused'
    const words = result.error ?? result.refused ?? ''
    const line = lines.get(`${outcome} ${words}`) ?? { outcome, words, nodes: [] }
    line.nodes.push(nameOf(result.node, names))
    lines.set(`${outcome} ${words}`, line)
  }
  return [...lines.values()].map((line) => ({ ...line, nodes: inOrder(line.nodes) })).sort((a, b) => b.nodes.length - a.nodes.length)
}

/** For a screen reader: `allowed on 5 nodes and refused on 1 node`. */
export function testWords(lines: readonly TestLine[]): string {
  const on = { allowed: 'allowed on', refused: 'refused on', unknown: 'not known of' } as const
  return listWords(lines.map(({ outcome, nodes }) => `${on[outcome]} ${plural(nodes.length, 'node')}`))
}
