import { formatCount, plural } from '../../model/format.ts'
import { keyListFile } from '../../model/table-files.ts'
import { useCore } from '../../stream/hooks.ts'
import { SaveRows } from '../../ui/save-rows.tsx'
import styles from './key-list.module.css'
import type { ScanView } from './key-scan.ts'

/** How much was seen, and what it cost: always in sight. */
export function KeyListFoot(props: {
  readonly database: number
  readonly view: ScanView
  readonly count: number
  readonly keys: number | null
}) {
  const { database, view, count, keys } = props
  const shards = useCore((core) => core.shards)
  if (view.phase === 'idle') return null
  const complete = view.phase === 'complete'
  // SCAN walks in windows, and the last one reaches beyond the end: what the matrix counts is nearer to the truth.
  const total = keys ?? view.total
  const seen = Math.min(view.walked, total)
  const share = complete || total === 0 ? 1 : seen / total
  return (
    <footer className={styles.foot}>
      <span>
        <b>{formatCount(view.count)}</b> listed · seen {complete ? 'all' : formatCount(seen)} of about {formatCount(total)}
      </span>
      <span
        className={styles.bar}
        role="progressbar"
        aria-label="Keys walked over"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
      >
        <span style={{ width: `${share * 100}%` }} />
      </span>
      <span className={styles.cost} title="Of this scan, with the questions for size and expiry">
        SCAN COUNT {formatCount(count)} · {plural(view.commands, 'command')} sent
      </span>
      {view.count > 0 && (
        <SaveRows
          compact
          what="the listed keys"
          name={`slotscope-db${database}-keys`}
          file={() => keyListFile(countedKeys(view), (key) => knownDetail(view, key), shards)}
        />
      )}
    </footer>
  )
}

/** The keys that were listed when the file is made: more may come while it is. */
function countedKeys({ keys, count }: ScanView) {
  return {
    count,
    keyAt: (index: number) => keys.keyAt(index),
    typeAt: (index: number) => keys.typeAt(index),
    shardAt: (index: number) => keys.shardAt(index)
  }
}

function knownDetail({ details }: ScanView, key: string) {
  const detail = details.get(key)
  return detail === undefined || detail === 'gone' ? null : detail.row
}
