import type { ChannelState, ListenRequest, PubSubAnswer } from '@slotscope/observer/stream'
import { Ear, SearchX } from 'lucide-react'
import { useMemo, useState } from 'react'
import { formatCount, plural } from '../../model/format.ts'
import { readSort, type SortColumn, sortRows } from '../../model/sorted-rows.ts'
import { readableName } from '../../model/typed-bytes.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import { type RowColumn, RowTable } from '../../ui/row-table.tsx'
import { SaveRows } from '../../ui/save-rows.tsx'
import { SettledField } from '../../ui/settled-field.tsx'
import { AskAll, Unanswered } from '../asked/ask-all.tsx'
import { AskedPanel, useAskedOfAll } from '../asked/asked-panel.tsx'
import { useNodeNames } from '../asked/use-node-names.ts'
import { ListenPanel } from './listen-panel.tsx'
import styles from './views.module.css'

type Row = ChannelState & { readonly key: string; readonly readable: string }

const none: readonly Row[] = []
const kindWords = { channel: 'channel', sharded: 'sharded' } as const
const columns = {
  channel: { name: 'channel', isText: true, of: ({ readable }) => readable },
  kind: { name: 'kind', isText: true, of: ({ kind }) => kind },
  subscribers: { name: 'subscribers', of: ({ subscribers }) => subscribers },
  nodes: { name: 'nodes', of: ({ nodes }) => nodes }
} as const satisfies Readonly<Record<string, SortColumn<Row>>>
const sorts = Object.values(columns)

/** Which channels somebody listens to, asked on request; and listening to one of them, or to a pattern. */
export function PubSubView() {
  const { query, answer } = useAskedOfAll<PubSubAnswer>('pubsub')
  const names = useNodeNames()
  const [find, setFind] = useQueryParameter('find')
  const [sortText, setSort] = useQueryParameter('sort')
  const [chosen, setChosen] = useState<ListenRequest | null>(null)
  const rows = useMemo(() => {
    const wanted = (find ?? '').toLowerCase()
    const all =
      answer?.channels.map(
        (channel): Row => ({ ...channel, key: `${channel.kind} ${channel.name}`, readable: readableName(channel.name) })
      ) ?? none
    return sortRows(
      all.filter(({ readable }) => readable.toLowerCase().includes(wanted)),
      sorts,
      readSort(sorts, sortText)
    )
  }, [answer, find, sortText])
  return (
    <>
      <ListenPanel chosen={chosen} />
      <AskedPanel
        title="Channels"
        query={query}
        answer={answer}
        save={
          <SaveRows
            what="the channels"
            name="slotscope-channels"
            file={() => ({
              columns: ['channel', 'kind', 'subscribers', 'nodes'],
              rows: rows.map(({ readable, kind, subscribers, nodes }) => [readable, kind, subscribers, nodes])
            })}
          />
        }
      >
        {!answer ? (
          <AskAll what="The list of channels" command="PUBSUB CHANNELS, SHARDCHANNELS, NUMSUB" leastRole="operator" query={query}>
            Which channels somebody listens to, and how many.
          </AskAll>
        ) : (
          <>
            <Unanswered nodes={answer.nodes} names={names} />
            <search className={styles.filters}>
              <SettledField label="Channel" placeholder="part of its name" value={find ?? ''} onSettle={setFind} className={styles.words} />
              <span role="status" className={styles.say}>
                {plural(rows.length, 'channel')}
                {answer.leftOut > 0 && `; ${formatCount(answer.leftOut)} more are not listed`};{' '}
                {plural(answer.patterns, 'pattern is', 'patterns are')} listened to
              </span>
            </search>
            {rows.length === 0 ? (
              <EmptyState
                icon={<SearchX aria-hidden />}
                title={answer.channels.length === 0 ? 'Nobody listens to a channel' : 'No channel fits'}
              >
                {answer.channels.length === 0
                  ? 'Channels are there for as long as somebody listens to them; those who listen by a pattern make none.'
                  : `None of ${plural(answer.channels.length, 'channel')} has “${find}” in its name.`}
              </EmptyState>
            ) : (
              <RowTable
                label="Channels with subscribers"
                columns={table}
                rows={rows}
                keyOf={({ key }) => key}
                sort={readSort(sorts, sortText)}
                onSort={setSort}
                leastPx={420}
                openKey={chosen ? `${chosen.kind} ${chosen.name}` : null}
                onOpen={({ kind, name }) => setChosen({ kind, name })}
              />
            )}
          </>
        )}
      </AskedPanel>
    </>
  )
}

const table: readonly RowColumn<Row>[] = [
  {
    ...columns.channel,
    words: 'channel',
    title: 'PUBSUB CHANNELS and SHARDCHANNELS: a click puts it above, to be listened to',
    width: 'minmax(160px, 3fr)',
    isHead: true,
    cell: ({ readable }) => (
      <>
        <Ear aria-hidden className={styles.ear} /> {readable}
      </>
    ),
    hint: ({ readable }) => readable
  },
  {
    ...columns.kind,
    words: 'kind',
    title: 'messages of a sharded one stay in the shard that owns its slot',
    width: '80px',
    cell: ({ kind }) => kindWords[kind]
  },
  {
    ...columns.subscribers,
    words: 'subscribers',
    title: 'PUBSUB NUMSUB of all nodes, added up; those who listen by a pattern are not counted',
    width: '90px',
    cell: ({ subscribers }) => formatCount(subscribers)
  },
  {
    ...columns.nodes,
    words: 'on nodes',
    title: 'on how many nodes somebody listens',
    width: '72px',
    cell: ({ nodes }) => formatCount(nodes)
  }
]
