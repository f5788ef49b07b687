import type { Command, NodeAddress } from '../caller.ts'
import type { ProbeGround } from '../probe/probe.ts'
import type { CoreState } from '../stream/core-state.ts'
import type { ProbeTrafficPoint } from '../stream/figures.ts'
import { eachSlot } from '../stream/moves.ts'
import type { Asker } from './asker.ts'
import { statName } from './cost-meter.ts'
import type { JobBook } from './jobs.ts'
import { ProbeShare, type ShareOfProbe } from './probe-share.ts'
import type { Topology } from './topology.ts'

/** A probe goes on looking at slots that have moved for so long. */
const PROBED_AFTER_MS = 3_000

/** What a feed tells of the probe. */
type Tell = {
  readonly core: () => CoreState
  readonly point: (point: ProbeTrafficPoint, source: string) => void
  readonly ended: () => void
}

/** The ground of a probe as a feed knows it, and what of the feed's figures is the probe's. */
export class FeedProbe implements ProbeGround {
  readonly #share = new ProbeShare()
  readonly #asker: Asker
  readonly #topology: Topology
  readonly #jobs: JobBook
  readonly #tell: Tell

  constructor(asker: Asker, topology: Topology, jobs: JobBook, tell: Tell) {
    this.#asker = asker
    this.#topology = topology
    this.#jobs = jobs
    this.#tell = tell
  }

  /** One reading of a client of ours; `source` says in words where it runs. */
  pushProbe(point: ProbeTrafficPoint, source: string): void {
    this.#tell.point(point, source)
  }

  /** No probe runs any more; what it measured stays. */
  probeEnded(): void {
    this.#tell.ended()
  }

  probedSlots(): readonly { readonly slot: number; readonly address: NodeAddress }[] {
    const { shards } = this.#tell.core()
    const nowMs = this.#asker.now()
    // A while longer than the move: what a client is told when it is over belongs to it.
    const moves = Object.values(this.#tell.core().jobs).filter(({ endedAtMs }) => endedAtMs === null || nowMs - endedAtMs < PROBED_AFTER_MS)
    const moving = moves.flatMap(({ slots }) => {
      const all = [...eachSlot(slots)]
      return [all[0] as number, all[all.length >> 1] as number]
    })
    const slots = new Set([...Object.values(shards).flatMap((shard) => shard.slots[0]?.[0] ?? []), ...moving])
    const owners = this.#topology.owners()
    return [...slots].flatMap((slot) => {
      const link = this.#asker.records.get(owners[slot] ?? '')?.link
      return link ? [{ slot, address: link.address }] : []
    })
  }

  /** Real 9.0 and 9.1 write into wrong databases while slots move and several are in use: the probe's own is database 0. */
  mayProbeWrite(): boolean {
    const busy = this.#jobs.running().flatMap(({ sourceNode, targetNode }) => [sourceNode, targetNode])
    return [...busy, ...this.#jobs.expectedNodes(this.#asker.now())].every((node) => {
      const figures = this.#asker.records.get(node)?.figures
      return figures !== undefined && (figures.ownEngine || [...figures.databases.keys()].every((database) => database === 0))
    })
  }

  probeSent({ host, port }: NodeAddress, commands: readonly Command[]): void {
    const place = `${host}:${port}`
    const id = [...this.#asker.records.values()].find(({ link }) => link.address.host === host && link.address.port === port)?.link.id
    this.#share.sent(id ?? place, commands)
    this.#asker.meter.worked(id ?? place, 'probe', commands.map(statName), this.#asker.now())
  }

  probeKey(slot: number, untilMs: number): void {
    this.#share.key(slot, untilMs)
  }

  /** What of a node's figures is the probe's now. */
  shareOf(node: string): ShareOfProbe {
    const owner = this.#topology.nodes.get(node)?.primaryId ?? node
    return this.#share.of(node, (slot) => this.#topology.owners()[slot] === owner, this.#asker.now())
  }

  /** Keys by slot without those of the probe. */
  keysOfOthers(keys: Float64Array): Float64Array {
    const probed = this.#share.slots(this.#asker.now()).filter((slot) => (keys[slot] as number) > 0)
    if (probed.length === 0) return keys
    const others = keys.slice()
    for (const slot of probed) others[slot] = (others[slot] as number) - 1
    return others
  }
}
