import { latin1Bytes } from '../../core/bytes.ts'
import { renderNodesConf, type SeedNode } from '../../core/cluster/nodes-conf.ts'
import { keySlot, SLOTS } from '../../core/cluster/slot.ts'
import type { Node } from '../../core/node.ts'
import { AcknowledgedWritesChecker } from './checkers/acknowledged-writes.ts'
import { checkReplicas } from './checkers/replica-equality.ts'
import { SlotOwnershipChecker } from './checkers/slot-ownership.ts'
import { isError, SimulatedClusterClient, SimulatedConnection, type SimulatedReply } from './client.ts'
import { Simulator } from './simulator.ts'

/** What a run of a scenario did, for the report and for `expect`. */
export type ScenarioResult = {
  readonly seed: number
  readonly virtualMs: number
  readonly steps: number
  readonly migrations: number
  readonly succeeded: number
  readonly acknowledgedWrites: number
  readonly moved: number
  /** Errors that clients saw besides MOVED, by their first word. */
  readonly errors: Readonly<Record<string, number>>
}

/** A scenario is text, one statement a line: a verb, then `name=value` words. `#` begins a comment. */
export type Statement = { readonly verb: string; readonly options: ReadonlyMap<string, string>; readonly line: number }

export function parseScenario(text: string): Statement[] {
  return text.split('\n').flatMap((raw, index) => {
    const words = raw.replace(/#.*/, '').trim().split(/\s+/).filter(Boolean)
    const [verb, ...rest] = words
    if (verb === undefined) return []
    const options = new Map(
      rest.map((word): [string, string] => {
        const equals = word.indexOf('=')
        if (equals < 1) throw new Error(`line ${index + 1}: "${word}" is not name=value`)
        return [word.slice(0, equals), word.slice(equals + 1)]
      })
    )
    return [{ verb, options, line: index + 1 }]
  })
}

/**
 * Runs a scenario with one seed, under all checkers; throws with seed and line when a claim does not hold.
 *
 * - `cluster shards= replicas= databases= delay=LOW..HIGH cut=RATIO`
 * - `workload clients= keys= databases=0,1,3`: counters, incremented without a pause
 * - `migrate times= slots=LOW..HIGH`: moves random slots from a random primary to another, one after the other
 * - `heal`, `run ms=`, `rest`: ends the workload and waits until nothing moves
 * - `expect errors=none succeeded=N replicas=equal`
 */
export function runScenario(statements: readonly Statement[], seed: number): ScenarioResult {
  let run: Run | undefined
  for (const { verb, options, line } of statements) {
    try {
      if (verb === 'cluster') run = new Run(seed, options)
      else if (!run) throw new Error('the first statement must be "cluster"')
      else run.perform(verb, options)
    } catch (error) {
      throw new Error(`seed ${seed}, line ${line} (${verb}), at ${run?.simulator.nowMs.toFixed(1) ?? 0} ms: ${(error as Error).message}`, {
        cause: error
      })
    }
  }
  if (!run) throw new Error('an empty scenario')
  return run.result()
}

class Run {
  readonly simulator: Simulator
  readonly #seed: number
  readonly #nodes: Node[] = []
  readonly #topology: SeedNode[]
  readonly #ownership: SlotOwnershipChecker
  readonly #writes = new AcknowledgedWritesChecker()
  readonly #client: SimulatedClusterClient
  readonly #errors = new Map<string, number>()
  #working = false
  #underWay = 0
  #migrations = 0
  #succeeded = 0

  constructor(seed: number, options: ReadonlyMap<string, string>) {
    this.#seed = seed
    const [low, high] = pair(options.get('delay') ?? '0.2..3')
    this.simulator = new Simulator({ seed, delayMs: [low, high], cutRatio: Number(options.get('cut') ?? '0') })
    const shards = Number(options.get('shards') ?? '3')
    const replicas = Number(options.get('replicas') ?? '0')
    this.#topology = this.#makeTopology(shards, replicas)
    for (const node of this.#topology) {
      const conf = latin1Bytes(renderNodesConf(this.#topology, node.id))
      this.#nodes.push(this.simulator.addNode(node, { 'cluster-databases': options.get('databases') ?? '16' }, { 'nodes.conf': conf }))
    }
    this.#ownership = new SlotOwnershipChecker(this.#nodes)
    this.simulator.check(() => this.#ownership.check())
    this.#client = new SimulatedClusterClient(this.simulator, this.#topology[0] as SeedNode)
    const ready = this.simulator.run(60_000, () => this.#nodes.every((node) => node.cluster.state === 'ok'))
    if (!ready) throw new Error('the cluster did not become ok')
  }

  perform(verb: string, options: ReadonlyMap<string, string>): void {
    switch (verb) {
      case 'workload':
        return this.#work(
          Number(options.get('clients') ?? '4'),
          Number(options.get('keys') ?? '100'),
          (options.get('databases') ?? '0').split(',').map(Number)
        )
      case 'migrate': {
        const [low, high] = pair(options.get('slots') ?? '1..200')
        for (let times = Number(options.get('times') ?? '1'); times > 0; times--) this.#migrate(low, high)
        return
      }
      case 'heal':
        return this.simulator.heal()
      case 'run':
        this.simulator.run(Number(options.get('ms') ?? '1000'))
        return
      case 'rest':
        return this.#rest()
      case 'expect': {
        if (options.get('errors') === 'none' && this.#errors.size > 0)
          throw new Error(`clients saw ${JSON.stringify(Object.fromEntries(this.#errors))}`)
        if (options.get('replicas') === 'equal') checkReplicas(this.#nodes)
        const succeeded = options.get('succeeded')
        if (succeeded !== undefined && this.#succeeded !== Number(succeeded))
          throw new Error(`${this.#succeeded} of ${this.#migrations} migrations succeeded`)
        return
      }
      default:
        throw new Error(`unknown verb "${verb}"`)
    }
  }

  result(): ScenarioResult {
    return {
      seed: this.#seed,
      virtualMs: this.simulator.nowMs,
      steps: this.simulator.steps,
      migrations: this.#migrations,
      succeeded: this.#succeeded,
      acknowledgedWrites: this.#writes.acknowledgedWrites,
      moved: this.#client.moved,
      errors: Object.fromEntries(this.#errors)
    }
  }

  #makeTopology(shards: number, replicas: number): SeedNode[] {
    const { random } = this.simulator
    const nodes: SeedNode[] = []
    for (let shard = 0; shard < shards; shard++) {
      const first = Math.round((shard * SLOTS) / shards)
      const last = Math.round(((shard + 1) * SLOTS) / shards) - 1
      const primary: SeedNode = {
        id: random.hex(40),
        host: `10.0.1.${shard + 1}`,
        port: 7000,
        busPort: 17_000,
        shardId: random.hex(40),
        role: 'primary',
        ranges: [[first, last]],
        configEpoch: shard + 1
      }
      nodes.push(primary)
      for (let i = 0; i < replicas; i++) {
        nodes.push({
          ...primary,
          id: random.hex(40),
          host: `10.0.2.${shard * replicas + i + 1}`,
          role: 'replica',
          primaryId: primary.id,
          ranges: []
        })
      }
    }
    return nodes
  }

  #work(clients: number, keys: number, databases: readonly number[]): void {
    this.#working = true
    for (let client = 0; client < clients; client++) this.#increment(client, clients, keys, databases)
  }

  /** Each client has keys of its own, so that a counter has one command under way at most. */
  #increment(client: number, clients: number, keys: number, databases: readonly number[]): void {
    if (!this.#working) return
    const { random } = this.simulator
    const key = `counter:${client + clients * random.below(keys)}`
    const database = databases[random.below(databases.length)] as number
    const counter = this.#writes.attempt(database, key)
    this.#underWay++
    this.#client.send(keySlot(latin1Bytes(key)), database, ['INCR', key], (reply) => {
      this.#underWay--
      if (isError(reply)) this.#countError(reply.error)
      else this.#writes.acknowledge(counter, reply as number)
      this.#increment(client, clients, keys, databases)
    })
  }

  #countError(text: string): void {
    const code = text.split(' ', 1)[0] as string
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1)
  }

  #migrate(low: number, high: number): void {
    const { random } = this.simulator
    const primaries = this.#nodes.filter((node) => node.role === 'primary')
    const sources = primaries.filter((node) => node.cluster.myself.slotCount > 0)
    const source = sources[random.below(sources.length)] as Node
    const others = primaries.filter((node) => node !== source)
    const target = others[random.below(others.length)] as Node
    const owned = [...source.cluster.view.slotsOf(source.cluster.myself)]
    const start = random.below(owned.length)
    const wanted = low + random.below(high - low + 1)
    const first = owned[start] as number
    let last = first
    while (last - first + 1 < wanted && owned[start + last - first + 1] === last + 1) last++
    this.#migrations++
    let answer: SimulatedReply | undefined
    const endpoint = this.#topology.find((node) => node.id === source.id) as SeedNode
    new SimulatedConnection(this.simulator, endpoint).send(
      ['CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', first, last, 'NODE', target.id],
      (reply) => {
        answer = reply
      }
    )
    const settled = () =>
      answer !== undefined &&
      (answer !== 'OK' || this.#nodes.every((node) => !node.migrations.exportInProgress && !node.migrations.importInProgress))
    if (!this.simulator.run(120_000, settled)) throw new Error(`slots ${first}-${last} are still on the way after two minutes`)
    if (answer !== 'OK') throw new Error(`MIGRATESLOTS ${first} ${last}: ${JSON.stringify(answer)}`)
    const agreed = () => this.#nodes.every((node) => node.cluster.view.ownerOf(first)?.id === target.id)
    if (this.simulator.run(5_000, agreed)) this.#succeeded++
  }

  #rest(): void {
    this.#working = false
    if (!this.simulator.run(60_000, () => this.#underWay === 0)) throw new Error(`${this.#underWay} commands never got an answer`)
    const quiet = () => this.#nodes.every((node) => node.migrations.quarantinedKeys === 0)
    if (!this.simulator.run(120_000, quiet)) throw new Error('moved keys were never dropped')
    this.simulator.run(2_000)
    this.#ownership.checkAgreement()
    this.#writes.checkRest(this.#nodes)
  }
}

function pair(text: string): [number, number] {
  const [low, high] = text.split('..').map(Number)
  if (low === undefined || high === undefined || !(low <= high)) throw new Error(`"${text}" is not LOW..HIGH`)
  return [low, high]
}
