import type { NodeState, ShardState } from '@slotscope/observer/stream'
import { useMemo } from 'react'
import { formatAgo, formatBytes, formatCount } from '../../model/format.ts'
import { compareLabels } from '../../model/shard-order.ts'
import { useCore, useNow } from '../../stream/hooks.ts'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import styles from './tables.module.css'

const OLD_AFTER_MS = 5_000

/** What each node reports of itself, primaries first within their shard. */
export function NodeFigures() {
  const nodes = useCore((core) => core.nodes)
  const shards = useCore((core) => core.shards)
  const now = useNow(1_000)
  const rows = useMemo(() => inOrder(nodes, shards), [nodes, shards])
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">node</th>
            <th scope="col">operations/s</th>
            <th scope="col">memory</th>
            <th scope="col">behind</th>
            <th scope="col">state</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ node, shard }) => {
            const age = now - (node.staleSinceMs ?? node.readAtMs)
            const old = node.staleSinceMs !== undefined || (node.readAtMs > 0 && age > OLD_AFTER_MS)
            return (
              <tr key={node.id} data-old={old || undefined}>
                <th scope="row">
                  <span className={styles.node}>
                    {shard && <ShardBadge label={shard.label} color={shard.color} small />}
                    <span className="visually-hidden">shard {shard?.label ?? 'unknown'}</span>
                    <span className={styles.nodeName}>{node.name}</span>
                    <small>{node.role}</small>
                  </span>
                </th>
                <td>{formatCount(node.operationsPerSecond)}</td>
                <td
                  title={node.maxMemory === 0 ? 'no limit set' : node.maxMemory === null ? undefined : `of ${formatBytes(node.maxMemory)}`}
                >
                  {formatBytes(node.usedMemory)}
                </td>
                <td data-pale={node.lagBytes === null || undefined}>{node.lagBytes === null ? '–' : formatBytes(node.lagBytes)}</td>
                <td title={node.error ?? undefined} data-health={node.health}>
                  {node.paused !== null ? 'writes paused' : node.health}
                  {old && <small> read {formatAgo(age)}</small>}
                  {!old && node.error !== null && <small> {node.error.includes('NOPERM') ? 'denied' : 'see health'}</small>}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function inOrder(nodes: Readonly<Record<string, NodeState>>, shards: Readonly<Record<string, ShardState>>) {
  return Object.values(nodes)
    .map((node) => ({ node, shard: shards[node.shard] }))
    .sort(
      (a, b) =>
        compareLabels(a.shard?.label ?? 'Z999', b.shard?.label ?? 'Z999') ||
        Number(a.node.role === 'replica') - Number(b.node.role === 'replica') ||
        a.node.name.localeCompare(b.node.name)
    )
}
