import { type Caller, type Command, ErrorReply, type JobIntent, type NodeAddress, type Reply, UnreachableError } from '@slotscope/observer'
import {
  type CoreState,
  countSlots,
  eachSlot,
  type JobWireState,
  type PlanState,
  type QueueState,
  type SlotRange,
  toRanges
} from '@slotscope/observer/stream'

import type { QueueCluster } from '../../src/plans/move-queues.ts'
import type { Random } from './random.ts'

type ModelNode = {
  readonly id: string
  readonly shard: string
  readonly label: string
  readonly port: number
  owned: Set<number>
  jobs: ModelSide[]
}
type ModelSide = { readonly operation: 'EXPORT' | 'IMPORT'; readonly job: ModelJob; state: JobWireState; message: string }
/** How a job will end; `contradicted`: the source gives up although the target took the slots. */
type Fate = 'moved' | 'failed' | 'contradicted'
type ModelJob = {
  readonly name: string
  readonly slots: readonly number[]
  readonly source: ModelNode
  readonly target: ModelNode
  readonly endsAtMs: number
  fate: Fate
  ended: boolean
}

const SLOTS_EACH = 40

/** Four primaries that take CLUSTER MIGRATESLOTS as Valkey does, in a time of their own; nodes restart and forget their jobs. */
export class ModelCluster {
  readonly id = 'main'
  readonly nodes: readonly ModelNode[]
  readonly random: Random
  nowMs = 1_000_000
  /** Commands that arrived, by their slots: more than one for the same slots is a doubled start. */
  readonly arrived = new Map<string, number>()
  /** Jobs by their slots. */
  readonly started = new Map<string, ModelJob>()
  /** Two exports of one source at once. */
  overlapped = 0
  /** Commands that are still on their way from a process that is dead. */
  readonly #late: { readonly atMs: number; readonly node: ModelNode; readonly command: Command }[] = []
  #names = 0

  constructor(random: Random) {
    this.random = random
    this.nodes = ['A', 'B', 'C', 'D'].map((label, index) => ({
      id: String(index + 1).repeat(40),
      shard: `shard-${label}`,
      label,
      port: 7_001 + index,
      owned: new Set(eachSlot([[index * SLOTS_EACH, index * SLOTS_EACH + SLOTS_EACH - 1]])),
      jobs: []
    }))
  }

  /** One move of so many slots of each source, to another shard. */
  plan(planId: string, moveCount: number): PlanState {
    const next = new Map<string, number>()
    const moves = Array.from({ length: moveCount }, () => {
      const from = this.random.below(4)
      const source = this.nodes[from] as ModelNode
      const target = this.nodes[(from + 1 + this.random.below(3)) % 4] as ModelNode
      const first = next.get(source.id) ?? from * SLOTS_EACH
      next.set(source.id, first + 5)
      const slots: SlotRange[] = [[first, first + 2]]
      return {
        sourceShard: source.shard,
        sourceNode: source.id,
        targetNode: target.id,
        targetShard: target.shard,
        slots,
        slotCount: countSlots(slots),
        ownerEpoch: 1,
        keysByDatabase: [],
        keys: 0,
        bytes: null,
        command: ['CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', String(first), String(first + 2), 'NODE', target.id],
        shell: ''
      }
    })
    return {
      planId,
      actor: 'ann',
      madeAtMs: this.nowMs,
      expiresAtMs: this.nowMs + 60_000,
      targetShard: moves[0]?.targetShard ?? '',
      moves,
      leftOut: [],
      checks: [],
      balance: []
    }
  }

  /** Lets time pass: jobs end, nodes restart, late commands arrive. */
  advance(ms: number): void {
    this.nowMs += ms
    for (const late of this.#late.splice(0)) {
      if (late.atMs <= this.nowMs) this.#migrate(late.node, late.command)
      else this.#late.push(late)
    }
    for (const job of this.started.values()) if (!job.ended && this.nowMs >= job.endsAtMs) this.#end(job, job.fate)
    if (this.random.chance(0.004)) this.#restart(this.nodes[this.random.below(4)] as ModelNode)
  }

  /** The command is on its way although its sender is dead. */
  arriveLate(port: number, command: Command): void {
    const node = this.nodes.find((one) => one.port === port)
    if (node && command[1] === 'MIGRATESLOTS') this.#late.push({ atMs: this.nowMs + this.random.below(8_000), node, command })
  }

  owner(slot: number): string | undefined {
    return this.nodes.find((node) => node.owned.has(slot))?.id
  }

  reply(port: number, command: Command): Reply {
    const node = this.nodes.find((one) => one.port === port)
    if (!node) throw new UnreachableError('no such node')
    switch (command[1]) {
      case 'MIGRATESLOTS':
        return this.#migrate(node, command)
      case 'GETSLOTMIGRATIONS':
        return node.jobs.toReversed().map((side) => this.#report(side))
      case 'NODES':
        return this.nodes.map((one) => this.#line(one, node)).join('\n')
      default:
        return new ErrorReply(`ERR unknown command ${command.join(' ')}`)
    }
  }

  /** What a feed would tell, without jobs: those are asked about. */
  core(): CoreState {
    const nodes = Object.fromEntries(
      this.nodes.map((node) => [node.id, { id: node.id, name: node.label, host: '10.0.0.1', port: node.port, configEpoch: 1 }])
    )
    const shards = Object.fromEntries(
      this.nodes.map((node) => [
        node.shard,
        {
          key: node.shard,
          label: node.label,
          primary: node.id,
          replicas: [],
          slots: toRanges([...node.owned].sort((a, b) => a - b)),
          slotCount: node.owned.size,
          keys: 0
        }
      ])
    )
    return { cluster: { state: 'ok' }, nodes, shards, jobs: {}, plans: {} } as unknown as CoreState
  }

  #migrate(node: ModelNode, command: Command): Reply {
    const [first, last] = [Number(command[3]), Number(command[4])]
    const key = `${first}-${last}`
    this.arrived.set(key, (this.arrived.get(key) ?? 0) + 1)
    const slots = [...eachSlot([[first, last]])]
    const target = this.nodes.find((one) => one.id === command[6])
    if (!target) return new ErrorReply('ERR Unknown node name')
    if (slots.some((slot) => !node.owned.has(slot))) return new ErrorReply('ERR Slots are not served by this node.')
    const open = [...this.started.values()].filter((job) => !job.ended && job.source === node)
    if (open.some((job) => job.slots.some((slot) => slots.includes(slot))))
      return new ErrorReply(`ERR I am already migrating slot ${first}.`)
    if (this.random.chance(0.05)) return new ErrorReply('ERR The module x does not support atomic slot migrations.')
    if (open.length > 0) this.overlapped++
    const name = (++this.#names).toString(16).padStart(40, '0')
    const roll = this.random.next()
    const fate: Fate = roll < 0.8 ? 'moved' : roll < 0.97 ? 'failed' : 'contradicted'
    const job: ModelJob = { name, slots, source: node, target, endsAtMs: this.nowMs + this.random.below(15_000), fate, ended: false }
    this.started.set(key, job)
    node.jobs.push({ operation: 'EXPORT', job, state: 'snapshotting', message: '' })
    target.jobs.push({ operation: 'IMPORT', job, state: 'receiving-snapshot', message: '' })
    return 'OK'
  }

  #end(job: ModelJob, fate: Fate): void {
    job.ended = true
    const say = (node: ModelNode, state: JobWireState, message: string) => {
      const side = node.jobs.find((one) => one.job === job)
      if (side) Object.assign(side, { state, message })
    }
    if (fate !== 'failed')
      for (const slot of job.slots) {
        job.source.owned.delete(slot)
        job.target.owned.add(slot)
      }
    say(job.target, fate === 'failed' ? 'failed' : 'success', fate === 'failed' ? 'Connection lost to source.' : '')
    say(job.source, fate === 'moved' ? 'success' : 'failed', fate === 'failed' ? 'Data was flushed' : 'may have succeeded with lost writes')
  }

  #restart(node: ModelNode): void {
    for (const job of this.started.values()) if (!job.ended && (job.source === node || job.target === node)) this.#end(job, 'failed')
    node.jobs = []
  }

  #report({ operation, job, state, message }: ModelSide): Reply {
    const ranges = `${job.slots[0]}-${job.slots.at(-1)}`
    const seconds = Math.floor(this.nowMs / 1_000)
    return [
      ...['name', job.name, 'operation', operation, 'slot_ranges', ranges, 'target_node', job.target.id, 'source_node', job.source.id],
      ...['create_time', seconds, 'last_update_time', seconds, 'last_ack_time', seconds, 'state', state, 'message', message, 'cow_size', 0]
    ]
  }

  #line(node: ModelNode, viewer: ModelNode): string {
    const slots = toRanges([...node.owned].sort((a, b) => a - b)).map(([first, last]) => `${first}-${last}`)
    return [
      node.id,
      `10.0.0.1:${node.port}@${node.port + 10_000}`,
      node === viewer ? 'myself,master' : 'master',
      '- 0 0 1 connected',
      ...slots
    ].join(' ')
  }
}

/**
 * One run of the api over a model: everything that it does outside of itself passes a gate before and after. At the gate that it was
 * given it dies: nothing of it goes on, and what it waited for never comes.
 */
export class MortalProcess implements Caller {
  dead = false
  readonly queues = new Map<string, QueueState>()
  readonly #model: ModelCluster
  readonly #disk: { text: string }
  #gatesLeft: number
  #written: Promise<void> = Promise.resolve()

  constructor(model: ModelCluster, disk: { text: string }, gatesLeft: number) {
    this.#model = model
    this.#disk = disk
    this.#gatesLeft = gatesLeft
  }

  get cluster(): QueueCluster {
    return {
      id: this.#model.id,
      caller: this,
      countingCaller: this,
      core: () => this.#model.core(),
      requestRefresh: () => undefined,
      noteWork: () => undefined,
      feed: {
        queueChanged: (queue: QueueState) => void this.queues.set(queue.planId, queue),
        queueGone: () => undefined,
        jobConfirmed: (_intent: JobIntent) => undefined
      }
    }
  }

  async pipeline(node: NodeAddress, commands: readonly Command[]): Promise<readonly Reply[]> {
    const { random } = this.#model
    const lives = await this.#gate(() => {
      // What was written to the socket before the death arrives all the same, now and then.
      if (random.chance(0.5)) for (const command of commands) this.#model.arriveLate(node.port, command)
    })
    if (!lives) return never()
    if (random.chance(0.02)) throw new UnreachableError('connection refused')
    const replies = commands.map((command) => this.#model.reply(node.port, command))
    if (!(await this.#gate())) return never()
    if (random.chance(0.02)) throw new UnreachableError('connection lost')
    return replies
  }

  /** One line after the other, as the real journal writes them. */
  append(entry: unknown): Promise<void> {
    this.#written = this.#written.then(() => this.#write(entry))
    return this.#written
  }

  async #write(entry: unknown): Promise<void> {
    const line = `${JSON.stringify(entry)}\n`
    const lives = await this.#gate(() => {
      // The crash cuts the line off anywhere.
      this.#disk.text += line.slice(0, this.#model.random.below(line.length))
    })
    if (!lives) return never()
    this.#disk.text += line
    if (!(await this.#gate())) return never()
  }

  async #gate(lastBreath: () => void = () => undefined): Promise<boolean> {
    await undefined
    if (this.dead) return false
    if (--this.#gatesLeft > 0) return true
    this.dead = true
    lastBreath()
    return false
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}
