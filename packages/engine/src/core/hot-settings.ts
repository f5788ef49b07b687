import type { Config } from './config.ts'
import { countsUses, type EvictionPolicy } from './eviction/policy.ts'
import type { UsageClock } from './keyspace/usage-clock.ts'
import type { NodeLimits } from './keyspace/values/stream.ts'

/** Parameters that every command needs, read once per change of the configuration instead of once per command. */
export class HotSettings {
  readonly #config: Config
  readonly #usage: UsageClock
  #revision = -1
  slotStatsEnabled = false
  latencyTracking = true
  /** Milliseconds from which an event enters the latency monitor; 0: it is off. */
  latencyMonitorMs = 0
  /** Thresholds of the command log; negative: that log is off. */
  slowerThanUs = -1
  requestLargerThanBytes = -1
  replyLargerThanBytes = -1
  queryBufferLimitBytes = 0
  /** Keys that clients' caches are tracked for; 0: no limit. */
  trackedKeysLimit = 0
  /** 0: no limit. */
  maxMemoryBytes = 0
  /** Some events of keys are published: `notify-keyspace-events` names any. */
  tellsOfKeys = false
  /** When a node of a stream is full. */
  streamNodes: NodeLimits = { maxBytes: 0, maxEntries: 0 }
  evictionPolicy: EvictionPolicy = 'noeviction'
  /** Nothing expires here and nothing is evicted: what is there comes from elsewhere, which says when it goes. */
  importMode = false
  /** Keys that are compared for each that goes. */
  evictionSamples = 5

  constructor(config: Config, usage: UsageClock) {
    this.#config = config
    this.#usage = usage
    this.refresh()
  }

  /** To be called before the values are read. */
  refresh(): void {
    const config = this.#config
    if (config.revision === this.#revision) return
    this.#revision = config.revision
    this.slotStatsEnabled = config.enabled('cluster-slot-stats-enabled')
    this.latencyTracking = config.enabled('latency-tracking')
    this.latencyMonitorMs = config.number('latency-monitor-threshold')
    this.slowerThanUs = config.number('commandlog-execution-slower-than')
    this.requestLargerThanBytes = config.number('commandlog-request-larger-than')
    this.replyLargerThanBytes = config.number('commandlog-reply-larger-than')
    this.maxMemoryBytes = config.number('maxmemory')
    this.streamNodes = { maxBytes: config.number('stream-node-max-bytes'), maxEntries: config.number('stream-node-max-entries') }
    this.tellsOfKeys = config.text('notify-keyspace-events') !== ''
    this.trackedKeysLimit = config.number('tracking-table-max-keys')
    this.evictionPolicy = config.text('maxmemory-policy') as EvictionPolicy
    this.importMode = config.enabled('import-mode')
    this.evictionSamples = config.number('maxmemory-samples')
    this.#usage.countsUses = countsUses(this.evictionPolicy)
    this.#usage.growthFactor = config.number('lfu-log-factor')
    this.#usage.decayMinutes = config.number('lfu-decay-time')
    this.queryBufferLimitBytes = config.number('client-query-buffer-limit')
  }
}
