import { ErrorReply } from '../caller.ts'
import { integerOf } from '../replies/shape.ts'
import { parseSlotStats, type SlotStat } from '../replies/slot-stats.ts'
import { eachSlot } from '../stream/moves.ts'
import type { Asker } from './asker.ts'
import type { NodeLink } from './node-links.ts'
import type { NodeRecord } from './node-record.ts'
import { isUnknownCommand } from './refusals.ts'
import { SlotFigures } from './slot-figures.ts'
import type { Topology } from './topology.ts'

/** Slots of a node that are counted at a time where there is no SLOT-STATS: one pipeline each two seconds. */
const COUNTED_SLOTS = 256

/** Asks primaries for the figures of their slots. */
export class SlotPolls {
  readonly figures = new SlotFigures()
  readonly #asker: Asker
  readonly #topology: Topology
  /** Where the count of a node's slots goes on, by node. */
  readonly #counted = new Map<string, number>()

  constructor(asker: Asker, topology: Topology) {
    this.#asker = asker
    this.#topology = topology
  }

  /** Resolves with true when there are new figures. */
  async poll(record: NodeRecord): Promise<boolean> {
    const { link } = record
    const contents = record.figures?.contents ?? null
    const replies = await this.#asker.call(link, 'slots', [['CLUSTER', 'SLOT-STATS', 'SLOTSRANGE', '0', '16383']])
    if (!replies) return false
    const [reply] = replies
    const stats = parseSlotStats(reply)
    this.#asker.unreadable(link.id, 'CLUSTER SLOT-STATS', 'error' in stats ? stats.error : null, reply)
    const counted = reply instanceof ErrorReply && isUnknownCommand(reply.message) ? await this.#countSlots(link) : undefined
    if ('error' in stats && !counted) return false
    // Counting in turn goes on where nothing changes, too.
    record.countedContents = counted ? null : contents
    this.figures.fold(link.id, counted ?? ('value' in stats ? stats.value : []), this.#asker.now())
    return true
  }

  /** Servers before Valkey 8 have no SLOT-STATS: keys are counted slot by slot, a few of them each time, in turn. */
  async #countSlots(link: NodeLink): Promise<readonly SlotStat[] | undefined> {
    const slots = [...eachSlot(this.#topology.nodes.get(link.id)?.slots ?? [])]
    if (slots.length === 0) return undefined
    const from = this.#counted.get(link.id) ?? 0
    const turn = Array.from({ length: Math.min(COUNTED_SLOTS, slots.length) }, (_, i) => slots[(from + i) % slots.length] as number)
    this.#counted.set(link.id, (from + turn.length) % slots.length)
    const replies = await this.#asker.call(
      link,
      'slots',
      turn.map((slot) => ['CLUSTER', 'COUNTKEYSINSLOT', String(slot)])
    )
    return replies?.flatMap((reply, index) => {
      const keys = integerOf(reply)
      return keys === undefined ? [] : [{ slot: turn[index] as number, keys, cpuUs: null, bytesIn: null, bytesOut: null }]
    })
  }
}
