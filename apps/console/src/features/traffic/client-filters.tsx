import type { AskedNode } from '@slotscope/observer/stream'
import { useMemo } from 'react'
import { type ClientFilter, type ClientRow, kindWords, valuesOf } from '../../model/client-rows.ts'
import { nameOf } from '../../model/setting-rows.ts'
import { Button } from '../../ui/button.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import { SettledField } from '../../ui/settled-field.tsx'
import { SelectField } from '../../ui/text-field.tsx'
import styles from './views.module.css'

const idleTimes = [
  ['10', '10 s'],
  ['60', '1 min'],
  ['600', '10 min'],
  ['3600', '1 h'],
  ['86400', '1 day']
] as const

type Part = keyof ClientFilter
const parts = ['find', 'node', 'user', 'kind', 'database', 'command', 'idle', 'flags'] as const satisfies readonly Part[]
/** As they stand in the address. */
const names: Readonly<Record<Part, string>> = {
  find: 'find',
  node: 'node',
  user: 'user',
  kind: 'type',
  database: 'db',
  command: 'command',
  idle: 'idle',
  flags: 'flags'
}

type FilterState = { readonly filter: ClientFilter; readonly set: (part: Part, value: string | null) => void }

/** What of the connections is shown, as it stands in the address. */
export function useClientFilter(): FilterState {
  const [find, setFind] = useQueryParameter(names.find)
  const [node, setNode] = useQueryParameter(names.node)
  const [user, setUser] = useQueryParameter(names.user)
  const [kind, setKind] = useQueryParameter(names.kind)
  const [database, setDatabase] = useQueryParameter(names.database)
  const [command, setCommand] = useQueryParameter(names.command)
  const [idle, setIdle] = useQueryParameter(names.idle)
  const [flags, setFlags] = useQueryParameter(names.flags)
  const filter = useMemo<ClientFilter>(
    () => ({
      find: find ?? '',
      node: node ?? '',
      user: user ?? '',
      kind: kind ?? '',
      database: database ?? '',
      command: command ?? '',
      idle: idle ?? '',
      flags: flags ?? ''
    }),
    [find, node, user, kind, database, command, idle, flags]
  )
  const setters = {
    find: setFind,
    node: setNode,
    user: setUser,
    kind: setKind,
    database: setDatabase,
    command: setCommand,
    idle: setIdle,
    flags: setFlags
  }
  return { filter, set: (part, value) => setters[part](value) }
}

/** Words, and one of each thing that occurs. All of it stands in the address. */
export function ClientFilters(props: {
  readonly rows: readonly ClientRow[]
  readonly nodes: readonly AskedNode[]
  readonly names: ReadonlyMap<string, string>
  readonly state: FilterState
}) {
  const { rows, state } = props
  const { filter, set } = state
  const lists = useMemo(
    () => ({
      user: valuesOf(rows, ({ user }) => user),
      database: valuesOf(rows, ({ database }) => database),
      command: valuesOf(rows, ({ command }) => command)
    }),
    [rows]
  )
  const select = (part: Part, label: string, options: readonly (readonly [value: string, words: string])[]) => (
    <SelectField label={label} value={filter[part]} onChange={(event) => set(part, event.target.value || null)}>
      <option value="">any</option>
      {filter[part] !== '' && !options.some(([value]) => value === filter[part]) && <option value={filter[part]}>{filter[part]}</option>}
      {options.map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </SelectField>
  )
  const own = (values: readonly string[]) => values.map((value) => [value, value.replace('|', ' ')] as const)
  return (
    <search className={styles.filters}>
      <SettledField
        label="Find"
        placeholder="address, name, library"
        value={filter.find}
        onSettle={(value) => set('find', value)}
        className={styles.words}
      />
      {select(
        'node',
        'Node',
        props.nodes.map(({ node }) => [node, nameOf(node, props.names)] as const)
      )}
      {select('user', 'User', own(lists.user))}
      {select('kind', 'Type', Object.entries(kindWords))}
      {select(
        'database',
        'Database',
        lists.database.map((value) => [value, value] as const)
      )}
      {select('command', 'Last command', own(lists.command))}
      {select('idle', 'Idle at least', idleTimes)}
      <SettledField
        label="Flags"
        placeholder="b, x, P"
        value={filter.flags}
        onSettle={(value) => set('flags', value)}
        className={styles.letters}
      />
      {parts.some((part) => filter[part] !== '') && (
        <Button
          look="quiet"
          size="small"
          onClick={() => {
            for (const part of parts) set(part, null)
          }}
        >
          Show everything
        </Button>
      )}
    </search>
  )
}
