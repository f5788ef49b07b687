import { formatCount, formatShare } from '../../model/format.ts'
import { type LatencyRow, spreadBars } from '../../model/latency-spread.ts'
import { microsecondWords } from '../../model/log-rows.ts'
import styles from './latency.module.css'

/** The calls of one command by how long they took: a bar for each bucket, with its words below and p50, p99 and p99.9 where they fall. */
export function LatencySpread({ row }: { readonly row: LatencyRow }) {
  const bars = spreadBars(row.buckets)
  const top = Math.max(...bars.map(({ count }) => count), 1)
  const marks = [
    ['p50', row.p50Us],
    ['p99', row.p99Us],
    ['p99.9', row.p999Us]
  ] as const
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <figure className={styles.spread} tabIndex={0}>
      <figcaption>
        <b>{row.command.toUpperCase().replace('|', ' ')}</b> {formatCount(row.calls)} calls by how long they took
      </figcaption>
      <ol className={styles.bars}>
        {bars.map(({ fromUs, toUs, count, share }) => {
          const here = marks.filter(([, us]) => us === toUs).map(([name]) => name)
          return (
            <li key={toUs} title={`more than ${microsecondWords(fromUs)}, at most ${microsecondWords(toUs)}: ${formatCount(count)} calls`}>
              <span className={styles.mark}>{here.join(' ')}</span>
              <span className={styles.column} aria-hidden="true">
                <span
                  data-marked={here.length > 0 || undefined}
                  style={{ height: `${count === 0 ? 0 : Math.max(2, (count / top) * 100)}%` }}
                />
              </span>
              <span className={styles.part}>{count === 0 ? '–' : formatShare(share)}</span>
              <span className={styles.upTo}>{microsecondWords(toUs)}</span>
            </li>
          )
        })}
      </ol>
    </figure>
  )
}
