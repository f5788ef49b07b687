import type { Random } from '../../../../packages/api/test/support/random.ts'
import { FakeCluster, type FakeNode } from '../../../../packages/observer/test/fake-cluster.ts'

type Move = { readonly source: FakeNode; readonly target: FakeNode; readonly slots: string; readonly startedAtMs: number }

/** Three shards of two nodes in which something always happens: figures, moves with and without a job, failovers, nodes that are away or lag. */
export class RestlessCluster {
  readonly cluster = FakeCluster.of(3, 1)
  readonly #random: Random
  #epoch = 3
  #jobs = 0
  #move: Move | null = null
  /** Nodes that are away or see the past, and until when. */
  readonly #until = new Map<FakeNode, number>()

  constructor(random: Random) {
    this.#random = random
    for (const node of this.cluster.nodes) node.config['cluster-slot-stats-enabled'] = 'yes'
  }

  get #primaries(): FakeNode[] {
    return this.cluster.nodes.filter((node) => node.role === 'master')
  }

  /** A little happens. Called a few times a second. */
  step(nowMs: number): void {
    const { cluster } = this
    const random = this.#random
    cluster.sent.length = 0
    for (const [node, untilMs] of this.#until) {
      if (nowMs < untilMs) continue
      this.#until.delete(node)
      node.down = null
      node.staleView = null
      for (const other of cluster.nodes) if (other === node) other.flags = []
    }
    const node = this.#any(cluster.nodes)
    node.stats.instantaneous_ops_per_sec = random.below(1_000)
    node.stats.total_commands_processed += random.below(500)
    const slots = node.keys.get(0) ?? new Map<number, number>()
    node.keys.set(0, slots)
    const [first = 0] = node.slots[0] ?? []
    slots.set(first + random.below(20), random.below(5_000))
    if (this.#move) this.#goOn(this.#move, nowMs)
    else if (random.chance(0.15)) this.#begin(nowMs)
    if (random.chance(0.03)) this.#failover(nowMs)
    if (random.chance(0.04)) this.#lag(nowMs)
    for (const lagging of cluster.nodes) if (lagging.staleView !== null) lagging.staleView = this.#withOwnLine(lagging, lagging.staleView)
  }

  /** Every node is there and sees the present. */
  calm(): void {
    for (const node of this.cluster.nodes) Object.assign(node, { down: null, staleView: null, flags: [] })
    this.#until.clear()
  }

  #any<T>(list: readonly T[]): T {
    return list[this.#random.below(list.length)] as T
  }

  /** The head of one shard's slots for another shard, as a job or, the old way, in one go. */
  #begin(nowMs: number): void {
    const source = this.#any(this.#primaries)
    const target = this.#any(this.#primaries)
    const [first, last] = source.slots[0] ?? [0, 0]
    if (source === target || source.down || target.down || last - first < 200) return
    const move = { source, target, slots: `${first}-${first + this.#random.below(50)}`, startedAtMs: nowMs }
    if (this.#random.chance(0.3)) {
      this.#flip(move)
      return
    }
    this.#move = move
    const job = { name: (++this.#jobs).toString(16).padStart(40, '0'), slots: move.slots, source: source.id, target: target.id }
    source.jobs = [{ ...job, operation: 'EXPORT' as const, state: 'snapshotting' as const }, ...source.jobs].slice(0, 5)
    target.jobs = [{ ...job, operation: 'IMPORT' as const, state: 'receiving-snapshot' as const }, ...target.jobs].slice(0, 5)
  }

  #goOn(move: Move, nowMs: number): void {
    const ageMs = nowMs - move.startedAtMs
    const [exporting, importing] = [move.source.jobs[0], move.target.jobs[0]]
    const gone = move.source.down || move.target.down || move.source.role !== 'master' || move.target.role !== 'master'
    if (!exporting || !importing || gone) {
      if (exporting) Object.assign(exporting, { state: 'failed', message: 'Connection lost to target.' })
      if (importing) Object.assign(importing, { state: 'failed', message: 'Connection lost to source.' })
      this.#move = null
    } else if (ageMs > 2_000) {
      this.#flip(move)
      exporting.state = importing.state = 'success'
      this.#move = null
    } else if (ageMs > 1_000) exporting.state = 'replicating'
  }

  #flip({ source, target, slots }: Move): void {
    const [first = 0, last = 0] = slots.split('-').map(Number)
    source.slots = [[last + 1, source.slots[0]?.[1] ?? last + 1], ...source.slots.slice(1)]
    target.slots = [...target.slots, [first, last] as const].sort((a, b) => a[0] - b[0])
    target.epoch = ++this.#epoch
  }

  /** A primary dies, its replica takes over with a greater epoch; the dead one comes back as a replica. */
  #failover(nowMs: number): void {
    const old = this.#any(this.#primaries)
    const heir = this.cluster.nodes.find((node) => node.primary === old.id)
    if (!heir || heir.down || this.#until.size > 0) return
    Object.assign(heir, { role: 'master', primary: null, slots: old.slots, epoch: ++this.#epoch, keys: old.keys })
    Object.assign(old, {
      role: 'slave',
      primary: heir.id,
      slots: [],
      down: this.#random.chance(0.5) ? 'refused' : 'silent',
      flags: ['fail']
    })
    old.epoch = heir.epoch
    this.#until.set(old, nowMs + 3_000 + this.#random.below(20_000))
  }

  /** Of itself a node always knows how things are. */
  #withOwnLine(node: FakeNode, view: string): string {
    const lineOf = (text: string) => text.split('\n').find((line) => line.startsWith(node.id)) ?? ''
    return view.replace(lineOf(view), lineOf(this.cluster.view(node)))
  }

  /** A node goes on telling what it saw of the others a while ago. */
  #lag(nowMs: number): void {
    const node = this.#any(this.cluster.nodes)
    if (this.#until.has(node)) return
    node.staleView = this.cluster.view(node)
    this.#until.set(node, nowMs + this.#random.below(8_000))
  }
}
