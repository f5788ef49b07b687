import { performance } from 'node:perf_hooks'
import { keySlot } from '@slotscope/engine'
import { LatencyInterval } from '@slotscope/observer'
import type { ProbeTrafficPoint } from '@slotscope/observer/stream'
import { type Address, ClusterConnections } from './connections.ts'
import { type Operation, Publishing } from './publishing.ts'
import { Dice } from './random.ts'

export type WorkloadOptions = {
  readonly seeds: readonly Address[]
  readonly databases: number
  /** Operations per second, all clients together. */
  readonly rate: number
  readonly seed: number
}

const TICK_MS = 20
const REPORT_MS = 1_000
/** Above this many under way the cluster is the one that sets the pace. */
const MOST_UNDER_WAY = 500

/** Clients of the sample world: a steady rate of commands, and once a second what they noticed. */
export class Workload {
  readonly #options: WorkloadOptions
  readonly #world: Publishing
  readonly #connections: ClusterConnections
  readonly #interval = new LatencyInterval()
  readonly #report: (point: ProbeTrafficPoint) => void
  #stopped = false
  #underWay = 0

  constructor(options: WorkloadOptions, report: (point: ProbeTrafficPoint) => void) {
    this.#options = options
    this.#report = report
    this.#world = new Publishing(new Dice(options.seed), options.databases)
    this.#connections = new ClusterConnections(options.seeds, (notice) => this.#interval.notice(notice))
  }

  /** Lays the foundation, then goes on until `stop`. */
  async run(): Promise<void> {
    let batch: Promise<void>[] = []
    for (const operation of this.#world.foundation()) {
      if (this.#stopped) return
      batch.push(this.#perform(operation))
      if (batch.length === 200) {
        await Promise.all(batch)
        batch = []
      }
    }
    await Promise.all(batch)
    this.#interval.take(Date.now(), REPORT_MS)

    let owed = 0
    let before = performance.now()
    let reportedAt = before
    while (!this.#stopped) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS))
      const now = performance.now()
      // A machine that slept does not owe the commands of the night.
      owed = Math.min(owed + ((now - before) / 1000) * this.#options.rate, this.#options.rate)
      before = now
      for (; owed >= 1 && this.#underWay < MOST_UNDER_WAY; owed--) void this.#perform(this.#world.next())
      if (now - reportedAt >= REPORT_MS) {
        this.#report(this.#interval.take(Date.now(), now - reportedAt))
        reportedAt = now
      }
    }
  }

  stop(): void {
    this.#stopped = true
    this.#connections.close()
  }

  async #perform({ database, key, command, args }: Operation): Promise<void> {
    this.#underWay++
    const started = performance.now()
    try {
      await this.#connections.send(keySlot(Buffer.from(key)), database, command, [key, ...args])
    } catch {
      // Counted as a notice by the connections; a workload goes on.
    } finally {
      this.#underWay--
      this.#interval.add(performance.now() - started)
    }
  }
}
