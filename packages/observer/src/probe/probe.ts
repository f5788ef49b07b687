import { encodeUtf8, slotOfKey } from '../bytes.ts'
import { type Caller, type Command, ErrorReply, type NodeAddress, type Reply, UnreachableError } from '../caller.ts'
import type { ProbeTrafficPoint } from '../stream/figures.ts'
import { SLOTS } from '../stream/moves.ts'
import { LatencyInterval } from './latency-interval.ts'

/** Every key of a probe begins so. */
export const PROBE_PREFIX = 'slotscope:probe:'
/** They end by themselves, should nobody be left to remove them. */
export const PROBE_KEY_SECONDS = 60
/** A host calls `beat` so often. */
export const PROBE_BEAT_MS = 20
const REPORT_MS = 1_000
/** So many slots are asked in one beat; of more of them each has its turn: at most 500 commands a second to the whole cluster. */
const SLOTS_PER_BEAT = 10
/** Longer than the longest write pause of a hand-over. */
const TIMEOUT_MS = 15_000
const MOST_HOPS = 5
const WORK = { purpose: 'probe', cause: 'probe', timeoutMs: TIMEOUT_MS } as const

/** What a probe knows of the cluster, and whom it tells: the port beside `Caller`. A feed is one. */
export interface ProbeGround {
  /** Slots to be asked: one of each shard, and some that are on the move. Those that nobody owns are left out. */
  probedSlots(): readonly { readonly slot: number; readonly address: NodeAddress }[]
  /** False while a write could do harm. */
  mayProbeWrite(): boolean
  /** Commands that were sent, for the cost and for taking them out of the figures. */
  probeSent(address: NodeAddress, commands: readonly Command[]): void
  /** A key of the probe exists in that slot until then, or, at 0, no more. */
  probeKey(slot: number, untilMs: number): void
  pushProbe(point: ProbeTrafficPoint, source: string): void
}

/**
 * A client of ours on a cluster that has none: writes and reads a key of its own in one slot of each shard and in slots that are on the
 * move, follows redirections as clients do, and tells once a second what it noticed. One command per slot is under way at a time, so
 * that a pause shows as the one reply that took so long.
 */
export class Probe {
  readonly #caller: Caller
  readonly #ground: ProbeGround
  readonly #clock: { readonly wallMs: () => number; readonly monotonicMs: () => number }
  readonly #source: string
  readonly #interval = new LatencyInterval()
  /** Who answered last for a slot: a client goes on asking there until it is redirected or refused. */
  readonly #learned = new Map<number, NodeAddress>()
  readonly #underWay = new Set<number>()
  /** Slots are written and read by turns. */
  readonly #wroteLast = new Set<number>()
  readonly #written = new Map<number, NodeAddress>()
  #turn = 0
  #reportedAtMs: number
  #stopped = false

  /** `clock`: milliseconds, the monotonic one with fractions. `source` says in words where the probe runs. */
  constructor(
    caller: Caller,
    ground: ProbeGround,
    clock: { readonly wallMs: () => number; readonly monotonicMs: () => number },
    source: string
  ) {
    this.#caller = caller
    this.#ground = ground
    this.#clock = clock
    this.#source = source
    this.#reportedAtMs = clock.monotonicMs()
  }

  /** Sends what is due and waits for nothing. To be called each `PROBE_BEAT_MS`. */
  beat(): void {
    if (this.#stopped) return
    const places = this.#ground.probedSlots()
    const writes = this.#ground.mayProbeWrite()
    const count = Math.min(SLOTS_PER_BEAT, places.length)
    for (let i = 0; i < count; i++) {
      const place = places[(this.#turn + i) % places.length] as (typeof places)[number]
      if (!this.#underWay.has(place.slot)) void this.#perform(place.slot, this.#learned.get(place.slot) ?? place.address, writes)
    }
    this.#turn += count
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#reportedAtMs < REPORT_MS) return
    this.#ground.pushProbe(this.#interval.take(this.#clock.wallMs(), nowMs - this.#reportedAtMs), this.#source)
    this.#reportedAtMs = nowMs
  }

  /** Removes the keys that it can reach; the others end by themselves. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(
      [...this.#written].map(async ([slot, address]) => {
        const command = ['UNLINK', probeKey(slot)]
        this.#ground.probeSent(address, [command])
        const [reply] = await this.#caller.pipeline(address, [command], WORK).catch(unreachable)
        if (!(reply instanceof ErrorReply)) this.#ground.probeKey(slot, 0)
      })
    )
    this.#written.clear()
  }

  async #perform(slot: number, address: NodeAddress, mayWrite: boolean): Promise<void> {
    this.#underWay.add(slot)
    const writes = mayWrite && !this.#wroteLast.has(slot)
    if (writes) this.#wroteLast.add(slot)
    else this.#wroteLast.delete(slot)
    const key = probeKey(slot)
    const command = writes ? ['SET', key, 'probe', 'EX', String(PROBE_KEY_SECONDS)] : ['GET', key]
    const startedAtMs = this.#clock.monotonicMs()
    try {
      const answered = await this.#follow(slot, address, command)
      this.#interval.add(this.#clock.monotonicMs() - startedAtMs)
      if (answered && writes) {
        this.#written.set(slot, answered)
        this.#ground.probeKey(slot, this.#clock.wallMs() + PROBE_KEY_SECONDS * 1_000)
      }
    } finally {
      this.#underWay.delete(slot)
    }
  }

  /** Sends the command until a node takes it. Resolves with that node's address, or undefined when none did. */
  async #follow(slot: number, address: NodeAddress, command: Command): Promise<NodeAddress | undefined> {
    let [at, asking] = [address, false]
    for (let hop = 0; hop < MOST_HOPS; hop++) {
      const commands = asking ? [['ASKING'], command] : [command]
      this.#ground.probeSent(at, commands)
      const replies = await this.#caller.pipeline(at, commands, WORK).catch(unreachable)
      const reply = replies.at(-1)
      if (!(reply instanceof ErrorReply)) {
        if (!asking) this.#learned.set(slot, at)
        return at
      }
      const led = redirection(reply, at)
      if (!led) {
        this.#interval.notice(reply.code === 'TRYAGAIN' ? 'try-again' : 'error')
        // Where the slot is now the cluster will say.
        this.#learned.delete(slot)
        return undefined
      }
      this.#interval.notice(led.asking ? 'ask' : 'moved')
      ;[at, asking] = [led.address, led.asking]
    }
    this.#interval.notice('error')
    return undefined
  }
}

/** No reply is an error that a client notices, like any other. */
function unreachable(error: unknown): readonly Reply[] {
  if (error instanceof UnreachableError) return [new ErrorReply(`UNREACHABLE ${error.message}`)]
  throw error
}

/** `MOVED 3999 127.0.0.1:6381`; without a host the node that answers is meant. The host may hold colons. */
function redirection(reply: ErrorReply, from: NodeAddress): { readonly address: NodeAddress; readonly asking: boolean } | undefined {
  const match = /^(MOVED|ASK) \d+ (.*):(\d+)$/.exec(reply.message)
  if (!match) return undefined
  return { address: { host: match[2] || from.host, port: Number(match[3]) }, asking: match[1] === 'ASK' }
}

let tags: readonly string[] | undefined

/** The probe's key of a slot. */
export function probeKey(slot: number): string {
  tags ??= findTags()
  return `${PROBE_PREFIX}{${tags[slot]}}`
}

/** The shortest number, in base 36, that hashes to each slot. */
function findTags(): readonly string[] {
  const found = new Array<string | undefined>(SLOTS).fill(undefined)
  for (let number = 0, missing = SLOTS; missing > 0; number++) {
    const tag = number.toString(36)
    const slot = slotOfKey(encodeUtf8(tag))
    if (found[slot] !== undefined) continue
    found[slot] = tag
    missing--
  }
  return found as string[]
}
