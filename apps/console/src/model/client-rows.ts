import { type ClientKind, type ClientState, type CsvCell, isGuardedClient, type KilledClient } from '@slotscope/observer/stream'
import { formatDuration, plural } from './format.ts'
import type { SortColumn } from './sorted-rows.ts'

/** A connection with the name of its node. */
export type ClientRow = ClientState & { readonly key: string; readonly nodeName: string }

/** Which connections are shown. Empty: all. */
export type ClientFilter = {
  /** Words, each of which is somewhere in the name, the address, the library or the number. */
  readonly find: string
  /** Node id. */
  readonly node: string
  readonly user: string
  readonly kind: string
  readonly database: string
  readonly command: string
  /** At least so many seconds. */
  readonly idle: string
  /** Letters, all of which it has. */
  readonly flags: string
}

export const kindWords: Readonly<Record<ClientKind, string>> = {
  normal: 'client',
  pubsub: 'pub/sub',
  replica: 'replica',
  primary: 'primary',
  migration: 'migration'
}

/** How each column sorts; how they are drawn stands with the table. */
export const clientColumns = {
  client: { name: 'client', isText: true, of: ({ address }) => address },
  node: { name: 'node', isText: true, of: ({ nodeName }) => nodeName },
  name: { name: 'name', isText: true, of: ({ name }) => name || null },
  user: { name: 'user', isText: true, of: ({ user }) => user },
  type: { name: 'type', isText: true, of: ({ kind }) => kindWords[kind] },
  db: { name: 'db', of: ({ database }) => database },
  age: { name: 'age', of: ({ ageSeconds }) => ageSeconds },
  idle: { name: 'idle', of: ({ idleSeconds }) => idleSeconds },
  command: { name: 'command', isText: true, of: ({ command }) => command || null },
  output: { name: 'output', of: ({ outputBytes }) => outputBytes },
  query: { name: 'query', of: ({ queryBytes }) => queryBytes },
  memory: { name: 'memory', of: ({ memoryBytes }) => memoryBytes },
  commands: { name: 'commands', of: ({ commands }) => commands },
  received: { name: 'received', of: ({ bytesIn }) => bytesIn },
  sent: { name: 'sent', of: ({ bytesOut }) => bytesOut },
  library: { name: 'library', isText: true, of: ({ library, libraryVersion }) => (library === '' ? null : `${library} ${libraryVersion}`) }
} as const satisfies Readonly<Record<string, SortColumn<ClientRow>>>

/** Rows of an answer, each with the name of its node. */
export function clientRows(clients: readonly ClientState[], names: ReadonlyMap<string, string>): readonly ClientRow[] {
  return clients.map((client) => ({
    ...client,
    key: `${client.node} ${client.id}`,
    nodeName: names.get(client.node) ?? client.node.slice(0, 8)
  }))
}

/** Rows that fit all of the filter. */
export function filterClients(rows: readonly ClientRow[], filter: ClientFilter): readonly ClientRow[] {
  const wanted = filter.find.toLowerCase().split(/\s+/).filter(Boolean)
  const idle = Number(filter.idle || 0)
  const letters = [...filter.flags]
  const is = (value: string | number | null, wish: string) => wish === '' || String(value ?? '') === wish
  return rows.filter(
    (row) =>
      is(row.node, filter.node) &&
      is(row.user, filter.user) &&
      is(row.kind, filter.kind) &&
      is(row.database, filter.database) &&
      is(row.command, filter.command) &&
      (idle === 0 || (row.idleSeconds ?? 0) >= idle) &&
      letters.every((letter) => row.flags.includes(letter)) &&
      (wanted.length === 0 || wanted.every((word) => textOf(row).includes(word)))
  )
}

function textOf({ id, name, address, library, libraryVersion, user }: ClientRow): string {
  return `${id} ${name} ${address} ${library} ${libraryVersion} ${user ?? ''}`.toLowerCase()
}

/** Values that occur, for the lists of a filter: as a person counts. */
export function valuesOf(rows: readonly ClientRow[], of: (row: ClientRow) => string | number | null): readonly string[] {
  const values = new Set(rows.map((row) => String(of(row) ?? '')))
  values.delete('')
  return [...values].sort(new Intl.Collator('en', { numeric: true }).compare)
}

/** What a connection is, where that is more than a client. Null: it is one. */
export function guardWords(row: Pick<ClientState, 'kind' | 'isOurs'>): string | null {
  if (!isGuardedClient(row)) return null
  if (row.isOurs) return 'Slotscope'
  return row.kind === 'migration' ? 'moves slots' : row.kind
}

/** Nodes tell whole seconds: `7 s`, `2 m 08 s`. */
export function secondsWords(seconds: number | null): string {
  if (seconds === null) return '–'
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1_000)
}

/** What came of a kill, in one sentence for each kind of outcome. */
export function killWords(results: readonly KilledClient[]): readonly string[] {
  const of = (outcome: KilledClient['outcome']) => results.filter((result) => result.outcome === outcome)
  const [killed, gone, other, guarded] = [of('killed'), of('gone'), of('other'), of('guarded')]
  const failures = new Map<string, number>()
  for (const { words } of of('failed')) failures.set(words ?? '', (failures.get(words ?? '') ?? 0) + 1)
  return [
    ...(killed.length > 0 ? [`${plural(killed.length, 'connection')} ended.`] : []),
    ...(gone.length > 0 ? [`${plural(gone.length, 'was', 'were')} gone already.`] : []),
    ...(other.length > 0 ? [`${plural(other.length, 'is', 'are')} another connection now: the node began anew. Nothing was sent.`] : []),
    ...(guarded.length > 0 ? [`${plural(guarded.length, 'was', 'were')} left alone, not having been named.`] : []),
    ...[...failures].map(([words, count]) => `${count} could not be ended: ${words}`)
  ]
}

/** The rows as a file has them: figures bare, in the units of the column names. */
export function clientFile(rows: readonly ClientRow[]): {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly CsvCell[])[]
} {
  return {
    columns: [
      ...['node', 'nodeName', 'id', 'address', 'name', 'user', 'type', 'slotscope', 'flags', 'database', 'ageSeconds', 'idleSeconds'],
      ...['subscriptions', 'command', 'commands', 'outputBytes', 'queryBytes', 'memoryBytes', 'bytesIn', 'bytesOut'],
      ...['library', 'libraryVersion', 'protocol']
    ],
    rows: rows.map((row) => [
      ...[row.node, row.nodeName, row.id, row.address, row.name, row.user, row.kind, row.isOurs, row.flags, row.database],
      ...[row.ageSeconds, row.idleSeconds, row.subscriptions, row.command, row.commands, row.outputBytes, row.queryBytes, row.memoryBytes],
      ...[row.bytesIn, row.bytesOut, row.library, row.libraryVersion, row.protocol]
    ])
  }
}
