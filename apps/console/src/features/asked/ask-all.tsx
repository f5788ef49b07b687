import type { AskedNode } from '@slotscope/observer/stream'
import { LockKeyhole, Send, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { useSession } from '../../api/session.ts'
import { plural } from '../../model/format.ts'
import { someNames, unanswered } from '../../model/setting-rows.ts'
import { useCore } from '../../stream/hooks.ts'
import { useUnchangeableReason } from '../../stream/unchangeable.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import parts from '../../ui/panel-parts.module.css'
import { Spinner } from '../../ui/spinner.tsx'
import styles from './asked.module.css'

/** What stands where the answers of all nodes would: who may ask, what is sent, and that it is under way or failed. */
export function AskAll(props: {
  readonly what: string
  readonly command: string
  readonly leastRole: 'operator' | 'admin'
  /** Name of the one node that is asked; absent: all are. */
  readonly only?: string | undefined
  readonly query: { readonly isFetching: boolean; readonly isError: boolean; readonly error: unknown; readonly refetch: () => unknown }
  readonly children: ReactNode
}) {
  const { role } = useSession()
  const past = useUnchangeableReason()
  const count = useCore((core) => Object.keys(core.nodes).length)
  const { query } = props
  if (role === 'viewer' || (props.leastRole === 'admin' && role !== 'admin'))
    return (
      <EmptyState
        icon={<LockKeyhole aria-hidden />}
        title={`${props.what} ${props.leastRole === 'admin' ? 'are for admins' : 'is for operators'}`}
      >
        Your role is {role}.
      </EmptyState>
    )
  if (past !== null) return <p className={parts.note}>{past}</p>
  if (query.isError) return <FailureNote what="ask the nodes" error={query.error} onRetry={() => void query.refetch()} />
  if (query.isFetching) return <EmptyState icon={<Spinner />} title="Asking the nodes" />
  return (
    <EmptyState
      title="Not asked yet"
      action={
        <Button look="primary" onClick={() => void query.refetch()}>
          <Send aria-hidden />
          {props.only !== undefined ? `Ask ${props.only}` : count === 1 ? 'Ask the node' : `Ask ${plural(count, 'node')}`}
        </Button>
      }
    >
      {props.children} It sends <code>{props.command}</code> once to{' '}
      {props.only === undefined ? `each of ${plural(count, 'node')}` : props.only}.
    </EmptyState>
  )
}

/** How far nodes agree, as far as they answered. */
export function agreement(nodes: readonly AskedNode[], unequal: number, one: string, many: string): string {
  const answered = nodes.filter(({ error }) => error === null).length
  if (answered === 0) return 'No node answered'
  if (unequal > 0) return plural(unequal, one, many)
  return answered === nodes.length ? 'All nodes agree' : `The ${plural(answered, 'node')} that answered agree`
}

/** Nodes that did not answer, and why. */
export function Unanswered({ nodes, names }: { readonly nodes: readonly AskedNode[]; readonly names: ReadonlyMap<string, string> }) {
  const groups = unanswered(nodes, names)
  if (groups.length === 0) return null
  return (
    <ul className={styles.unanswered}>
      {groups.map((group) => (
        <li key={group.words}>
          {group.rule === null ? <TriangleAlert aria-hidden /> : <LockKeyhole aria-hidden />}
          <span>
            <b>{someNames(group.nodes, 6)}</b>: {group.words}
            {group.rule !== null && (
              <>
                {' '}
                The rule that is missing for our user: <code>{group.rule}</code>
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}
