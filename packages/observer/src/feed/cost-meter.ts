import type { WatchingCost } from '../stream/core-state.ts'

/** Averages run over so long, so that a single poll is not a rate. */
const WINDOW_MS = 10_000

/** Counts what our own observation costs the cluster: commands by cause and node, and the time nodes spend on them. */
export class CostMeter {
  /** One bucket per second of the window. */
  readonly #buckets: { second: number; byCause: Map<string, number>; usByNode: Map<string, number> }[] = []
  /** Microseconds per call by node, then by command name as commandstats writes it (`cluster|nodes`). */
  readonly #costs = new Map<string, ReadonlyMap<string, number>>()

  /** Commands that were sent to one node. `names` are commandstats names. */
  sent(node: string, cause: string, names: readonly string[], atMs: number): void {
    const bucket = this.#bucket(atMs)
    add(bucket.byCause, cause, names.length)
    const costs = this.#costs.get(node)
    if (!costs) return
    let us = 0
    for (const name of names) us += costs.get(name) ?? 0
    add(bucket.usByNode, node, us)
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
    const usByNode = new Map<string, number>()
    for (const bucket of this.#buckets) {
      for (const [cause, count] of bucket.byCause) add(byCause, cause, count)
      for (const [node, us] of bucket.usByNode) add(usByNode, node, us)
    }
    let total = 0
    const rounded: Record<string, number> = {}
    for (const [cause, count] of [...byCause].sort(([a], [b]) => (a < b ? -1 : 1))) {
      total += count
      rounded[cause] = round(count * perSecond, 1)
    }
    const busiestUs = Math.max(0, ...usByNode.values())
    return {
      commandsPerSecond: round(total * perSecond, 1),
      commandsPerSecondPerNode: nodeCount === 0 ? 0 : round((total * perSecond) / nodeCount, 2),
      shareOfNodeTime: this.#costs.size === 0 ? null : round(busiestUs / (WINDOW_MS * 1000), 5),
      byCause: rounded
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

function round(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}
