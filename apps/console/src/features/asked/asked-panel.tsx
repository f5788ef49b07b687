import type { AskedNode } from '@slotscope/observer/stream'
import { useQuery } from '@tanstack/react-query'
import { RefreshCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { ask } from '../../api/client.ts'
import { formatAgo } from '../../model/format.ts'
import { useCluster, useNow } from '../../stream/hooks.ts'
import { useUnchangeableReason } from '../../stream/unchangeable.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import parts from '../../ui/panel-parts.module.css'

type OfAll = { readonly nodes: readonly AskedNode[] }
type AskQuery = { readonly isFetching: boolean; readonly refetch: () => unknown }

/**
 * What all nodes are asked only on request. There is no answer in the past: it was not recorded.
 *
 * @param path below the cluster: `nodes/settings`
 */
export function useAskedOfAll<Answer extends OfAll>(path: string) {
  const { id } = useCluster()
  const isPast = useUnchangeableReason() !== null
  const query = useQuery({
    queryKey: ['asked', path, id],
    queryFn: ({ signal }) => ask<Answer>(`/api/clusters/${encodeURIComponent(id)}/${path}`, signal),
    enabled: false
  })
  return { query, answer: isPast ? undefined : query.data }
}

/** The frame of such an answer: how old it is, asking again, and `save` to keep it as a file. */
export function AskedPanel(props: {
  readonly title: string
  readonly query: AskQuery
  readonly answer: OfAll | undefined
  readonly save: ReactNode
  readonly children: ReactNode
}) {
  const now = useNow(1_000)
  const { query, answer } = props
  return (
    <Panel
      title={props.title}
      note={answer && `asked ${formatAgo(now - Math.min(...answer.nodes.map(({ atMs }) => atMs)))}`}
      actions={
        answer && (
          <span className={parts.actions}>
            <Button size="small" onClick={() => void query.refetch()} disabled={query.isFetching}>
              <RefreshCw aria-hidden />
              Ask again
            </Button>
            {props.save}
          </span>
        )
      }
    >
      {props.children}
    </Panel>
  )
}
