import type { SlotAnswer } from '@slotscope/observer/stream'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { ask, wordsOf } from '../../api/client.ts'
import { fromBase64Url, readableBytes } from '../../model/bytes.ts'
import { databaseWords } from '../../model/database-words.ts'
import { formatCount } from '../../model/format.ts'
import { isRunning, jobTitle } from '../../model/migration-progress.ts'
import { includes } from '../../model/selection.ts'
import { COLUMNS, type GridGeometry } from '../../model/slot-grid.ts'
import { useCluster, useCore } from '../../stream/hooks.ts'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import styles from './hover-card.module.css'
import { useStage } from './room-context.ts'

/** The pointer must rest this long before the cluster is asked about a slot. */
const restMs = 280
const cardWidth = 228

/** One slot in words: whose it is, what it holds per database, what is happening to it. */
export function HoverCard({ slot, geometry }: { readonly slot: number; readonly geometry: GridGeometry }) {
  const { owners, keys, jobs, shards } = useStage()
  const rested = useRested(slot)
  const owner = owners.of[slot]!
  const shard = owner < 0 ? null : owners.order[owner]!
  const job = Object.values(jobs).find((each) => isRunning(each) && includes(each.slots, slot))
  const count = keys?.[slot]
  const [x, y] = [
    ((slot % COLUMNS) + 1) * (geometry.cellWidth / geometry.pixelRatio),
    (Math.floor(slot / COLUMNS) + 1) * (geometry.cellHeight / geometry.pixelRatio)
  ]
  const left = x + 14 + cardWidth > geometry.width + 40 ? x - cardWidth - 18 : x + 14
  const below = y < geometry.height * 0.62
  return (
    <div
      className={styles.card}
      style={{ left, width: cardWidth, ...(below ? { top: y + 10 } : { bottom: geometry.height - y + 18 }) }}
      aria-hidden="true"
    >
      <div className={styles.title}>
        <b>slot {formatCount(slot)}</b>
        {shard ? (
          <span className={styles.owner}>
            shard <ShardBadge label={shard.label} color={shard.color} small />
          </span>
        ) : (
          <span className={styles.owner}>owned by no node</span>
        )}
      </div>
      {job && (
        <p className={styles.job}>
          being copied {jobTitle(job, shards)}; {shard?.label ?? 'its owner'} serves it until the take-over
        </p>
      )}
      <Row name="keys" value={count === undefined || Number.isNaN(count) ? '–' : formatCount(count)} />
      {rested === slot && shard && <Details slot={slot} />}
    </div>
  )
}

function Details({ slot }: { readonly slot: number }) {
  const { id } = useCluster()
  const names = useCore((core) => core.databaseNames)
  const { data, error } = useQuery({
    queryKey: ['slot', id, slot],
    queryFn: ({ signal }) => ask<SlotAnswer>(`/api/clusters/${encodeURIComponent(id)}/slots/${slot}`, signal),
    retry: false
  })
  if (error) return <p className={styles.note}>{wordsOf(error)}</p>
  if (!data) return <p className={styles.note}>asking its node…</p>
  return (
    <>
      {data.keysByDatabase.map(({ database, keys }) => (
        <Row key={database} name={databaseWords(database, names)} value={formatCount(keys)} indented />
      ))}
      {data.sampleKeys.length > 0 && (
        <p className={styles.sample}>
          {data.sampleKeys
            .slice(0, 3)
            .map((sample) => readableBytes(fromBase64Url(sample.key)))
            .join(', ')}
          {data.sampleKeys.length > 3 && ', …'}
        </p>
      )}
    </>
  )
}

function Row({ name, value, indented = false }: { readonly name: string; readonly value: string; readonly indented?: boolean }) {
  return (
    <div className={styles.row} data-indented={indented || undefined}>
      <span>{name}</span>
      <b>{value}</b>
    </div>
  )
}

/** The slot once the pointer has rested on it. */
function useRested(slot: number): number | null {
  const [rested, setRested] = useState<number | null>(null)
  useEffect(() => {
    const timer = setTimeout(() => setRested(slot), restMs)
    return () => clearTimeout(timer)
  }, [slot])
  return rested
}
