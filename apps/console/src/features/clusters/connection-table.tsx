import type { ProfileTestAnswer, ProfileTestRow } from '@slotscope/observer/stream'
import { CircleCheck, CircleX } from 'lucide-react'
import { formatCount, plural } from '../../model/format.ts'
import settings from '../../ui/settings-screen.module.css'
import styles from './clusters-screen.module.css'

const outcomes: Readonly<Record<ProfileTestRow['outcome'], string>> = {
  reached: 'reached',
  refused: 'refused the connection',
  'timed-out': 'no answer',
  'no-such-host': 'no such host',
  'not-allowed': 'not allowed',
  certificate: 'TLS failed',
  'server-error': 'the server says no',
  'other-node': 'another node',
  lost: 'connection lost'
}

/** What came of a connection test: each seed and each announced node, reached or the exact reason. */
export function ConnectionTable({ answer }: { readonly answer: ProfileTestAnswer }) {
  const { rows, cluster, untested } = answer
  const failed = rows.filter(({ outcome }) => outcome !== 'reached').length
  return (
    <section className={styles.result} aria-label="Connection test">
      <p role="status">
        <b>
          {failed === 0 ? 'All nodes were reached.' : `${formatCount(failed)} of ${plural(rows.length, 'address', 'addresses')} failed.`}
        </b>{' '}
        {cluster === null
          ? 'No seed answered, so nothing is known of the cluster.'
          : `Valkey ${cluster.version ?? ''}: ${plural(cluster.nodes, 'node')}, ${formatCount(cluster.slots)} of 16,384 slots, state ${cluster.state}.`}
        {untested > 0 && ` ${plural(untested, 'further node')} were not tried.`}
      </p>
      <div className={styles.scroll}>
        <table className={settings.table}>
          <thead>
            <tr>
              <th scope="col">Address</th>
              <th scope="col">What came of it</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={`${row.seed} ${row.address} ${row.node}`} row={row} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Row({ row }: { readonly row: ProfileTestRow }) {
  const isReached = row.outcome === 'reached'
  return (
    <tr>
      <th scope="row" className="mono">
        {row.address}
        {row.mapped !== null && <span className={styles.under}>→ {row.mapped}</span>}
        <span className={styles.under} title={row.node ?? undefined}>
          {[...(row.node === null ? [] : [`node ${row.node.slice(0, 8)}`]), ...(row.seed ? ['as given'] : [])].join(', ')}
        </span>
      </th>
      <td>
        <span className={isReached ? styles.good : styles.bad}>
          {isReached ? <CircleCheck aria-hidden /> : <CircleX aria-hidden />}
          {outcomes[row.outcome]}
          {isReached && ` in ${formatCount(row.elapsedMs)} ms`}
        </span>
        {row.words !== '' && <span className={styles.reason}>{row.words}</span>}
      </td>
    </tr>
  )
}
