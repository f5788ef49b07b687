import type { CommandLogAnswer, CommandLogKind, CsvCell, LoggedCommand, LoggingNode } from '@slotscope/observer/stream'
import { formatBytes, plural } from './format.ts'
import { inOrder, nameOf } from './setting-rows.ts'
import type { SortColumn } from './sorted-rows.ts'
import { readableName } from './typed-bytes.ts'

/** An entry of a log as it is read: `line` is the command in one line. */
export type LogRow = LoggedCommand & {
  readonly key: string
  readonly nodeName: string
  readonly words: readonly string[]
  readonly line: string
}

export const kindNames: Readonly<Record<CommandLogKind, string>> = {
  slow: 'slow commands',
  'large-request': 'large requests',
  'large-reply': 'large replies'
}

/** How each column sorts. */
export const logColumns = {
  command: { name: 'command', isText: true, of: ({ line }) => line },
  value: { name: 'value', of: ({ value }) => value },
  when: { name: 'when', of: ({ atMs }) => atMs },
  node: { name: 'node', isText: true, of: ({ nodeName }) => nodeName },
  client: { name: 'client', isText: true, of: ({ address }) => address },
  name: { name: 'name', isText: true, of: ({ clientName }) => clientName || null }
} as const satisfies Readonly<Record<string, SortColumn<LogRow>>>

/** Rows that have every word of `find` in their command, client or node. */
export function logRows(answer: CommandLogAnswer, names: ReadonlyMap<string, string>, find: string): readonly LogRow[] {
  const wanted = find.toLowerCase().split(/\s+/).filter(Boolean)
  return answer.entries
    .map((entry) => {
      const words = entry.arguments.map(readableName)
      return { ...entry, key: `${entry.node} ${entry.id}`, nodeName: nameOf(entry.node, names), words, line: words.map(asWord).join(' ') }
    })
    .filter((row) => {
      const text = `${row.line} ${row.address ?? ''} ${row.clientName ?? ''} ${row.nodeName}`.toLowerCase()
      return wanted.every((word) => text.includes(word))
    })
}

function asWord(text: string): string {
  return text !== '' && /^\S+$/.test(text) && !/["']/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`
}

/** Microseconds as a person reads them, bytes for the large ones. */
export function valueWords(kind: CommandLogKind, value: number): string {
  return kind === 'slow' ? microsecondWords(value) : formatBytes(value)
}

/** `812 µs`, `12.3 ms`, `1.42 s`. */
export function microsecondWords(us: number | null): string {
  if (us === null || !Number.isFinite(us)) return '–'
  if (us < 1_000) return `${Number(us.toPrecision(3))} µs`
  if (us < 1_000_000) return `${Number((us / 1_000).toPrecision(3))} ms`
  return `${Number((us / 1_000_000).toPrecision(3))} s`
}

/** What is written down, and on which nodes it is so: the most nodes first. `nodes` null: all that told. */
export type LimitGroup = { readonly words: string; readonly nodes: readonly string[] | null }

export function limitGroups(
  kind: CommandLogKind,
  nodes: readonly LoggingNode[],
  names: ReadonlyMap<string, string>
): readonly LimitGroup[] {
  const groups = new Map<string, string[]>()
  for (const node of nodes) {
    const words = limitWords(kind, node)
    if (words !== null) groups.set(words, [...(groups.get(words) ?? []), nameOf(node.node, names)])
  }
  const sorted = [...groups].sort(([, a], [, b]) => b.length - a.length)
  return sorted.map(([words, of]) => ({ words, nodes: sorted.length === 1 ? null : inOrder(of) }))
}

function limitWords(kind: CommandLogKind, { threshold, mostEntries }: LoggingNode): string | null {
  if (threshold === null) return null
  if (threshold < 0 || mostEntries === 0) return 'nothing is written down'
  const from = kind === 'slow' ? `what takes ${microsecondWords(threshold)} or longer` : `what is larger than ${formatBytes(threshold)}`
  const kept = mostEntries === null ? '' : `, the last ${plural(mostEntries, 'entry', 'entries')} kept`
  return `${threshold === 0 ? 'every command' : from}${kept}`
}

/** The rows as a file has them. Arguments that are no text are escaped as they are on screen. */
export function logFile(
  kind: CommandLogKind,
  rows: readonly LogRow[]
): { readonly columns: readonly string[]; readonly rows: readonly (readonly CsvCell[])[] } {
  return {
    columns: ['at', 'node', 'nodeName', 'id', kind === 'slow' ? 'microseconds' : 'bytes', 'command', 'clientAddress', 'clientName'],
    rows: rows.map((row) => [
      ...[new Date(row.atMs).toISOString(), row.node, row.nodeName, row.id, row.value, row.line, row.address, row.clientName]
    ])
  }
}
