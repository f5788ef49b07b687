import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { type Family, family } from './exposition.ts'

/** How finely the event loop is measured, in milliseconds. */
const RESOLUTION_MS = 20

/** What this process itself costs, under the names that Prometheus' own client library gives such figures. */
export class ProcessFigures {
  #loop: IntervalHistogram | undefined

  /** The event loop is measured from the first call on, each time since the call before. */
  families(): readonly Family[] {
    const { user, system } = process.cpuUsage()
    const { heapUsed, heapTotal, rss } = process.memoryUsage()
    const cpu = family('process_cpu_seconds_total', 'counter', 'Processor time of this process.')
    cpu.add((user + system) / 1e6)
    const started = family('process_start_time_seconds', 'gauge', 'Unix time of the start of this process.')
    started.add(performance.timeOrigin / 1000)
    const resident = family('process_resident_memory_bytes', 'gauge', 'Resident memory of this process.')
    resident.add(rss)
    const used = family('nodejs_heap_size_used_bytes', 'gauge', 'Heap in use.')
    used.add(heapUsed)
    const total = family('nodejs_heap_size_total_bytes', 'gauge', 'Heap in all.')
    total.add(heapTotal)
    return [cpu, started, resident, used, total, ...this.#loopFamilies()]
  }

  close(): void {
    this.#loop?.disable()
  }

  #loopFamilies(): readonly Family[] {
    const median = family('nodejs_eventloop_lag_p50_seconds', 'gauge', 'How late the event loop was since the last scrape, median.')
    const late = family('nodejs_eventloop_lag_p99_seconds', 'gauge', 'How late the event loop was since the last scrape, 99th percentile.')
    const latest = family('nodejs_eventloop_lag_max_seconds', 'gauge', 'How late the event loop was since the last scrape, at most.')
    if (this.#loop === undefined) {
      this.#loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
      this.#loop.enable()
      return []
    }
    // It measures from one wake-up to the next, which is the resolution when nothing is late.
    const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000)
    // Two scrapes within one wake-up have nothing to tell yet.
    if (this.#loop.count === 0) return []
    median.add(seconds(this.#loop.percentile(50)))
    late.add(seconds(this.#loop.percentile(99)))
    latest.add(seconds(this.#loop.max))
    this.#loop.reset()
    return [median, late, latest]
  }
}
