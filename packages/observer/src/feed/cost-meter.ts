import type { WatchingCost } from '../stream/core-state.ts'

/** Averages run over so long, so that a single poll is not a rate. */
const WINDOW_MS = 10_000
/** In any state at most so much of a node's main thread is ours (design section 7), of ten seconds at once. */
export const MOST_SHARE = 0.005
/**
 * Of the nodes that we run ourselves, for the one who looks at them: they share this machine with the browser and count its pauses as their
 * own time, and nobody else waits for them.
 */
export const MOST_SHARE_EMBEDDED = 0.1

/** Counts what our own observation costs the cluster: commands by cause and node, and the time nodes spend on them. */
export class CostMeter {
  /** One bucket per second of the window. */
  readonly #buckets: { second: number; byCause: Map<string, number>; usByNode: Map<string, Map<string, number>> }[] = []
  /** Microseconds per call by node, then by command name as commandstats writes it (`cluster|nodes`). */
  readonly #costs = new Map<string, ReadonlyMap<string, number>>()
  readonly #debts = new Map<string, { readonly us: number; readonly atMs: number }>()
  /** Microseconds of each millisecond. */
  readonly #usPerMs: number

  constructor(mostShare: number) {
    this.#usPerMs = mostShare * 1000
  }

  /** Questions of ours that were sent to one node. `names` are commandstats names. */
  sent(node: string, cause: string, names: readonly string[], atMs: number): void {
    const us = this.worked(node, cause, names, atMs)
    if (us > 0) this.#debts.set(node, { us: this.#owed(node, atMs) + us, atMs })
  }

  /** Commands that people's work sent: they count as cost, but nobody rests for them. Returns the microseconds that they take there. */
  worked(node: string, cause: string, names: readonly string[], atMs: number): number {
    const bucket = this.#bucket(atMs)
    add(bucket.byCause, cause, names.length)
    const costs = this.#costs.get(node)
    if (!costs) return 0
    let us = 0
    for (const name of names) us += costs.get(name) ?? 0
    const byCause = bucket.usByNode.get(node) ?? new Map<string, number>()
    bucket.usByNode.set(node, byCause)
    add(byCause, cause, us)
    return us
  }

  /** Milliseconds for which a node is not to be asked, so that we never take more than our share of its main thread for long. */
  restMs(node: string, atMs: number): number {
    return Math.max(0, this.#owed(node, atMs) / this.#usPerMs - WINDOW_MS)
  }

  /** Microseconds of the node's time that we have taken and not yet waited for. */
  #owed(node: string, atMs: number): number {
    const debt = this.#debts.get(node)
    return debt ? Math.max(0, debt.us - Math.max(0, atMs - debt.atMs) * this.#usPerMs) : 0
  }

  /** Microseconds per call that the node itself reports. */
  priced(node: string, usPerCall: ReadonlyMap<string, number>): void {
    this.#costs.set(node, usPerCall)
  }

  /** The cost over the last seconds, rounded so that it does not change for nothing. */
  cost(nowMs: number, nodeCount: number): WatchingCost {
    this.#trim(nowMs)
    const perSecond = 1000 / WINDOW_MS
    const byCause = new Map<string, number>()
    const usByNode = new Map<string, Map<string, number>>()
    for (const bucket of this.#buckets) {
      for (const [cause, count] of bucket.byCause) add(byCause, cause, count)
      for (const [node, parts] of bucket.usByNode) {
        const sums = usByNode.get(node) ?? new Map<string, number>()
        usByNode.set(node, sums)
        for (const [cause, us] of parts) add(sums, cause, us)
      }
    }
    let total = 0
    const rounded: Record<string, number> = {}
    for (const [cause, count] of [...byCause].sort(([a], [b]) => (a < b ? -1 : 1))) {
      total += count
      rounded[cause] = round(count * perSecond, 1)
    }
    const rates = {
      commandsPerSecond: round(total * perSecond, 1),
      commandsPerSecondPerNode: nodeCount === 0 ? 0 : round((total * perSecond) / nodeCount, 2),
      byCause: rounded
    }
    if (this.#costs.size === 0) return { ...rates, shareOfNodeTime: null }
    const busiest = [...usByNode.values()].reduce<ReadonlyMap<string, number>>(
      (most, sums) => (sumOf(sums) > sumOf(most) ? sums : most),
      new Map()
    )
    const share = (us: number) => round(us / (WINDOW_MS * 1000), 5)
    return {
      ...rates,
      shareOfNodeTime: share(sumOf(busiest)),
      shareByCause: Object.fromEntries([...busiest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([cause, us]) => [cause, share(us)]))
    }
  }

  #bucket(atMs: number) {
    const second = Math.floor(atMs / 1000)
    const last = this.#buckets.at(-1)
    if (last && last.second >= second) return last
    const bucket = { second, byCause: new Map(), usByNode: new Map() }
    this.#buckets.push(bucket)
    this.#trim(atMs)
    return bucket
  }

  #trim(nowMs: number): void {
    const oldest = Math.floor((nowMs - WINDOW_MS) / 1000)
    while (this.#buckets.length > 0 && (this.#buckets[0] as { second: number }).second <= oldest) this.#buckets.shift()
  }
}

/** Name of a command as commandstats has it: containers with their subcommand. */
export function statName(command: readonly (string | Uint8Array)[]): string {
  const word = (index: number) => (typeof command[index] === 'string' ? (command[index] as string).toLowerCase() : '')
  const name = word(0)
  return CONTAINERS.has(name) ? `${name}|${word(1)}` : name
}

const CONTAINERS: ReadonlySet<string> = new Set([
  'cluster',
  'config',
  'client',
  'latency',
  'memory',
  'object',
  'acl',
  'command',
  'commandlog'
])

function add(map: Map<string, number>, key: string, value: number): void {
  map.set(key, (map.get(key) ?? 0) + value)
}

function sumOf(parts: ReadonlyMap<string, number>): number {
  let sum = 0
  for (const part of parts.values()) sum += part
  return sum
}

function round(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}
