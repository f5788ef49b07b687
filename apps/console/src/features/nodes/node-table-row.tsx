import { memo } from 'react'
import { formatAgo, formatBytes, formatCount, formatDuration } from '../../model/format.ts'
import type { NodeRow } from '../../model/node-table.ts'
import { nodeTrouble, oldFigures, readingLastsMs } from '../../model/node-words.ts'
import { useNow } from '../../stream/hooks.ts'
import { Chip } from '../../ui/chip.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import styles from './nodes-room.module.css'

/** One node. What is too old to pass for now is greyed, and its age stands at the end. */
export const NodeTableRow = memo(function NodeTableRow(props: {
  readonly row: NodeRow
  /** Nodes of the cluster. */
  readonly total: number
  readonly unlike: readonly ('version' | 'databases')[] | undefined
  readonly isOpen: boolean
  readonly onOpen: (node: string | null) => void
}) {
  const { node, shard, reading } = props.row
  const now = useNow(1_000)
  const trouble = nodeTrouble(node)
  const old = oldFigures(node, now, props.total)
  const isReadingOld = reading !== null && now - reading.atMs > readingLastsMs(props.total)
  const readAtMs = reading?.atMs ?? node.readAtMs
  return (
    <tr data-old={old !== null || isReadingOld || undefined} data-open={props.isOpen || undefined}>
      <th scope="row">
        <button
          type="button"
          className={styles.opener}
          aria-expanded={props.isOpen}
          aria-label={`${node.name}: all that it says of itself`}
          onClick={() => props.onOpen(props.isOpen ? null : node.id)}
        >
          {node.name}
        </button>
        {trouble !== null && (
          <small data-health={node.health} title={node.error ?? undefined}>
            {trouble}
          </small>
        )}
      </th>
      <td>{shard === null ? '–' : <ShardBadge label={shard.label} color={shard.color} small />}</td>
      <td>{node.role}</td>
      <td>
        {node.version ?? '–'}
        {props.unlike?.includes('version') && (
          <Chip tone="warn" className={styles.odd}>
            unlike others
          </Chip>
        )}
        {props.unlike?.includes('databases') && (
          <Chip tone="warn" className={styles.odd}>{`cluster-databases ${reading?.databases ?? ''}`}</Chip>
        )}
      </td>
      <td>{`${node.host}:${node.port}`}</td>
      <td>{typeof reading?.uptimeSeconds === 'number' ? formatDuration(reading.uptimeSeconds * 1_000) : '–'}</td>
      <td title={node.maxMemory === 0 ? 'no limit set' : undefined}>
        {formatBytes(node.usedMemory)}
        {node.maxMemory !== null && node.maxMemory > 0 && <small> of {formatBytes(node.maxMemory)}</small>}
      </td>
      <td title={reading?.maxClients == null ? undefined : `of at most ${formatCount(reading.maxClients)}`}>
        {formatCount(reading?.clients ?? null)}
      </td>
      <td>{formatCount(node.operationsPerSecond)}</td>
      <td>{formatCount(reading?.offsetBytes ?? null)}</td>
      <td>{node.lagBytes === null ? '–' : formatBytes(node.lagBytes)}</td>
      <td title={`INFO of ${node.name}`}>{readAtMs === 0 ? 'not yet' : formatAgo(now - readAtMs)}</td>
    </tr>
  )
})
