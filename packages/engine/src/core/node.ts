import { Acl } from './acl/acl.ts'
import { unreachable } from './assert.ts'
import { BlockedClients } from './blocking/blocked-clients.ts'
import { KeyWaits } from './blocking/key-waits.ts'
import { ByteBuffer } from './byte-buffer.ts'
import { Client } from './client.ts'
import { Cluster } from './cluster/cluster.ts'
import { keySlot } from './cluster/slot.ts'
import { CommandLog } from './command-log.ts'
import { registerCommands } from './commands/all-commands.ts'
import { CommandContext, type EventClass } from './commands/context.ts'
import { Dispatcher } from './commands/dispatch.ts'
import { Execution } from './commands/execution.ts'
import { Config } from './config.ts'
import type { Effect, LogLevel } from './effect.ts'
import { Evictor } from './eviction/evictor.ts'
import { HotSettings } from './hot-settings.ts'
import { KeyspaceSampler } from './info/keyspace-sampler.ts'
import { MemoryFigures } from './info/memory-figures.ts'
import { type Endpoint, type FileName, type Input, isLoopback, type LinkId, type LinkKind, type Now } from './input.ts'
import { Compactor } from './keyspace/compactor.ts'
import type { Database } from './keyspace/database.ts'
import { ExpiryCycle, expireKeyNow } from './keyspace/expiry.ts'
import { Keyspace } from './keyspace/keyspace.ts'
import { UsageClock } from './keyspace/usage-clock.ts'
import { LatencyMonitor } from './latency-monitor.ts'
import { Links } from './links.ts'
import { Migrations } from './migration/migrations.ts'
import { Monitors } from './monitors.ts'
import type { NodeOptions } from './node-options.ts'
import { OutputLimits } from './output-limits.ts'
import { ClientPause } from './pause.ts'
import { Random } from './prng.ts'
import { PubSub } from './pubsub.ts'
import { Replication } from './replication/replication.ts'
import { errors } from './resp/errors.ts'
import { ReplyWriter } from './resp/reply-writer.ts'
import { SlotStatistics, Statistics } from './statistics.ts'
import { Tracking } from './tracking/tracking.ts'
import { Watches } from './transactions.ts'

const CRON_PERIOD_MS = 100
/** Dropped keys whose memory is given back, and steps of a walk in which memory is made compact, before the clock is looked at. */
const RECLAIMED_AT_ONCE = 500
const MOVED_AT_ONCE = 50
/** At most a fifth of the time goes there, in slices. */
const SLICE_US = 2_000
const SLICE_PERIOD_MS = 10
/** Bounds a slice of a node whose meter stands still. */
const MOST_AT_ONCE = 20

const NOWHERE: { readonly link: LinkId; readonly remote: Endpoint; readonly local: Endpoint } = {
  link: 0,
  remote: { host: '', port: 0 },
  local: { host: '', port: 0 }
}

/**
 * One Valkey node: a state machine from inputs to effects. It never reads a clock, a socket or a disk.
 *
 * It routes: bytes to the handler of their link, time to the sub-protocols, what changed to replicas and migration
 * targets. What is clever lives in the parts.
 */
export class Node {
  readonly options: NodeOptions
  readonly config: Config
  /** Is this a node of a cluster, with a part of the slots? Else it is alone with all keys, perhaps as somebody's replica. */
  readonly clusterEnabled: boolean
  readonly random: Random
  readonly stats: Statistics
  readonly links: Links
  readonly slotStats = new SlotStatistics()
  readonly keyspace: Keyspace
  readonly usage: UsageClock
  readonly evictor: Evictor
  readonly cluster: Cluster
  readonly replication: Replication
  readonly migrations: Migrations
  readonly pubsub: PubSub
  readonly acl: Acl
  readonly watches: Watches
  readonly blocked: BlockedClients
  readonly keyWaits: KeyWaits
  readonly pause: ClientPause
  readonly tracking: Tracking
  readonly monitors: Monitors
  readonly outputLimits: OutputLimits
  readonly commandLog: CommandLog
  readonly latencyMonitor = new LatencyMonitor()
  readonly hotSettings: HotSettings
  readonly sampler = new KeyspaceSampler()
  readonly memory: MemoryFigures
  readonly dispatcher: Dispatcher
  readonly execution: Execution
  readonly clients = new Map<LinkId, Client>()
  /** The same by CLIENT ID. */
  readonly clientsById = new Map<number, Client>()
  /** 40 hex digits that change with every start: INFO's run_id. */
  readonly runId: string
  hostFigures: { readonly residentBytes: number; readonly userUs: number; readonly systemUs: number } = {
    residentBytes: 0,
    userUs: 0,
    systemUs: 0
  }
  now: Now

  readonly #expiry: ExpiryCycle
  readonly #compactor: Compactor
  #effects: Effect[] = []
  /** Clients with commands left, in order. */
  #ready = new Set<Client>()
  #nextClientId = 1
  #nextCronAtMs = 0
  #nextSliceAtMs = 0
  #cronRuns = 0
  #stopsWith: number | undefined
  #wishedWakeAtMs = Number.POSITIVE_INFINITY
  #armedWakeAtMs = Number.POSITIVE_INFINITY

  constructor(options: NodeOptions) {
    this.options = options
    this.now = options.now
    this.config = new Config(options.config, options.defaults)
    this.clusterEnabled = this.config.enabled('cluster-enabled')
    this.random = new Random(options.seed)
    this.runId = this.random.hex(40)
    this.stats = new Statistics(options.now.wallMs)
    const overTls = (kind: LinkKind) => this.config.enabled(kind === 'bus' ? 'tls-cluster' : 'tls-replication')
    this.links = new Links((effect) => this.#effects.push(effect), overTls, this.stats)
    registerCommands()
    this.acl = new Acl(this)
    this.usage = new UsageClock(() => this.random.fraction())
    this.keyspace = new Keyspace(this.config.number(this.clusterEnabled ? 'cluster-databases' : 'databases'), this.usage)
    this.cluster = new Cluster(this)
    this.replication = new Replication(this)
    this.migrations = new Migrations(this)
    this.pubsub = new PubSub(this)
    this.watches = new Watches(this)
    this.blocked = new BlockedClients(this)
    this.keyWaits = new KeyWaits(this)
    this.pause = new ClientPause(this)
    this.tracking = new Tracking(this)
    this.monitors = new Monitors(this)
    this.outputLimits = new OutputLimits(this)
    this.commandLog = new CommandLog(this.config)
    this.hotSettings = new HotSettings(this.config, this.usage)
    this.memory = new MemoryFigures(this)
    this.evictor = new Evictor(this)
    this.execution = new Execution(this, new CommandContext(this, new ReplyWriter(new ByteBuffer())))
    this.dispatcher = new Dispatcher(this)
    this.#expiry = new ExpiryCycle(this)
    this.#compactor = new Compactor(this.keyspace.store)
    this.#nextCronAtMs = options.now.monotonicMs
  }

  get role(): 'primary' | 'replica' {
    return (this.clusterEnabled ? this.cluster.myself.primary : this.replication.link) ? 'replica' : 'primary'
  }

  get id(): string {
    return this.cluster.myself.id
  }

  /** So many bytes that nobody can guess, if the host has such. */
  secret(length: number): Uint8Array {
    return this.options.secret?.(length) ?? Uint8Array.from({ length }, () => this.random.below(256))
  }

  /** Advances to `now`, applies one input and returns what the host must do, in this order; valid until the next step. */
  step(now: Now, input: Input): readonly Effect[] {
    const startedUs = this.options.meter()
    this.now = now
    this.usage.advance(now.wallMs - this.stats.startedAtMs)
    this.#effects = []
    this.links.begin()
    // Whoever becomes ready during this step has had its turn in it, and waits for the next.
    const ready = this.#ready
    if (ready.size > 0) this.#ready = new Set()
    this.#apply(input)
    if (ready.size > 0) this.#runReady(ready)
    if (now.monotonicMs >= this.#nextCronAtMs) this.#cron()
    if (this.keyspace.store.hasDropped || this.#compactor.isUnderWay) this.#tidyUp()
    // What no command of a client brought about: the primary's stream, expiry.
    this.pause.settle()
    this.keyWaits.serve()
    this.blocked.settle()
    this.migrations.beforeSleep()
    if (this.clusterEnabled) this.cluster.beforeSleep()
    this.replication.beforeSleep(input.type === 'woken')
    this.tracking.settle()
    this.links.flush()
    this.#armWake()
    if (this.#stopsWith !== undefined) this.#effects.push({ type: 'stop', exitCode: this.#stopsWith })
    this.stats.activeUs += this.options.meter() - startedUs
    return this.#effects
  }

  #apply(input: Input): void {
    switch (input.type) {
      case 'started':
        return this.clusterEnabled ? this.cluster.started(input.files['nodes.conf']) : this.replication.started()
      case 'linkAccepted':
        return input.kind === 'client'
          ? this.#acceptClient(input.link, input)
          : this.cluster.acceptLink(input.link, input.remote, input.local)
      case 'linkBytes':
        this.stats.netInputBytes += input.bytes.length
        return this.links.apply(input)
      case 'linkConnected':
      case 'linkDrained':
      case 'linkClosed':
        return this.links.apply(input)
      case 'woken':
        this.#armedWakeAtMs = Number.POSITIVE_INFINITY
        return
      case 'saved':
        return this.cluster.saved(input.file, input.error)
      case 'hostFigures':
        this.hostFigures = input
        return
      default:
        return unreachable(input)
    }
  }

  // ---- clients -----------------------------------------------------------------------------------------------------

  #acceptClient(link: LinkId, { remote, local, secure }: Extract<Input, { type: 'linkAccepted' }>): void {
    const limits = { maxBulkBytes: this.config.number('proto-max-bulk-len'), maxInlineBytes: 65_536, maxArguments: 2_147_483_647 }
    const client = new Client(link, this.#nextClientId++, remote, local, this.now.wallMs, limits)
    client.isSecure = secure ?? false
    this.acl.begin(client)
    this.stats.connectionsReceived++
    this.links.adopt(
      link,
      {
        connected: () => {},
        receive: (bytes) => {
          client.bytesIn += bytes.length
          client.decoder.push(bytes)
          this.dispatcher.runClient(client)
        },
        drained: (unsentBytes) => {
          client.onDrained?.(unsentBytes)
          this.dispatcher.drained(client, unsentBytes)
        },
        closed: (reason) => this.#clientGone(client, reason)
      },
      client.output
    )
    const refusal = this.#refusalOf(client)
    if (refusal !== undefined) {
      this.stats.rejectedConnections++
      client.reply.error(refusal)
      this.links.output(link)
      this.links.close(link)
      return
    }
    this.clients.set(link, client)
    this.clientsById.set(client.id, client)
  }

  /** Why a client may not even say who it is. */
  #refusalOf(client: Client): string | undefined {
    if (this.clients.size >= this.config.number('maxclients')) return 'ERR max number of clients reached'
    if (!this.config.enabled('protected-mode') || !this.acl.defaultUser.needsNoPassword || isLoopback(client.remote)) return undefined
    return errors.protectedMode
  }

  /** A client that the node makes for itself: our primary's stream, a local caller in tests. */
  internalClient(origin: Client['origin'], { link, remote, local } = NOWHERE): Client {
    const client = new Client(link, this.#nextClientId++, remote, local, this.now.wallMs, {
      maxBulkBytes: this.config.number('proto-max-bulk-len'),
      maxInlineBytes: 65_536,
      maxArguments: 2_147_483_647
    })
    client.origin = origin
    client.user = this.acl.defaultUser
    return client
  }

  /** Whoever is connected as a client, and the primary whose stream we follow. */
  get everyClient(): readonly Client[] {
    const { link, applier } = this.replication
    return link?.state === 'connected' ? [applier.client, ...this.clients.values()] : [...this.clients.values()]
  }

  /** Ends a client's connection after its output. */
  closeClient(client: Client, reason: string): void {
    if (client.origin === 'primary') {
      this.replication.link?.end(reason)
      return
    }
    client.closing = true
    this.links.close(client.link)
    this.#clientGone(client, reason)
  }

  #clientGone(client: Client, reason: string): void {
    if (!this.clients.delete(client.link)) return
    client.closing = true
    this.#ready.delete(client)
    this.watches.forget(client)
    this.blocked.forget(client)
    this.tracking.forget(client)
    this.monitors.forget(client)
    this.clientsById.delete(client.id)
    this.pubsub.forget(client)
    this.dispatcher.forget(client)
    client.onClosed?.(reason)
  }

  /** This client has commands that can run; it is served in this step or, beyond the budget, in the next. */
  makeReady(client: Client): void {
    this.#ready.add(client)
  }

  #runReady(clients: ReadonlySet<Client>): void {
    for (const client of clients) if (!client.closing && this.clients.has(client.link)) this.dispatcher.runClient(client)
  }

  // ---- time --------------------------------------------------------------------------------------------------------

  /** Asks to be woken at this monotonic time at the latest. */
  wakeBy(monotonicMs: number): void {
    if (monotonicMs < this.#wishedWakeAtMs) this.#wishedWakeAtMs = monotonicMs
  }

  #cron(): void {
    this.#nextCronAtMs = this.now.monotonicMs + CRON_PERIOD_MS
    this.#cronRuns++
    this.stats.sample(this.now.monotonicMs)
    if (this.clusterEnabled) this.cluster.cron(this.#cronRuns)
    this.replication.cron(this.#cronRuns)
    this.migrations.cron(this.#cronRuns)
    const mayExpire = this.role === 'primary' && !this.pause.mode && !this.config.enabled('import-mode')
    if (mayExpire) this.#expiry.run(this.now.wallMs, 25_000, this.options.meter)
    this.evictor.makeRoom()
    this.dispatcher.cron(this.#cronRuns)
    if (!this.keyspace.store.hasDropped) this.#compact()
    if (this.#cronRuns % 10 === 0) this.#eachSecond()
  }

  #compact(): void {
    this.#compactor.run(() => [this.keyspace, ...this.migrations.stagedImports().map((one) => one.staged)], MOVED_AT_ONCE)
  }

  /** A slice each few milliseconds: a node that lost half of its keys gives their memory back within a minute, and nobody waits for it. */
  #tidyUp(): void {
    const { meter } = this.options
    const { store } = this.keyspace
    const hasWork = () => store.hasDropped || this.#compactor.isUnderWay
    if (this.now.monotonicMs >= this.#nextSliceAtMs) {
      const startedUs = meter()
      for (let i = 0; i < MOST_AT_ONCE && hasWork() && meter() - startedUs < SLICE_US; i++) {
        // First what is dropped: what is left is then moved once.
        if (store.hasDropped) store.reclaim(RECLAIMED_AT_ONCE)
        else this.#compact()
      }
      this.#nextSliceAtMs = this.now.monotonicMs + SLICE_PERIOD_MS
    }
    if (hasWork()) this.wakeBy(this.#nextSliceAtMs)
  }

  #eachSecond(): void {
    this.outputLimits.cron()
    this.keyWaits.review()
    const timeoutMs = this.config.number('timeout') * 1000
    if (timeoutMs > 0) this.#endIdleClients(timeoutMs)
  }

  /** `timeout`: clients that say nothing for so long. Those who listen, wait or serve other nodes are meant to be silent. */
  #endIdleClients(timeoutMs: number): void {
    for (const client of [...this.clients.values()]) {
      if (client.origin !== 'client' || client.onClosed || client.subscriptions > 0 || client.monitors) continue
      if (client.blocked || client.postponed) continue
      if (this.now.wallMs - client.lastCommandAtMs > timeoutMs) this.closeClient(client, 'timeout')
    }
  }

  #armWake(): void {
    if (this.#ready.size > 0) this.wakeBy(this.now.monotonicMs)
    const at = Math.min(this.#nextCronAtMs, this.#wishedWakeAtMs)
    this.#wishedWakeAtMs = Number.POSITIVE_INFINITY
    if (at === this.#armedWakeAtMs) return
    this.#armedWakeAtMs = at
    this.#effects.push({ type: 'wake', atMonotonicMs: at })
  }

  // ---- what changed ------------------------------------------------------------------------------------------------

  /**
   * Sends effective writes to replicas and to the export jobs that cover the slot; several go as one transaction. Called by
   * the dispatcher for commands and by whoever deletes on its own account: expiry, eviction.
   */
  propagate(database: number, slot: number, commands: readonly (readonly (Uint8Array | string)[])[]): void {
    if (commands.length === 0) return
    this.execution.propagate(database, slot, commands)
  }

  /** Removes a key that has expired, tells everybody. Only on a primary. */
  expireKey(database: Database, key: Uint8Array): void {
    expireKeyNow(this, database, key)
  }

  /** Expiry stands still for slots whose writes are paused. */
  expiryPaused(key: Uint8Array): boolean {
    return this.pause.mode !== undefined || this.migrations.pausesSlot(keySlot(key))
  }

  /** Does anybody want to know of changes to keys? */
  get hearsOfKeys(): boolean {
    return this.watches.clients > 0 || this.keyWaits.isOn || this.tracking.isOn || this.hotSettings.tellsOfKeys
  }

  noteKeyChanged(database: number, key: Uint8Array): void {
    this.watches.touched(database, key)
    if (this.keyWaits.isOn) this.keyWaits.touched(database, key)
    if (this.tracking.isOn) this.tracking.touched(key)
  }

  notifyKeyspace(eventClass: EventClass, event: string, key: Uint8Array, database: number): void {
    this.pubsub.notifyKeyspace(eventClass, event, key, database)
  }

  /** FLUSHDB and FLUSHALL: ends what iterates, then empties. */
  flush(database: number | 'all'): void {
    this.migrations.flushed()
    this.replication.flushed()
    this.watches.flushed(database)
    this.keyWaits.flushed(database)
    this.tracking.flushed()
    if (database === 'all') this.keyspace.clear()
    else this.keyspace.database(database).clear()
  }

  /** SWAPDB: every client stays with the number of its database, and finds other keys there. */
  swapDatabases(first: number, second: number): void {
    if (first === second) return
    this.replication.flushed()
    this.watches.swapped(first, second)
    this.keyspace.swap(first, second)
    this.keyWaits.swapped(first)
    this.keyWaits.swapped(second)
  }

  // ---- the host ----------------------------------------------------------------------------------------------------

  save(file: FileName, bytes: Uint8Array, durable: boolean): void {
    this.#effects.push({ type: 'save', file, bytes, durable })
  }

  log(level: LogLevel, text: string): void {
    this.#effects.push({ type: 'log', level, text })
  }

  /** Ends the node once this step's output has been handed to the host. */
  stop(exitCode: number): void {
    this.#stopsWith = exitCode
  }
}
