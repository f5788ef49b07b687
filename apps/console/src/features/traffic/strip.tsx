import { formatCount } from '../../model/format.ts'
import { useTopic } from '../../stream/hooks.ts'
import styles from './strip.module.css'

/** What clients notice, in two bands: reported by servers, measured by the probe. */
export default function Strip() {
  const traffic = useTopic('traffic')
  const server = traffic?.state.servers.at(-1)
  const probe = traffic?.state.probe.at(-1)
  return (
    <dl className={styles.bands}>
      <div>
        <dt>Reported by servers</dt>
        <dd>
          {server
            ? `${formatCount(server.operationsPerSecond)} ops/s · ${errorWords(server.errorsPerSecond)}${server.p99Us === null ? '' : ` · p99 ${formatCount(server.p99Us)} µs`}`
            : 'No reading yet'}
        </dd>
      </div>
      <div>
        <dt>Measured by probe</dt>
        <dd>
          {probe
            ? `${formatCount(probe.operationsPerSecond)} ops/s · p99 ${probe.p99Ms.toFixed(1)} ms, longest ${probe.maxMs.toFixed(0)} ms · MOVED ${probe.moved}, ASK ${probe.ask}, TRYAGAIN ${probe.tryAgain}, other errors ${probe.otherErrors}`
            : 'No probe runs'}
        </dd>
      </div>
    </dl>
  )
}

function errorWords(errors: Readonly<Record<string, number>>): string {
  const seen = Object.entries(errors).filter(([, rate]) => rate > 0)
  return seen.length === 0 ? 'no errors' : seen.map(([word, rate]) => `${word} ${rate.toFixed(1)}/s`).join(', ')
}
