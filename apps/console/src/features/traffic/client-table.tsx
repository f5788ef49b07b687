import { type ClientRow, clientColumns, guardWords, kindWords, secondsWords } from '../../model/client-rows.ts'
import { formatBytes, formatCount } from '../../model/format.ts'
import { Chip } from '../../ui/chip.tsx'
import { DatabaseChip } from '../../ui/database-chip.tsx'
import type { RowColumn } from '../../ui/row-table.tsx'

const list = 'CLIENT LIST'

/** The columns of connections, in their order. */
export const clientTable: readonly RowColumn<ClientRow>[] = [
  {
    ...clientColumns.client,
    words: 'connection from',
    title: `${list}, addr: where it comes from, as the node sees it`,
    width: 'minmax(150px, 1.3fr)',
    isHead: true,
    cell: ({ address }) => address,
    hint: ({ address, id }) => `${address}, number ${id}`
  },
  {
    ...clientColumns.node,
    words: 'node',
    title: 'the node that it is connected to',
    width: 'minmax(70px, 0.6fr)',
    cell: ({ nodeName }) => nodeName
  },
  {
    ...clientColumns.name,
    words: 'name',
    title: `${list}, name: what it calls itself`,
    width: 'minmax(110px, 1fr)',
    cell: ({ name }) => name || '–',
    hint: ({ name }) => name || undefined
  },
  {
    ...clientColumns.user,
    words: 'user',
    title: `${list}, user: as whom it is logged in`,
    width: 'minmax(70px, 0.7fr)',
    cell: ({ user }) => user ?? '–'
  },
  {
    ...clientColumns.type,
    words: 'type',
    title: `${list}, flags: what the connection is for`,
    width: '104px',
    cell: (row) => {
      const guard = guardWords(row)
      return guard === null ? kindWords[row.kind] : <Chip>{guard}</Chip>
    },
    hint: ({ flags, subscriptions }) => `flags ${flags}${subscriptions > 0 ? `, listens to ${subscriptions}` : ''}`
  },
  {
    ...clientColumns.db,
    words: 'db',
    title: `${list}, db: the database that it has selected`,
    width: '44px',
    cell: ({ database }) => (database === null ? '–' : <DatabaseChip database={database} />)
  },
  { ...clientColumns.age, words: 'connected', title: `${list}, age`, width: '76px', cell: ({ ageSeconds }) => secondsWords(ageSeconds) },
  {
    ...clientColumns.idle,
    words: 'idle',
    title: `${list}, idle: since its last command`,
    width: '72px',
    cell: ({ idleSeconds }) => secondsWords(idleSeconds)
  },
  {
    ...clientColumns.command,
    words: 'last command',
    title: `${list}, cmd`,
    width: 'minmax(100px, 0.9fr)',
    cell: ({ command }) => (command === '' ? '–' : command.replace('|', ' ')),
    hint: ({ command }) => command || undefined
  },
  {
    ...clientColumns.output,
    words: 'output',
    title: `${list}, omem: replies that wait to be sent`,
    width: '68px',
    cell: ({ outputBytes }) => formatBytes(outputBytes)
  },
  {
    ...clientColumns.query,
    words: 'query',
    title: `${list}, qbuf: what has come and was not run yet`,
    width: '64px',
    cell: ({ queryBytes }) => formatBytes(queryBytes)
  },
  {
    ...clientColumns.memory,
    words: 'memory',
    title: `${list}, tot-mem: all that the connection takes`,
    width: '72px',
    cell: ({ memoryBytes }) => formatBytes(memoryBytes)
  },
  {
    ...clientColumns.commands,
    words: 'commands',
    title: `${list}, tot-cmds: since it connected`,
    width: '84px',
    cell: ({ commands }) => formatCount(commands)
  },
  {
    ...clientColumns.received,
    words: 'received',
    title: `${list}, tot-net-in: bytes of it that the node has read`,
    width: '72px',
    cell: ({ bytesIn }) => formatBytes(bytesIn)
  },
  {
    ...clientColumns.sent,
    words: 'sent',
    title: `${list}, tot-net-out: bytes that the node has sent to it`,
    width: '72px',
    cell: ({ bytesOut }) => formatBytes(bytesOut)
  },
  {
    ...clientColumns.library,
    words: 'library',
    title: `${list}, lib-name and lib-ver: what it is made with, and RESP that it speaks`,
    width: 'minmax(110px, 0.8fr)',
    cell: ({ library, libraryVersion }) => (library === '' ? '–' : `${library} ${libraryVersion}`),
    hint: ({ protocol }) => (protocol === null ? undefined : `RESP${protocol}`)
  }
]
