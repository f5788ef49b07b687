import type { Reply } from '../caller.ts'
import { fieldsOf, integerOf } from '../replies/shape.ts'
import type { ProbeTrafficPoint, ServerTrafficPoint, TrafficState } from '../stream/figures.ts'
import type { NodeFigures } from './node-figures.ts'

const POINTS = 300
/** A reading older than so does not belong into a new point. */
const FRESH_PERIODS = 2.5

/** What clients noticed, in two bands: reported by servers, and measured by a client of ours. */
export class Traffic {
  #state: TrafficState = { servers: [], probe: [], probeSource: null }
  readonly #histograms = new Map<string, ReadonlyMap<string, Histogram>>()
  readonly #recent = new Map<string, ReadonlyMap<string, Histogram>>()
  #lastAtMs = Number.NEGATIVE_INFINITY

  get state(): TrafficState {
    return this.#state
  }

  /** One point per period from the newest readings of all nodes. Returns true when there is a new point. */
  sample(
    nodesNow: () => readonly { readonly primary: boolean; readonly figures: NodeFigures | undefined }[],
    periodMs: number,
    nowMs: number
  ): boolean {
    if (nowMs - this.#lastAtMs < periodMs) return false
    const nodes = nodesNow()
    const fresh = nodes.filter(
      ({ figures }) => figures?.rates != null && figures.atMs > this.#lastAtMs && nowMs - figures.atMs <= periodMs * FRESH_PERIODS
    )
    if (fresh.length === 0) return false
    const errors = new Map<string, number>()
    let operations = 0
    let intervalMs = 0
    for (const { primary, figures } of fresh) {
      const rates = figures?.rates
      if (!rates) continue
      // Replicas count the commands of the replication stream again.
      if (primary) operations += rates.commands
      intervalMs = Math.max(intervalMs, rates.intervalMs)
      for (const [code, perSecond] of rates.errors) if (perSecond > 0) errors.set(code, (errors.get(code) ?? 0) + perSecond)
    }
    const point: ServerTrafficPoint = {
      atMs: nowMs,
      intervalMs,
      operationsPerSecond: Math.round(operations),
      errorsPerSecond: Object.fromEntries([...errors].map(([code, perSecond]) => [code, Math.round(perSecond * 10) / 10])),
      p99Us: this.#p99(),
      pausedNodes: nodes.filter(({ figures }) => figures != null && figures.paused !== null).length
    }
    this.#lastAtMs = nowMs
    this.#state = { ...this.#state, servers: [...this.#state.servers, point].slice(-POINTS) }
    return true
  }

  pushProbe(point: ProbeTrafficPoint, source: string): void {
    this.#state = { ...this.#state, probe: [...this.#state.probe, point].slice(-POINTS), probeSource: source }
  }

  probeEnded(): void {
    this.#state = { ...this.#state, probeSource: null }
  }

  /** Folds LATENCY HISTOGRAM of one node; what was counted since the reading before makes the next p99. */
  foldHistograms(node: string, reply: Reply | undefined): void {
    const fields = fieldsOf(reply)
    if (!fields) return
    const now = new Map<string, Histogram>()
    for (const [command, entry] of fields) {
      const histogram = histogramOf(entry)
      if (histogram && !isOurs(command)) now.set(command, histogram)
    }
    const before = this.#histograms.get(node)
    this.#histograms.set(node, now)
    if (!before) return
    const since = new Map<string, Histogram>()
    for (const [command, histogram] of now) {
      const difference = subtract(histogram, before.get(command))
      if (difference && difference.calls > 0) since.set(command, difference)
    }
    this.#recent.set(node, since)
  }

  /** Nobody looks at latency any more: old readings must not be taken for new ones. */
  forgetHistograms(): void {
    this.#histograms.clear()
    this.#recent.clear()
  }

  /** p99 of the command with most calls, in microseconds; null without readings. */
  #p99(): number | null {
    const all = new Map<string, Histogram[]>()
    for (const byCommand of this.#recent.values()) {
      for (const [command, histogram] of byCommand) {
        const list = all.get(command)
        if (list) list.push(histogram)
        else all.set(command, [histogram])
      }
    }
    const calls = (list: readonly Histogram[]) => list.reduce((sum, histogram) => sum + histogram.calls, 0)
    const busiest = [...all.values()].sort((a, b) => calls(b) - calls(a))[0]
    if (!busiest) return null
    const wanted = calls(busiest) * 0.99
    const edges = [...new Set(busiest.flatMap((histogram) => [...histogram.cumulative.keys()]))].sort((a, b) => a - b)
    return edges.find((edge) => busiest.reduce((sum, histogram) => sum + upTo(histogram, edge), 0) >= wanted) ?? null
  }
}

/** Calls with at most so many microseconds, cumulative. */
type Histogram = { readonly calls: number; readonly cumulative: ReadonlyMap<number, number> }

function histogramOf(reply: Reply): Histogram | undefined {
  const fields = fieldsOf(reply)
  const calls = integerOf(fields?.get('calls'))
  const buckets = fieldsOf(fields?.get('histogram_usec'))
  if (calls === undefined || !buckets) return undefined
  const cumulative = new Map<number, number>()
  for (const [edge, count] of buckets) {
    const value = integerOf(count)
    if (value !== undefined && /^\d+$/.test(edge)) cumulative.set(Number(edge), value)
  }
  return { calls, cumulative }
}

function upTo(histogram: Histogram, edge: number): number {
  let best = 0
  for (const [bound, count] of histogram.cumulative) if (bound <= edge && count > best) best = count
  return best
}

/** What came since `before`; undefined when the counters began anew. */
function subtract(after: Histogram, before: Histogram | undefined): Histogram | undefined {
  if (!before) return after
  if (after.calls < before.calls) return undefined
  const cumulative = new Map<number, number>()
  for (const [edge, count] of after.cumulative) cumulative.set(edge, count - upTo(before, edge))
  return { calls: after.calls - before.calls, cumulative }
}

/** What observers ask is not what clients feel. */
function isOurs(command: string): boolean {
  return /^(cluster|config|latency|client|command|memory|info|select|ping|hello|auth|acl|replconf|psync)(\||$)/i.test(command)
}
