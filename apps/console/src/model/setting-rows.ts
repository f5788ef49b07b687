import type { AskedNode, ComparedSetting, NodeSettingsAnswer, SettingValue } from '@slotscope/observer/stream'
import { readRefusal } from './refusal.ts'

/** A value of a setting, in words, with the names of the nodes that have it. */
export type SettingGroup = { readonly words: string; readonly kind: SettingValue['kind']; readonly nodes: readonly string[] }

export type SettingRow = {
  readonly name: string
  readonly isUnequal: boolean
  readonly isOwn: boolean
  readonly groups: readonly SettingGroup[]
}

export type SettingFilter = {
  readonly find: string
  /** Also those that are meant to differ from node to node. */
  readonly own: boolean
  /** Also those in which all nodes agree. */
  readonly equal: boolean
}

/**
 * Settings that each node has for itself: where it listens, what it calls itself, where its files lie, whom it follows. Source: Valkey
 * 9.1 `config.c`, the table of settings.
 */
const own =
  /^(port|tls-port|cluster-port|bind|bind-source-addr|unixsocket|rdma-(bind|port)|pidfile|logfile|dir|dbfilename|append(filename|dirname)|aclfile|cluster-config-file|cluster-announce-.*|(replica|slave)-announce-.*|replicaof|slaveof|availability-zone|syslog-ident|.*[-_]cpulist|proc-title-template|hash-seed)$/

/** True for a setting that nodes are meant to differ in. */
export function isOwnSetting(name: string): boolean {
  return own.test(name)
}

/** The newer name of a setting that has two: CONFIG GET answers both. */
export function newerName(name: string): string {
  const direct: Readonly<Record<string, string>> = {
    'lua-time-limit': 'busy-reply-threshold',
    'slowlog-log-slower-than': 'commandlog-execution-slower-than',
    'slowlog-max-len': 'commandlog-slow-execution-max-len'
  }
  return (
    (Object.hasOwn(direct, name) ? direct[name] : undefined) ??
    name
      .replace(/^master(auth|user)$/, 'primary$1')
      .replace(/\bslave(s)?\b/, 'replica$1')
      .replace('slaveof', 'replicaof')
      .replace('-ziplist-', '-listpack-')
      .replaceAll('_', '-')
  )
}

/** Rows that fit, unequal ones first. An older name is left out where the newer one is there and says the same. */
export function settingRows(answer: NodeSettingsAnswer, names: ReadonlyMap<string, string>, filter: SettingFilter): readonly SettingRow[] {
  const byName = new Map(answer.settings.map((setting) => [setting.name, setting]))
  const wanted = filter.find.toLowerCase().split(/\s+/).filter(Boolean)
  const rows = answer.settings
    .filter((setting) => !isSaidElsewhere(setting, byName))
    .map((setting) => rowOf(setting, answer.nodes, names))
    .filter((row) => (filter.own || !row.isOwn) && (filter.equal || row.isUnequal))
    .filter((row) => {
      const text = `${row.name} ${row.groups.map(({ words }) => words).join(' ')}`.toLowerCase()
      return wanted.every((word) => text.includes(word))
    })
  return [...rows.filter(({ isUnequal }) => isUnequal), ...rows.filter(({ isUnequal }) => !isUnequal)]
}

function isSaidElsewhere(setting: ComparedSetting, byName: ReadonlyMap<string, ComparedSetting>): boolean {
  const newer = newerName(setting.name)
  return newer !== setting.name && JSON.stringify(byName.get(newer)?.values) === JSON.stringify(setting.values)
}

function rowOf({ name, values }: ComparedSetting, nodes: readonly AskedNode[], names: ReadonlyMap<string, string>): SettingRow {
  const elsewhere = new Set(values.flatMap((value) => value.nodes ?? []))
  const rest = nodes.flatMap(({ error }, at) => (error === null && !elsewhere.has(at) ? [at] : []))
  const hidden = values.filter(({ kind }) => kind === 'hidden').length
  let letter = 0
  const groups = values.map((value) => ({
    kind: value.kind,
    words: wordsOf(value, hidden > 1 ? String.fromCharCode(97 + (value.kind === 'hidden' ? letter++ : 0)) : ''),
    nodes: namesAt(value.nodes ?? rest, nodes, names)
  }))
  return { name, isUnequal: groups.length > 1, isOwn: isOwnSetting(name), groups }
}

function wordsOf({ kind, value }: SettingValue, letter: string): string {
  if (kind === 'hidden') return letter === '' ? 'set, not shown' : `set, not shown (${letter})`
  if (kind === 'absent') return 'not known there'
  return value === '' ? 'empty' : (value ?? '')
}

/** Names of the nodes at these places of an answer, in the order that a person counts in. */
export function namesAt(places: readonly number[], nodes: readonly AskedNode[], names: ReadonlyMap<string, string>): readonly string[] {
  return inOrder(places.map((at) => nameOf(nodes[at]?.node ?? '', names)))
}

/** `node-2` before `node-10`. */
export function inOrder(names: readonly string[]): readonly string[] {
  return [...names].sort(byName.compare)
}

// Made once: of 2,000 nodes each setting has a list.
const byName = new Intl.Collator('en', { numeric: true })

export function nameOf(node: string, names: ReadonlyMap<string, string>): string {
  return names.get(node) ?? node.slice(0, 8)
}

/** Nodes without an answer, by what they say; `rule` is what our user lacks there. */
export function unanswered(nodes: readonly AskedNode[], names: ReadonlyMap<string, string>) {
  const groups = new Map<string, string[]>()
  for (const { node, error } of nodes) if (error !== null) groups.set(error, [...(groups.get(error) ?? []), nameOf(node, names)])
  return [...groups].map(([words, of]) => ({ words, rule: readRefusal(words)?.rule ?? null, nodes: inOrder(of) }))
}

/** `node-1, node-2 and 3 more`. */
export function someNames(names: readonly string[], most: number): string {
  if (names.length <= most) return names.join(', ')
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
}
