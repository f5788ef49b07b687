import type { CoreState, TrafficState } from '@slotscope/observer/stream'
import { type KeyboardEvent, type ReactNode, useMemo, useState } from 'react'
import { deniedFor } from '../../model/denied.ts'
import { durationWords } from '../../model/forecast.ts'
import { formatAgo, formatDuration, formatTimeOfDay, plural } from '../../model/format.ts'
import { sizeOf } from '../../model/size-of.ts'
import { errorKinds, type Phase, phasesOf, stepWords } from '../../model/traffic-series.ts'
import { useCluster, useCore, useNow } from '../../stream/hooks.ts'
import { type Band, isLate, probeBand, type Readout, readBand, serverBand } from './bands.ts'
import chartStyles from './chart.module.css'
import { Chart } from './chart.tsx'
import { ProbeSwitch } from './probe-switch.tsx'
import styles from './traffic-bands.module.css'

type Props = {
  /** Null until the first snapshot. */
  readonly traffic: TrafficState | null
  readonly spanMs: number
  readonly size: 'compact' | 'large'
}

const noShards: CoreState['shards'] = {}

/**
 * Two bands, what servers report and what a probe measured, each with three charts of their own axes, and the phases of migrations
 * shaded over the time they took. One time is read on all of them at once: by pointer, or by the arrow keys on the time.
 */
export function Bands({ traffic, spanMs, size }: Props) {
  const { store } = useCluster()
  // Each reading draws them anew, at its own time; this is for when none comes.
  const now = useNow(2_000)
  const jobs = useCore((core) => core.jobs)
  // Figures of shards change all the time, and only phases of jobs need their letters.
  const shards = useCore((core) => (sizeOf(core.jobs) === 0 ? noShards : core.shards))
  const formerShards = useCore((core) => core.formerShards)
  const [cursorMs, setCursor] = useState<number | null>(null)
  const servers = useMemo(() => serverBand(traffic?.servers ?? []), [traffic?.servers])
  const probe = useMemo(() => probeBand(traffic?.probe ?? []), [traffic?.probe])
  const fromMs = now - spanMs
  const phases = useMemo(
    () => phasesOf(Object.values(jobs), { ...formerShards, ...shards }, fromMs, now),
    [jobs, shards, formerShards, fromMs, now]
  )
  const pauses = useMemo(() => pausesOf(traffic), [traffic])
  const height = size === 'large' ? 132 : 40
  const shared = { fromMs, toMs: now, height, phases, pauses, cursorMs, onCursor: setCursor, large: size === 'large' }
  const serverReadout = readBand(servers, cursorMs, size === 'compact')
  const probeReadout = readBand(probe, cursorMs, size === 'compact')
  const during = cursorMs === null ? [] : phases.filter((phase) => phase.fromMs <= cursorMs && cursorMs <= phase.toMs)
  const sentence = sentenceOf(serverReadout, traffic?.probeSource === null ? null : probeReadout, during)
  const timeWords =
    cursorMs === null ? `last ${durationWords(spanMs)}` : `${formatTimeOfDay(store.clock.toLocal(cursorMs))} · ${formatAgo(now - cursorMs)}`

  const onKeyDown = (event: KeyboardEvent) => {
    const at = cursorMs ?? now
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: -1_000,
      ArrowRight: 1_000,
      PageUp: -10_000,
      PageDown: 10_000,
      Home: -spanMs,
      End: spanMs
    }
    const step = steps[event.key]
    if (step !== undefined) setCursor(Math.max(fromMs, Math.min(now, at + step)))
    else if (event.key === 'Escape' && cursorMs !== null) setCursor(null)
    else return
    event.preventDefault()
  }

  const time = (
    <div
      role="slider"
      tabIndex={0}
      aria-label="Time that is read"
      aria-valuemin={-spanMs / 1_000}
      aria-valuemax={0}
      aria-valuenow={cursorMs === null ? 0 : Math.round((cursorMs - now) / 1_000)}
      aria-valuetext={`${cursorMs === null ? 'now' : timeWords}: ${sentence}`}
      className={styles.time}
      title="Arrow keys read earlier and later times"
      onKeyDown={onKeyDown}
      onBlur={() => setCursor(null)}
    >
      {timeWords}
    </div>
  )
  return (
    <div className={styles.bands} data-size={size}>
      <BandRow
        name="reported by servers"
        note={<ServerNote traffic={traffic} now={now} />}
        aside={time}
        band={servers}
        readout={serverReadout}
        isOld={cursorMs === null && isLate(traffic?.servers.at(-1)?.atMs, now)}
        shared={shared}
      />
      {traffic && traffic.probeSource === null ? (
        <section className={styles.band} aria-label="measured by probe">
          <h3 className={styles.name}>
            measured by probe <small>no probe runs on this cluster: nothing is measured from a client's side</small>
          </h3>
          <div className={styles.aside}>
            <ProbeSwitch running={false} />
          </div>
        </section>
      ) : (
        <BandRow
          name="measured by probe"
          note={
            <Lateness lastMs={traffic?.probe.at(-1)?.atMs} now={now} waiting={traffic !== null} otherwise={traffic?.probeSource ?? ''} />
          }
          aside={
            <>
              {size === 'large' && <Legend />}
              <ProbeSwitch running />
            </>
          }
          band={probe}
          readout={probeReadout}
          isOld={cursorMs === null && isLate(traffic?.probe.at(-1)?.atMs, now)}
          shared={shared}
        />
      )}
      {(phases.length > 0 || (cursorMs !== null && size === 'large')) && (
        <p className={styles.phases}>
          {during.length > 0
            ? phaseWords(during)
            : phases.length > 0
              ? `shaded: ${phaseWords(lastOf(phases))}`
              : 'no migration at this time'}
        </p>
      )}
    </div>
  )
}

type Shared = Omit<Parameters<typeof Chart>[0], 'series'>

function BandRow(props: {
  readonly name: string
  readonly note: ReactNode
  readonly aside: ReactNode
  readonly band: Band
  readonly readout: Readout
  /** The figures are of a while ago, though nobody asked for that time. */
  readonly isOld: boolean
  readonly shared: Shared
}) {
  const { name, band, readout, shared } = props
  return (
    <section className={styles.band} aria-label={name} data-old={props.isOld || undefined}>
      <h3 className={styles.name}>
        {name} {props.note}
      </h3>
      <div className={styles.aside}>{props.aside}</div>
      <div className={styles.cell}>
        <div className={styles.value}>
          <span>operations/s</span> {readout.operations}
        </div>
        <Chart series={band.operations} {...shared} />
      </div>
      <div className={styles.cell}>
        <div className={styles.value}>
          <span>latency, ms</span> {readout.latency}
        </div>
        <Chart series={band.latency} {...shared} />
      </div>
      <div className={styles.cell}>
        <div className={styles.value}>
          <span>errors/s</span> {readout.errors.length === 0 && (band.errors.samples.length === 0 ? '–' : '0')}
          {readout.errors.map(({ look, words }) => (
            <span key={look} className={styles.kind}>
              <Swatch look={look} />
              {words}
            </span>
          ))}
        </div>
        <Chart series={band.errors} {...shared} />
      </div>
    </section>
  )
}

function Legend() {
  return (
    <span className={styles.legend}>
      {errorKinds.map((kind) => (
        <span key={kind} className={styles.kind}>
          <Swatch look={kind.toLowerCase()} />
          {kind}
        </span>
      ))}
    </span>
  )
}

function Swatch({ look }: { readonly look: string }) {
  return (
    <svg width="8" height="8" aria-hidden="true" className={styles.swatch}>
      <rect width="8" height="8" rx="2" className={chartStyles[look]} />
    </svg>
  )
}

/** Why the servers' band is empty or old: a refusal of INFO names the missing rule. */
function ServerNote({ traffic, now }: { readonly traffic: TrafficState | null; readonly now: number }) {
  const refusal = deniedFor(
    useCore((core) => core.denied),
    'traffic'
  )
  const last = traffic?.servers.at(-1)
  if (refusal)
    return (
      <small className={styles.late} title={refusal.words}>
        denied{refusal.rule === null ? '' : `, needs ${refusal.rule}`}
        {last && ` · last reading ${formatAgo(now - last.atMs)}`}
      </small>
    )
  const paused = last && last.pausedNodes > 0 ? `${plural(last.pausedNodes, 'node')} paused` : 'all primaries'
  return <Lateness lastMs={last?.atMs} now={now} waiting={traffic !== null} otherwise={paused} />
}

function Lateness(props: {
  readonly lastMs: number | undefined
  readonly now: number
  readonly waiting: boolean
  readonly otherwise: string
}) {
  const { lastMs, now } = props
  if (lastMs === undefined) return <small>{props.waiting ? 'first reading in a second' : 'reading…'}</small>
  if (isLate(lastMs, now)) return <small className={styles.late}>last reading {formatAgo(now - lastMs)}</small>
  return <small>{props.otherwise}</small>
}

function pausesOf(traffic: TrafficState | null): readonly { readonly fromMs: number; readonly toMs: number }[] {
  return (traffic?.servers ?? [])
    .filter(({ pausedNodes }) => pausedNodes > 0)
    .map(({ atMs, intervalMs }) => ({ fromMs: atMs - intervalMs, toMs: atMs }))
}

function lastOf(phases: readonly Phase[]): readonly Phase[] {
  const job = phases.at(-1)?.job
  return phases.filter((phase) => phase.job === job)
}

/** `A → C: copy 1.2 s, hand over 79 ms`. */
function phaseWords(phases: readonly Phase[]): string {
  const byJob = new Map<string, Phase[]>()
  for (const phase of phases) byJob.set(phase.job, [...(byJob.get(phase.job) ?? []), phase])
  return [...byJob.values()].map((parts) => `${parts[0]!.title}: ${parts.map(stepPhrase).join(', ')}`).join(' · ')
}

function stepPhrase({ step, fromMs, toMs, open }: Phase): string {
  const length = toMs - fromMs
  if (step === null) return 'went by between two polls, no step was seen'
  return `${stepWords[step]} ${open ? 'since ' : ''}${length < 1 ? '< 1 ms' : formatDuration(length)}`
}

function sentenceOf(servers: Readout, probe: Readout | null, during: readonly Phase[]): string {
  const band = (name: string, { operations, latency, errors }: Readout) =>
    `${name} ${operations} operations per second, latency ${latency} milliseconds, ${errors.length === 0 ? 'no errors' : `errors per second ${errors.map(({ words }) => words).join(', ')}`}`
  return [
    band('servers report', servers),
    probe ? band('the probe measured', probe) : 'no probe runs',
    ...(during.length > 0 ? [`migration ${phaseWords(during)}`] : [])
  ].join('; ')
}
