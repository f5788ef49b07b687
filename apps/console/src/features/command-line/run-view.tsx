import type { CommandResult, CoreState } from '@slotscope/observer/stream'
import { PencilLine } from 'lucide-react'
import { useMemo } from 'react'
import { replyText } from '../../model/command-reply.ts'
import { plural } from '../../model/format.ts'
import { useCore } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/command-text.tsx'
import { DatabaseChip } from '../../ui/database-chip.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import styles from './command-line-room.module.css'
import type { Run } from './use-command-line.ts'

/** Nodes that answered the same, side by side with those that answered otherwise. */
export function RunView({ run, onAgain }: { readonly run: Run; readonly onAgain: () => void }) {
  const nodes = useCore((core) => core.nodes)
  const shards = useCore((core) => core.shards)
  const groups = useMemo(
    () => (run.answer === null ? [] : grouped(inOrder(run.answer.results, { nodes, shards }))),
    [run.answer, nodes, shards]
  )
  return (
    <article className={styles.run} aria-label={run.line}>
      <header className={styles.runHead}>
        <DatabaseChip database={run.database} />
        <code className={styles.sent}>{run.line}</code>
        <Button size="small" look="quiet" icon aria-label="Type it again" title="Type it again" onClick={onAgain}>
          <PencilLine aria-hidden />
        </Button>
      </header>
      {run.failure !== null && <FailureNote what="send it" error={run.failure} />}
      <div className={styles.replies} data-one={groups.length === 1 || undefined}>
        {groups.map(({ text, results, isError }) => (
          <section
            key={results[0]?.node}
            className={styles.reply}
            data-error={isError || undefined}
            aria-label={`Reply of ${plural(results.length, 'node')}`}
          >
            <div className={styles.replyHead}>
              <Nodes results={results} />
              <CopyButton text={text} label="Copy" what="the reply" />
            </div>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
            <pre tabIndex={0}>{text}</pre>
          </section>
        ))}
      </div>
    </article>
  )
}

/** Shard by shard, its primary first. */
function inOrder(results: readonly CommandResult[], { nodes, shards }: Pick<CoreState, 'nodes' | 'shards'>): readonly CommandResult[] {
  const rank = ({ node }: CommandResult) => {
    const known = nodes[node]
    return `${known === undefined ? '~' : (shards[known.shard]?.label ?? '~')} ${known?.role} ${known?.name}`
  }
  return results.toSorted((a, b) => rank(a).localeCompare(rank(b), 'en', { numeric: true }))
}

type Group = { readonly text: string; readonly isError: boolean; readonly results: CommandResult[] }

/** In the order of their first node. */
function grouped(results: readonly CommandResult[]): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const result of results) {
    const text = result.reply === null ? `No answer: ${result.unreachable ?? 'it was not sent'}` : replyText(result.reply)
    const group = groups.get(text) ?? { text, isError: result.reply === null || result.reply.type === 'error', results: [] }
    groups.set(text, group)
    group.results.push(result)
  }
  return [...groups.values()]
}

function Nodes({ results }: { readonly results: readonly CommandResult[] }) {
  const nodes = useCore((core) => core.nodes)
  const shards = useCore((core) => core.shards)
  return (
    <span className={styles.nodes}>
      {results.map(({ node, durationMs }) => {
        const known = nodes[node]
        const shard = known && shards[known.shard]
        return (
          <span key={node} className={styles.node}>
            {shard && <ShardBadge label={shard.label} color={shard.color} small />}
            {known?.name ?? node.slice(0, 8)}
            {known?.role === 'replica' && <i>replica</i>}
            {durationMs !== null && <small>{durationMs.toFixed(1)} ms</small>}
          </span>
        )
      })}
    </span>
  )
}
