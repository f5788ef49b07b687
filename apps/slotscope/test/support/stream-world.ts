import type { ShardLabel } from '@slotscope/observer'
import { decodeSlotsFrame, type Frame, type JsonTopic, type PlanState, type SlotsTopic, type Topic } from '@slotscope/observer/stream'
import { WatchedCluster } from '../../../../packages/api/src/clusters/watched-cluster.ts'
import { type Random, randomOf } from '../../../../packages/api/test/support/random.ts'
import { Clock } from '../../../console/src/stream/clock.ts'
import { StreamConnection } from '../../../console/src/stream/connect.ts'
import { ClusterStore, LATE_MS, type Seen } from '../../../console/src/stream/store.ts'
import { FAULTS, type Fault, FaultyLink, type PageSocket } from './faulty-link.ts'
import { RestlessCluster } from './restless-cluster.ts'
import { type Breach, Truth, ViewerChecks } from './stream-checks.ts'
import { VirtualTime } from './virtual-time.ts'

/** A fault of our own making, to see that the checks find it. */
export type Mutant = {
  /** What the page folds in place of a frame; `held` is the version that it holds. */
  readonly frame?: (frame: Frame, held: number, random: Random) => Frame
  /** What the ring answers in place of what is missing. */
  readonly resumed?: (frames: readonly (Frame | Uint8Array)[]) => readonly (Frame | Uint8Array)[]
  /** The page never looks at the age of what it has. */
  readonly ageless?: boolean
}

export type Story = {
  readonly faults: Readonly<Record<Fault, number>>
  readonly breaches: readonly Breach[]
  /** Frames that pages applied, and how often one asked to resume, was late, or was cut for being slow. */
  readonly applied: number
  readonly resumes: number
  readonly late: number
  readonly tooSlow: number
  readonly virtualMs: number
}

const PAGES = 6
/** What a page that says `live` may not know yet: what came last is at most `LATE_MS` old, and that is looked at once a second. */
const REAL_LINK_MS = LATE_MS + 1_500
/** Where frames get lost one after another: until one comes that does not fit, and is asked for, twice. */
const LOSSY_LINK_MS = 15_000
/** Where beats, which tell of what was lost, and answers get lost too, several in a row. */
const LOSSY_GAUGES_MS = 45_000
const CALM_MS = 45_000
const gauges: readonly Topic[] = ['slots:keys', 'databases', 'traffic']

/**
 * One cluster, one api that is restarted, six pages of the console, and everything between them that can break, in virtual time, by the
 * seed. The api's side is its own (`WatchedCluster` with feed and viewers), the page's side is the console's own (`StreamConnection`,
 * `ClusterStore`); the links between are ours.
 */
export class StreamWorld {
  readonly #random: Random
  readonly #time: VirtualTime
  readonly #restless: RestlessCluster
  readonly #mutant: Mutant
  readonly #pages: Page[] = []
  readonly #links = new Map<number, FaultyLink>()
  readonly #labels: Record<string, ShardLabel> = {}
  readonly #faults: Record<Fault, number>
  readonly breaches: Breach[] = []
  readonly #counts = { applied: 0, resumes: 0, late: 0, tooSlow: 0 }
  #runs = 0
  #run: { readonly watched: WatchedCluster; readonly truth: Truth } | null = null
  #calm = false

  constructor(seed: number, mutant: Mutant = {}) {
    this.#random = randomOf(seed)
    this.#mutant = mutant
    this.#faults = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>
    this.#restless = new RestlessCluster(this.#random)
    this.#time = new VirtualTime(1_800_000_000_000, () => this.#random.next())
  }

  /**
   * Goes on until so many faults have happened, lets things calm down, and looks whether every page is right. Ends early at a breach, of
   * the kind that is looked for when one is.
   */
  async tell(faultsWanted: number, lookedFor?: Breach['kind']): Promise<Story> {
    const isOver = () => this.breaches.some(({ kind }) => lookedFor === undefined || kind === lookedFor)
    const startedAtMs = Date.now()
    try {
      this.#start()
      const world = this
      Object.assign(globalThis, {
        location: { protocol: 'http:', host: 'page' },
        // The page names itself in the address; what it offers as a ticket is the doors' business.
        WebSocket: class {
          static readonly OPEN = 1
          constructor(url: string) {
            // biome-ignore lint/correctness/noConstructorReturn: stands in for a class of the browser
            return world.#dial(Number(new URL(url).pathname.slice(1))) as object
          }
        }
      })
      for (let index = 0; index < PAGES; index++) this.#pages.push(new Page(index, this.#random, this.#mutant, this))
      while (this.#faultCount < faultsWanted && !isOver()) {
        await this.#time.pass(250)
        this.#restless.step(Date.now())
        this.#disturb()
        this.#look()
      }
      this.#calm = true
      this.#restless.calm()
      await this.#time.pass(CALM_MS)
      if (!isOver()) this.#lookAtTheEnd()
      for (const page of this.#pages) page.connection.close()
      this.#run?.watched.close('server-stopping')
      return { faults: this.#faults, breaches: this.breaches, ...this.#counts, virtualMs: Date.now() - startedAtMs }
    } finally {
      this.#time.end()
    }
  }

  get #faultCount(): number {
    return FAULTS.reduce((sum, fault) => sum + this.#faults[fault], 0)
  }

  get truth(): Truth | null {
    return this.#run?.truth ?? null
  }

  breach(breach: Breach, page: number): void {
    this.breaches.push({ ...breach, words: `page ${page} at ${Date.now()}: ${breach.words}` })
  }

  count(what: 'applied' | 'resumes' | 'late' | 'tooSlow'): void {
    this.#counts[what]++
  }

  #start(): void {
    const feedId = `run-${++this.#runs}`
    const watched = new WatchedCluster({
      id: 'main',
      name: 'Main',
      kind: 'connected',
      seeds: this.#restless.cluster.nodes.slice(0, 2).map((node) => node.address),
      caller: this.#restless.cluster,
      databaseNames: {},
      labels: { load: () => this.#labels, save: (labels) => Object.assign(this.#labels, labels) },
      capabilities: [],
      background: 'full',
      whyReadOnly: null,
      nodeHost: undefined,
      onNews: () => undefined,
      feedId,
      now: () => Date.now(),
      onError: (error) => {
        throw error
      }
    })
    const { feed } = watched
    const truth = new Truth(feedId, Date.now())
    feed.subscribe((update) => {
      if ('binary' in update) {
        const { version } = decodeSlotsFrame(update.binary).header
        truth.note(update.topic, version, feed.figure('keys'), Date.now())
      } else if (update.frame.type === 'patch' || update.frame.type === 'snapshot')
        truth.note(update.topic, update.frame.version, feed.state(update.topic), Date.now())
    })
    const { resumed } = this.#mutant
    const resume = feed.resume.bind(feed)
    feed.resume = (topic, version) => {
      this.count('resumes')
      return resumed ? resumed(resume(topic, version)) : resume(topic, version)
    }
    watched.start()
    this.#run = { watched, truth }
  }

  /** The api ends: it says goodbye, or it is killed. Later there is another one. */
  #restart(): void {
    if (!this.#run) return
    this.#faults.restart++
    const killed = this.#random.chance(0.5)
    if (killed) for (const link of this.#links.values()) link.cut()
    this.#run.watched.close('server-stopping')
    this.#run = null
    setTimeout(() => this.#start(), this.#random.below(4_000))
  }

  /** A page opens a socket. Nobody answers while there is no api. */
  #dial(page: number): PageSocket {
    const share = () => (this.#calm || page % 2 === 0 ? 0 : 0.15)
    const link = new FaultyLink(this.#random, share, (fault) => this.#faults[fault]++)
    this.#links.set(page, link)
    setTimeout(() => {
      const { server } = link
      if (!this.#run || !link.isOpen) {
        link.terminate()
        return
      }
      const close = server.close.bind(server)
      Object.assign(server, {
        close: (code: number, reason: string) => {
          if (code === 4008) this.count('tooSlow')
          close(code, reason)
        }
      })
      this.#run.watched.join(server, { user: `page-${page}`, role: 'viewer', startedAtMs: Date.now(), seenAtMs: Date.now() })
    }, this.#random.below(40))
    return link.page
  }

  /** Something breaks, now and then. */
  #disturb(): void {
    const random = this.#random
    if (random.chance(0.02)) this.#restart()
    for (const [page, link] of this.#links) {
      if (!link.isOpen) continue
      if (random.chance(0.07)) {
        this.#faults.cut++
        link.cut()
      } else if (random.chance(0.015)) {
        this.#faults['half-open']++
        link.halfOpen()
      } else if (random.chance(0.03)) {
        this.#faults.stall++
        link.stall(random.below(random.chance(0.2) ? 60_000 : 6_000))
      }
      if (random.chance(0.03)) this.#pages[page]?.look()
    }
    // Large frames, for queues that run full.
    if (random.chance(0.02) && this.#run) this.#run.watched.feed.planMade(largePlan(random))
  }

  #look(): void {
    const { truth } = this
    if (truth) for (const page of this.#pages) page.checkLive(truth, page.index % 2 === 0 ? REAL_LINK_MS : LOSSY_LINK_MS)
  }

  #lookAtTheEnd(): void {
    const { truth } = this
    for (const page of this.#pages) {
      if (page.store.connection.phase !== 'live')
        this.breach({ kind: 'stale-as-live', words: `is ${page.store.connection.phase} long after the last fault` }, page.index)
      else if (truth) page.checkLive(truth, 1_000)
    }
  }
}

/** One page of the console: its own store and connection, looked at after every frame. */
class Page {
  readonly index: number
  readonly store: CheckedStore
  readonly connection: StreamConnection
  readonly #random: Random
  readonly #checks: ViewerChecks
  #release: (() => void) | null = null
  #watching: readonly Topic[] = []
  #watchedSinceMs = 0

  constructor(index: number, random: Random, mutant: Mutant, world: StreamWorld) {
    this.index = index
    this.#random = random
    this.#checks = new ViewerChecks((breach) => world.breach(breach, index))
    this.store = new CheckedStore(new Clock(), this.#checks, mutant, random, world)
    let phase = this.store.connection.phase
    this.store.subscribe(() => {
      const now = this.store.connection.phase
      if (now === 'late' && phase !== 'late') world.count('late')
      phase = now
    })
    this.connection = new StreamConnection(this.store, `/${index}`, () => undefined)
    this.connection.open()
    this.look()
  }

  /** Goes into another room. */
  look(): void {
    this.#release?.()
    this.#watching = gauges.filter(() => this.#random.chance(0.25))
    this.#watchedSinceMs = Date.now()
    const releases = this.#watching.map((topic) => this.store.retain(topic))
    this.#release = () => {
      for (const release of releases) release()
    }
  }

  checkLive(truth: Truth, allowedMs: number): void {
    if (this.store.connection.phase !== 'live') return
    const check = (topics: readonly Topic[], ms: number) =>
      this.#checks.live(truth, this.store.feedId, (topic) => this.store.heldVersion(topic), topics, ms)
    check(['core'], allowedMs)
    // Gauges are behind `core` in every queue, and a lost one is noticed by the next, or by a beat, which may get lost too.
    const gaugesMs = allowedMs < LOSSY_LINK_MS ? LOSSY_LINK_MS : LOSSY_GAUGES_MS
    const sinceMs = Math.max(this.#watchedSinceMs, this.store.connection.sinceMs)
    if (Date.now() - sinceMs > gaugesMs) check(this.#watching, gaugesMs)
  }
}

/** The console's store, with a look at what each frame made of it. */
class CheckedStore extends ClusterStore {
  feedId: string | null = null
  readonly #checks: ViewerChecks
  readonly #mutant: Mutant
  readonly #random: Random
  readonly #world: StreamWorld
  readonly #truths = new Map<string, Truth>()
  #held = new Map<Topic, number>()

  constructor(clock: Clock, checks: ViewerChecks, mutant: Mutant, random: Random, world: StreamWorld) {
    super(clock)
    this.#checks = checks
    this.#mutant = mutant
    this.#random = random
    this.#world = world
  }

  heldVersion(topic: Topic): number {
    return this.#held.get(topic) ?? 0
  }

  override noticeAge(): void {
    if (!this.#mutant.ageless) super.noticeAge()
  }

  override receive(frame: Frame): Seen | null {
    if (frame.type === 'hello' && frame.feedId !== this.feedId) {
      this.feedId = frame.feedId
      this.#held = new Map()
    }
    const topic = 'topic' in frame ? frame.topic : null
    const folded = this.#mutant.frame?.(frame, topic === null ? 0 : this.heldVersion(topic), this.#random) ?? frame
    const seen = super.receive(folded)
    if (seen && topic !== null) this.#check(seen, frame.type === 'patch' ? frame.base : null, this.topic(topic as JsonTopic)?.state)
    return seen
  }

  override receiveBinary(bytes: Uint8Array): Seen | null {
    const { header } = decodeSlotsFrame(bytes)
    const seen = super.receiveBinary(bytes)
    if (seen) this.#check(seen, header.type === 'slots-patch' ? header.base : null, this.slots(seen.topic as SlotsTopic)?.values)
    return seen
  }

  #check({ topic, version }: Seen, base: number | null, held: unknown): void {
    this.#world.count('applied')
    this.#checks.applied(topic, this.heldVersion(topic), version, base)
    this.#held.set(topic, version)
    const { truth } = this.#world
    if (truth) this.#truths.set(truth.feedId, truth)
    const told = this.#truths.get(this.feedId ?? '')
    if (told) this.#checks.holds(told, topic, version, held)
    if (topic === 'core') this.#checks.core(held as never, this.feedId ?? '')
  }
}

function largePlan(random: Random): PlanState {
  const nowMs = Date.now()
  const planId = `plan-${nowMs}`
  return {
    planId,
    actor: 'ann',
    madeAtMs: nowMs,
    expiresAtMs: nowMs + random.below(1_500),
    targetShard: 'x',
    moves: [],
    leftOut: [{ reason: 'already-there', slots: [], slotCount: 0, detail: 'x'.repeat(random.below(600_000)) }],
    checks: [],
    balance: []
  }
}
