/** Counters that INFO, SLOT-STATS and CONFIG RESETSTAT know. Microseconds come from the host's meter. */

export type CommandStatistics = { calls: number; us: number; rejected: number; failed: number; histogram: Float64Array }

/** Latency buckets: powers of two of a microsecond, 2^0 .. 2^39. */
const BUCKETS = 40
/** Shorter calls find their bucket by counting bits. */
const LONG_US = 2 ** 31

/** Microseconds at most which `percentile` (0..100) of the calls took: the upper end of a bucket. Undefined without calls. */
export function latencyAtPercentile(histogram: Float64Array, percentile: number): number | undefined {
  const total = histogram.reduce((sum, count) => sum + count, 0)
  if (total === 0) return undefined
  // At least one call must lie at or below the answer, also for percentile 0.
  const wanted = Math.max(1, Math.ceil((percentile / 100) * total))
  let seen = 0
  for (let bucket = 0; bucket < histogram.length; bucket++) {
    seen += histogram[bucket] as number
    if (seen >= wanted) return 2 ** bucket
  }
  return 2 ** (histogram.length - 1)
}

export class Statistics {
  readonly startedAtMs: number
  keyspaceHits = 0
  keyspaceMisses = 0
  expiredKeys = 0
  evictedKeys = 0
  expiredFields = 0
  expiredTimeCapReached = 0
  expireCycleUs = 0
  connectionsReceived = 0
  rejectedConnections = 0
  commandsProcessed = 0
  netInputBytes = 0
  netOutputBytes = 0
  netReplInputBytes = 0
  netReplOutputBytes = 0
  slotImportBytes = 0
  slotExportBytes = 0
  fullSyncs = 0
  partialSyncs = 0
  partialSyncErrors = 0
  pubsubMessages = 0
  unexpectedErrorReplies = 0
  totalErrorReplies = 0
  /** Clients ended because they sent more than we may keep, or read less than we sent. */
  queryLimitDisconnections = 0
  outputLimitDisconnections = 0
  /** Time spent inside steps: the node's load, as far as it is its own. */
  activeUs = 0
  readonly commands = new Map<string, CommandStatistics>()
  /** By the first word of the error. */
  readonly errors = new Map<string, number>()
  #lastName: string | undefined
  #last: CommandStatistics | undefined
  #samples: { atMs: number; commands: number; input: number; output: number }[] = []

  constructor(nowMs: number) {
    this.startedAtMs = nowMs
  }

  ofCommand(name: string): CommandStatistics {
    if (name === this.#lastName) return this.#last as CommandStatistics
    let statistics = this.commands.get(name)
    if (!statistics) {
      statistics = { calls: 0, us: 0, rejected: 0, failed: 0, histogram: new Float64Array(BUCKETS) }
      this.commands.set(name, statistics)
    }
    // A pipeline mostly repeats one command.
    this.#lastName = name
    this.#last = statistics
    return statistics
  }

  /** `tracked`: `latency-tracking` is on. */
  noteCall(statistics: CommandStatistics, us: number, tracked: boolean): void {
    statistics.calls++
    statistics.us += us
    this.commandsProcessed++
    if (!tracked) return
    const bucket = us < 1 ? 0 : us < LONG_US ? 32 - Math.clz32(Math.ceil(us) - 1) : Math.min(BUCKETS - 1, Math.ceil(Math.log2(us)))
    ;(statistics.histogram[bucket] as number)++
  }

  /** Counts an error reply by its code; the table is bounded, since a script or a bug may invent codes (`server.c`, 128). */
  noteError(text: string): void {
    this.totalErrorReplies++
    const end = text.indexOf(' ')
    const code = end < 0 ? text : text.slice(0, end)
    if (this.errors.size >= 128 && !this.errors.has(code)) return
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1)
  }

  /** Called each 100 ms: keeps the last 16 samples for the instantaneous figures. */
  sample(monotonicMs: number): void {
    this.#samples.push({ atMs: monotonicMs, commands: this.commandsProcessed, input: this.netInputBytes, output: this.netOutputBytes })
    if (this.#samples.length > 16) this.#samples.shift()
  }

  /** Per second over the last 1.6 s. */
  rates(): { operations: number; inputKb: number; outputKb: number } {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    if (!first || !last || last.atMs <= first.atMs) return { operations: 0, inputKb: 0, outputKb: 0 }
    const seconds = (last.atMs - first.atMs) / 1000
    return {
      operations: (last.commands - first.commands) / seconds,
      inputKb: (last.input - first.input) / seconds / 1024,
      outputKb: (last.output - first.output) / seconds / 1024
    }
  }

  /** CONFIG RESETSTAT. */
  reset(): void {
    const fresh = new Statistics(this.startedAtMs)
    for (const key of Object.keys(fresh) as (keyof Statistics)[]) {
      if (typeof fresh[key] === 'number' && key !== 'startedAtMs') (this as Record<string, unknown>)[key] = 0
    }
    this.commands.clear()
    this.#lastName = undefined
    this.errors.clear()
    this.#samples = []
  }
}

/** CPU and traffic per slot, kept only while `cluster-slot-stats-enabled` is yes. */
export class SlotStatistics {
  readonly cpuUs = new Float64Array(16_384)
  readonly bytesIn = new Float64Array(16_384)
  readonly bytesOut = new Float64Array(16_384)

  /** One command on a slot: what it cost, and the sizes of request and reply. */
  note(slot: number, us: number, requestBytes: number, replyBytes: number): void {
    ;(this.cpuUs[slot] as number) += us
    ;(this.bytesIn[slot] as number) += requestBytes
    ;(this.bytesOut[slot] as number) += replyBytes
  }

  reset(): void {
    this.cpuUs.fill(0)
    this.bytesIn.fill(0)
    this.bytesOut.fill(0)
  }

  resetSlot(slot: number): void {
    this.cpuUs[slot] = 0
    this.bytesIn[slot] = 0
    this.bytesOut[slot] = 0
  }
}
