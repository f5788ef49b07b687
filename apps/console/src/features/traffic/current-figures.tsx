import type { TrafficState } from '@slotscope/observer/stream'
import { formatRate } from '../../model/forecast.ts'
import { formatAgo, formatCount } from '../../model/format.ts'
import { useNow } from '../../stream/hooks.ts'
import { formatMs, isLate } from './bands.ts'
import styles from './tables.module.css'

/** Both bands as numbers, with every error code by its own name. */
export function CurrentFigures({ traffic }: { readonly traffic: TrafficState | null }) {
  const now = useNow(1_000)
  const server = traffic?.servers.at(-1)
  const probe = traffic?.probe.at(-1)
  const perSecond = (count: number) => (probe && probe.intervalMs > 0 ? (count * 1_000) / probe.intervalMs : 0)
  const codes = [...new Set(['MOVED', 'ASK', 'TRYAGAIN', ...Object.keys(server?.errorsPerSecond ?? {})])]
  const probeOf: Readonly<Record<string, number | undefined>> = probe
    ? { MOVED: perSecond(probe.moved), ASK: perSecond(probe.ask), TRYAGAIN: perSecond(probe.tryAgain) }
    : {}
  const rows: readonly (readonly [name: string, server: string, probe: string])[] = [
    ['operations/s', server ? formatCount(server.operationsPerSecond) : '–', probe ? formatCount(probe.operationsPerSecond) : '–'],
    ['latency p50, ms', '–', probe ? formatMs(probe.p50Ms) : '–'],
    ['latency p99, ms', server && server.p99Us !== null ? formatMs(server.p99Us / 1_000) : '–', probe ? formatMs(probe.p99Ms) : '–'],
    ['longest, ms', '–', probe ? formatMs(probe.maxMs) : '–'],
    ...codes.map((code): [string, string, string] => [
      `${code}/s`,
      server ? formatRate(server.errorsPerSecond[code] ?? 0) : '–',
      probeOf[code] === undefined ? '–' : formatRate(probeOf[code])
    ]),
    ['other errors/s', '–', probe ? formatRate(perSecond(probe.otherErrors)) : '–'],
    ['nodes with writes paused', server ? formatCount(server.pausedNodes) : '–', '–'],
    ['read', server ? formatAgo(now - server.atMs) : '–', probe ? formatAgo(now - probe.atMs) : '–']
  ]
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">figure</span>
            </th>
            <th scope="col">reported by servers</th>
            <th scope="col">measured by probe</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, ofServer, ofProbe]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td data-pale={ofServer === '–' || isLate(server?.atMs, now) || undefined}>{ofServer}</td>
              <td data-pale={ofProbe === '–' || isLate(probe?.atMs, now) || undefined}>{ofProbe}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles.note}>
        Servers' p99 is that of the most called command, from LATENCY HISTOGRAM; a server counts neither the network nor the wait in its
        queue.
        {traffic && traffic.probeSource !== null ? ` The probe is ${traffic.probeSource}.` : ' No probe runs on this cluster.'}
      </p>
    </div>
  )
}
