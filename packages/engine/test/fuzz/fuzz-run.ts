import { renderNodesConf } from '../../src/core/cluster/nodes-conf.ts'
import type { LinkId } from '../../src/core/input.ts'
import { Random } from '../../src/core/prng.ts'
import { topologyOf } from '../bus-network.ts'
import { encodeCommand } from '../differential/command-runs.ts'
import { FuzzedNode } from './fuzzed-node.ts'
import { type FuzzInput, Mutator, requestsOf } from './mutator.ts'
import { startingPool } from './starting-pool.ts'

/** What must never be: an exception, a stall, growth past a limit. */
export type FuzzFind = {
  readonly what: string
  /** What the node was given since it was made, the last one at fault. */
  readonly inputs: readonly FuzzInput[]
}

/** Of one node; then comes a new one, so that what a node was brought to does not hold for long. */
const INPUTS_PER_NODE = 4_000
const STALL_MS = 100
const MOST_OUTPUT_BYTES = 32 * 1_048_576
/** Inputs that brought about an answer of a new form join the pool, up to so many. */
const MOST_LEARNT = 20_000
const LONGEST_LEARNT = 1_000

/** Mutated inputs, one after the other, into nodes. */
export class FuzzRun {
  readonly finds: FuzzFind[] = []
  readonly learnt: FuzzInput[] = []
  inputs = 0
  bytes = 0
  slowest: { readonly ms: number; readonly input: FuzzInput } = { ms: 0, input: { target: 'client', text: '' } }
  mostUsedBytes = 0
  mostOutputBytes = 0
  readonly #random: Random
  readonly #mutator: Mutator
  readonly #forms = new Set<string>()
  #node: FuzzedNode
  #client: LinkId
  #given: FuzzInput[] = []
  #cpuUs = 0

  constructor(seed: number) {
    this.#random = new Random(seed)
    this.#mutator = new Mutator(this.#random)
    for (const input of startingPool()) this.#mutator.learn(input)
    this.#node = new FuzzedNode(1)
    this.#client = this.#node.accept('client')
  }

  run(count: number): void {
    for (let i = 0; i < count; i++) {
      if (this.#given.length >= INPUTS_PER_NODE || this.#isUseless()) this.#renew()
      const input = this.#mutator.next()
      this.#given.push(input)
      this.#try(input)
    }
  }

  #try(input: FuzzInput): void {
    this.inputs++
    this.bytes += input.text.length
    if (this.inputs % 16 === 0) this.#cpuUs = cpuUs()
    const startedAtMs = performance.now()
    try {
      this.#deliver(input)
    } catch (error) {
      this.#found(`an exception: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      return
    }
    const ms = performance.now() - startedAtMs
    if (ms > this.slowest.ms) this.#noteSlow(ms, input)
    this.#learn(input)
    if (this.inputs % 100 !== 0) return
    const problem = this.#node.passedLimit()
    if (problem !== undefined) this.#found(problem)
    else this.mostUsedBytes = Math.max(this.mostUsedBytes, this.#node.usedBytes)
  }

  /**
   * A machine that is busy with others makes any step long, so what counts is what the processor did for us. That is known of a few
   * inputs together, so one that looks slow is given once more, to another node that was brought to the same.
   */
  #noteSlow(ms: number, input: FuzzInput): void {
    const nowUs = cpuUs()
    let ownMs = Math.min(ms, (nowUs - this.#cpuUs) / 1000)
    if (ownMs > STALL_MS) ownMs = Math.min(ownMs, costAgain(this.#given))
    this.#cpuUs = cpuUs()
    if (ownMs <= this.slowest.ms) return
    this.slowest = { ms: ownMs, input }
    if (ownMs > STALL_MS) this.#found(`${ownMs.toFixed(0)} ms for one input`)
  }

  #deliver(input: FuzzInput): void {
    switch (input.target) {
      case 'client':
        return this.#giveClient(input.text)
      case 'payload':
        return this.#giveClient(encodeCommand(['RESTORE', `{t}${this.#random.below(9)}`, '0', input.text, 'REPLACE']))
      case 'bus': {
        const link = this.#node.accept('bus')
        this.#giveInPieces(link, input.text)
        if (this.#random.below(2) === 0) this.#node.pass(100)
        return this.#node.close(link)
      }
      case 'replication':
        return this.#follow(input.text)
    }
  }

  #giveClient(text: string): void {
    const node = this.#node
    if (!node.isOpen(this.#client)) this.#client = node.accept('client')
    this.#giveInPieces(this.#client, text)
    const client = node.node.clients.get(this.#client)
    // Whoever waits, listens or has begun a long request may go on so for a while.
    if (client && (client.blocked || client.decoder.pendingBytes > 0 || client.subscriptions > 0) && this.#random.below(8) === 0) {
      node.close(this.#client)
    }
    if (this.#random.below(64) === 0) node.close(this.#client)
    if (this.#random.below(16) === 0) node.pass(1 + this.#random.below(100))
  }

  #giveInPieces(link: LinkId, text: string): void {
    let at = 0
    for (const cut of this.#mutator.cuts(text.length)) {
      this.#node.give(link, text.slice(at, cut))
      at = cut
    }
    this.#node.give(link, text.slice(at))
  }

  /** A replica whose primary sends this: a whole synchronisation, or commands after one of nothing. */
  #follow(text: string): void {
    // To make a node takes long.
    if (this.#random.below(20) > 0) return this.#giveClient(text)
    const replica = new FuzzedNode(1, { port: REPLICA_PORT, 'cluster-node-timeout': '1000000' }, REPLICA_NODES_CONF)
    const link = replica.primaryLink
    if (link === undefined) throw new Error('the replica asks for no link to its primary')
    replica.give(link, '+PONG\r\n')
    replica.give(link, '+OK\r\n+OK\r\n+OK\r\n+OK\r\n')
    const mark = 'e'.repeat(40)
    const begin = `+FULLRESYNC ${'c'.repeat(40)} 100\r\n$EOF:${mark}\r\n`
    const isSnapshot = text.startsWith('REDIS') || requestsOf(text) === undefined
    replica.give(link, isSnapshot ? `${begin}${text}${mark}` : `${begin}REDIS0080\u00ff${'\u0000'.repeat(8)}${mark}`)
    if (!isSnapshot) replica.give(link, text)
    replica.pass(100)
  }

  /** Coverage by what comes back: its type, its error, without numbers and names. */
  #learn(input: FuzzInput): void {
    const { bytes, head } = this.#node.takeOutput()
    if (bytes > this.mostOutputBytes) {
      this.mostOutputBytes = bytes
      if (bytes > MOST_OUTPUT_BYTES) this.#found(`${bytes} bytes are sent for one input`)
    }
    if (this.learnt.length >= MOST_LEARNT || input.text.length > LONGEST_LEARNT) return
    const form = `${input.target} ${formOf(head)}`
    if (this.#forms.has(form)) return
    this.#forms.add(form)
    this.#mutator.learn(input)
    this.learnt.push(input)
  }

  #isUseless(): boolean {
    const { node, stopped } = this.#node
    return stopped || node.pause.mode !== undefined || node.role !== 'primary'
  }

  #renew(): void {
    this.#node = new FuzzedNode(this.#random.below(1_000_000))
    this.#client = this.#node.accept('client')
    this.#given = []
    this.#cpuUs = cpuUs()
  }

  #found(what: string): void {
    this.finds.push({ what, inputs: this.#given })
    this.#renew()
  }
}

/** Errors are told apart by their words, what else is sent by its types. */
function formOf(head: string): string {
  if (!head.startsWith('-')) return head.slice(0, 24).replace(/[^\r\n$*:+%~,_#>-]+/g, '')
  return head.slice(0, 48).replace(/'.*$/s, '').replace(/\d+/g, '0')
}

const [, REPLICA] = topologyOf(1, 1)
const REPLICA_PORT = String(REPLICA?.port)
const REPLICA_NODES_CONF = renderNodesConf(topologyOf(1, 1), REPLICA?.id ?? '')

/** Milliseconds of the processor for the last of these inputs, given in one piece to a new node. */
function costAgain(inputs: readonly FuzzInput[]): number {
  const node = new FuzzedNode(1)
  let link = node.accept('client')
  let startedUs = cpuUs()
  for (const input of inputs) {
    if (!node.isOpen(link)) link = node.accept('client')
    startedUs = cpuUs()
    node.give(link, input.target === 'payload' ? encodeCommand(['RESTORE', '{t}0', '0', input.text, 'REPLACE']) : input.text)
  }
  return (cpuUs() - startedUs) / 1000
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
