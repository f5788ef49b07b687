import { describe, expect, test } from 'vitest'
import { latin1Bytes } from '../src/core/bytes.ts'
import { renderNodesConf, type SeedNode } from '../src/core/cluster/nodes-conf.ts'
import { keySlot, SLOTS } from '../src/core/cluster/slot.ts'
import type { Node } from '../src/core/node.ts'
import { Random } from '../src/core/prng.ts'
import { describeKeyspace } from '../src/hosts/sim/checkers/keyspace-digest.ts'
import { isError, SimulatedConnection, type SimulatedReply, Simulator } from '../src/hosts/sim/index.ts'

type Command = readonly (string | number)[]

function isMoved(reply: SimulatedReply | undefined): boolean {
  return reply !== undefined && isError(reply) && reply.error.startsWith('MOVED')
}

/** Three primaries in virtual time; `delayMs` is what a message takes one way, so that each state can be met. */
class SimulatedCluster {
  readonly simulator: Simulator
  readonly nodes: Node[]
  readonly topology: SeedNode[]

  constructor(delayMs: number, config: Readonly<Record<string, string>> = {}) {
    this.simulator = new Simulator({ seed: 11, delayMs: [delayMs, delayMs], cutRatio: 0 })
    const random = new Random(5)
    this.topology = [0, 1, 2].map((shard) => ({
      id: random.hex(40),
      host: `10.0.0.${shard + 1}`,
      port: 7000,
      busPort: 17_000,
      shardId: random.hex(40),
      role: 'primary',
      ranges: [[Math.round((shard * SLOTS) / 3), Math.round(((shard + 1) * SLOTS) / 3) - 1]],
      configEpoch: shard + 1
    }))
    this.nodes = this.topology.map((node) =>
      this.simulator.addNode(
        node,
        { 'cluster-databases': '4', 'cluster-node-timeout': '2000', ...config },
        { 'nodes.conf': latin1Bytes(renderNodesConf(this.topology, node.id)) }
      )
    )
    expect(this.simulator.run(30_000, () => this.nodes.every((node) => node.cluster.state === 'ok'))).toBe(true)
  }

  get source(): Node {
    return this.nodes[0] as Node
  }

  get target(): Node {
    return this.nodes[1] as Node
  }

  connect(index: number): SimulatedConnection {
    return new SimulatedConnection(this.simulator, this.topology[index] as SeedNode)
  }

  /** One command, and the time it takes. */
  call(connection: SimulatedConnection, ...args: readonly (string | number)[]): SimulatedReply {
    let answer: { reply: SimulatedReply } | undefined
    connection.send(args, (reply) => {
      answer = { reply }
    })
    if (!this.simulator.run(60_000, () => answer !== undefined)) throw new Error(`no answer to ${args.join(' ')}`)
    return (answer as unknown as { reply: SimulatedReply }).reply
  }

  /** All at once on one connection; the replies in order. */
  callAll(connection: SimulatedConnection, commands: readonly Command[]): SimulatedReply[] {
    const replies: SimulatedReply[] = []
    for (const command of commands) connection.send(command, (reply) => replies.push(reply))
    if (!this.simulator.run(60_000, () => replies.length === commands.length)) throw new Error('some commands have no answer')
    return replies
  }

  migrate(first: number, last: number): SimulatedReply {
    return this.call(this.connect(0), 'CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', first, last, 'NODE', this.target.id)
  }

  until(what: string, claim: () => boolean, limitMs = 60_000): void {
    expect(this.simulator.run(limitMs, claim), what).toBe(true)
  }

  get settled(): boolean {
    return this.nodes.every((node) => !node.migrations.exportInProgress && !node.migrations.importInProgress)
  }

  /** State and message of a node's newest job. */
  job(index: number): { state: string; message: string } {
    const list = this.call(this.connect(index), 'CLUSTER', 'GETSLOTMIGRATIONS') as SimulatedReply[][]
    const fields = list[0] ?? []
    return { state: String(fields[fields.indexOf('state') + 1]), message: String(fields[fields.indexOf('message') + 1]) }
  }
}

/** A key name in the slot of `{tag}`, for tags whose slot the first shard owns. */
const SLOT = keySlot(latin1Bytes('{a4}'))
const inSlot = (name: string) => `{a4}${name}`
const elsewhere = (() => {
  for (let i = 0; ; i++) {
    const slot = keySlot(latin1Bytes(`o${i}`))
    if (slot < 5000 && slot !== SLOT) return `o${i}`
  }
})()

describe('slot migration in virtual time', () => {
  test('the tests move a slot of the first shard', () => {
    expect(SLOT).toBeLessThan(5461)
  })

  test('[MIG4] during the hand-over only writes to the moving slots wait, and what follows them', () => {
    const cluster = new SimulatedCluster(40)
    const client = cluster.connect(0)
    cluster.call(client, 'SET', inSlot('k'), 'before')
    expect(cluster.migrate(SLOT, SLOT)).toBe('OK')
    cluster.until('the source pauses', () => cluster.source.migrations.pausing)
    const replies: [string, SimulatedReply][] = []
    const send = (name: string, connection: SimulatedConnection, ...args: string[]) =>
      connection.send(args, (reply) => replies.push([name, reply]))
    const other = cluster.connect(0)
    send('write there', client, 'SET', inSlot('k'), 'after')
    send('read behind it', client, 'GET', inSlot('k'))
    send('read there', other, 'GET', inSlot('k'))
    send('write elsewhere', other, 'SET', elsewhere, 'x')
    cluster.until('all answered', () => replies.length === 4)
    const names = replies.map(([name]) => name)
    expect(names.slice(0, 2)).toEqual(['read there', 'write elsewhere'])
    const answers = Object.fromEntries(replies)
    expect(answers['read there']).toBe('before')
    expect(answers['write elsewhere']).toBe('OK')
    const moved = { error: `MOVED ${SLOT} 10.0.0.2:7000` }
    expect(answers['write there']).toEqual(moved)
    expect(answers['read behind it']).toEqual(moved)
  })

  test('[MIG5] whatever is written while the slots are copied, the target ends with what the source would have', () => {
    let writesInTheCopy = 0
    for (let seed = 1; seed <= 12; seed++) {
      const cluster = new SimulatedCluster(4)
      const twin = new SimulatedCluster(4)
      const random = new Random(seed)
      const client = cluster.connect(0)
      const twinClient = twin.connect(0)
      const key = () => inSlot(`k${random.below(60)}`)
      const set = () => inSlot(`s${random.below(10)}`)
      // Large values, so that the copy takes many slices and writes fall between them.
      const large = () => 'x'.repeat(20_000 + random.below(40_000))
      const deadline = 1_795_000_000_000 + 3_600_000
      const fill: Command[] = Array.from({ length: 90 }, () => [
        ['SELECT', random.below(3)],
        ['SET', key(), large()],
        ['SADD', set(), random.below(50), random.below(50)]
      ]).flat()
      expect(cluster.callAll(client, fill)).toEqual(twin.callAll(twinClient, fill))

      expect(cluster.migrate(SLOT, SLOT)).toBe('OK')
      cluster.until('the copy begins', () => cluster.source.migrations.exporting)
      while (cluster.source.migrations.exporting) {
        const commands: Command[] = Array.from({ length: 24 }, () => {
          const choices: Command[] = [
            ['SUNIONSTORE', set(), set(), set()],
            [
              'SORT',
              set(),
              'BY',
              inSlot('k*'),
              'ALPHA',
              'LIMIT',
              0,
              9,
              'GET',
              '#',
              'GET',
              inSlot('k*'),
              'STORE',
              inSlot(`l${random.below(3)}`)
            ],
            ['SORT', set(), 'STORE', inSlot(`l${random.below(3)}`)],
            ['MSETEX', 2, key(), 'one', key(), 'two', 'PXAT', deadline],
            ['RENAME', key(), key()],
            ['COPY', key(), key(), 'DB', random.below(3), 'REPLACE'],
            ['MOVE', key(), random.below(3)],
            ['APPEND', key(), 'tail'],
            ['DEL', key()],
            ['SET', key(), large()],
            ['SMOVE', set(), set(), random.below(50)],
            ['PEXPIREAT', key(), deadline],
            ['HSETEX', inSlot(`h${random.below(5)}`), 'PXAT', deadline, 'FIELDS', 1, `f${random.below(5)}`, 'v'],
            ['SELECT', random.below(3)]
          ]
          return choices[random.below(choices.length)] as Command
        })
        const replies = cluster.callAll(client, commands)
        // Those after the hand-over were sent elsewhere, and changed nothing here.
        const done = commands.filter((_, index) => !isMoved(replies[index]))
        expect(replies.filter((reply) => !isMoved(reply))).toEqual(twin.callAll(twinClient, done))
        if (cluster.source.migrations.exporting) writesInTheCopy += done.length
      }
      cluster.until('the job ends', () => cluster.settled)
      expect(cluster.job(0)).toEqual({ state: 'success', message: '' })
      expect(
        describeKeyspace(cluster.target.keyspace).join('\n') === describeKeyspace(twin.source.keyspace).join('\n'),
        `seed ${seed}: the datasets differ`
      ).toBe(true)
    }
    expect(writesInTheCopy, 'writes fell into the copies').toBeGreaterThan(200)
  })

  test('[MIG6] importing keys are out of sight on the target, and gone after a cancel; [MIG12] then the same slots can be moved', () => {
    const cluster = new SimulatedCluster(5)
    const client = cluster.connect(0)
    cluster.callAll(
      client,
      Array.from({ length: 200 }, (_, i) => ['SET', inSlot(`k${i}`), 'x'.repeat(60_000)])
    )
    expect(cluster.migrate(SLOT, SLOT)).toBe('OK')
    const there = cluster.connect(1)
    cluster.until('keys have arrived', () => (cluster.target.migrations.stagedKeyspaceOf(SLOT)?.size ?? 0) > 5)
    const seen = cluster.callAll(there, [
      ['DBSIZE'],
      ['KEYS', '*'],
      ['SCAN', '0'],
      ['RANDOMKEY'],
      ['GET', inSlot('k1')],
      ['CLUSTER', 'COUNTKEYSINSLOT', SLOT]
    ])
    expect(seen.slice(0, 5)).toEqual([0, [], ['0', []], null, { error: `MOVED ${SLOT} 10.0.0.1:7000` }])
    expect(seen[5]).toBeGreaterThan(5)
    expect(cluster.source.migrations.exportInProgress, 'the copy is still under way').toBe(true)
    expect(cluster.call(client, 'CLUSTER', 'CANCELSLOTMIGRATIONS')).toBe('OK')
    cluster.until('both sides have ended', () => cluster.settled)
    expect(cluster.job(0)).toEqual({ state: 'cancelled', message: '' })
    expect(cluster.job(1)).toEqual({
      state: 'failed',
      message: 'Connection lost to source. Check CLUSTER GETSLOTMIGRATIONS on the source node for more information.'
    })
    expect(cluster.call(there, 'CLUSTER', 'COUNTKEYSINSLOT', SLOT)).toBe(0)
    expect(cluster.call(client, 'DBSIZE')).toBe(200)
    expect(cluster.source.keyspace.watchers.size, 'no cursor is left').toBe(0)

    expect(cluster.migrate(SLOT, SLOT)).toBe('OK')
    cluster.until('the second try ends', () => cluster.settled)
    expect(cluster.job(0).state).toBe('success')
    expect(cluster.call(there, 'DBSIZE')).toBe(200)
  })

  test('[MIG9] the source keeps moved keys out of sight for a node timeout, then drops them', () => {
    const cluster = new SimulatedCluster(1)
    const client = cluster.connect(0)
    for (let i = 0; i < 10; i++) cluster.call(client, 'SET', inSlot(`k${i}`), i)
    cluster.migrate(SLOT, SLOT)
    cluster.until('the job ends', () => cluster.settled)
    expect(cluster.call(client, 'DBSIZE')).toBe(0)
    expect(cluster.source.migrations.quarantinedKeys).toBe(10)
    cluster.simulator.run(1_500)
    expect(cluster.source.migrations.quarantinedKeys, 'before the node timeout').toBe(10)
    cluster.simulator.run(1_500)
    expect(cluster.source.migrations.quarantinedKeys, 'after it').toBe(0)
  })

  test('[MIG10] a target that dies after the grant: CLUSTERDOWN until a majority holds it for failed, then the source serves again', () => {
    const cluster = new SimulatedCluster(20, { 'cluster-manual-failover-timeout': '1000', 'cluster-require-full-coverage': 'no' })
    const client = cluster.connect(0)
    cluster.call(client, 'SET', inSlot('k'), 'kept')
    expect(cluster.migrate(SLOT, SLOT)).toBe('OK')
    // The grant is on its way; the target never sees it.
    cluster.until('the slots are granted', () => cluster.source.migrations.holdsFlush)
    cluster.simulator.kill(cluster.target)
    let waiting: SimulatedReply | undefined
    const writer = cluster.connect(0)
    writer.send(['SET', inSlot('k'), 'late'], (reply) => {
      waiting = reply
    })
    cluster.simulator.run(500)
    expect(waiting, 'a write waits while the target may still answer').toBe(undefined)
    cluster.until('the pause ends', () => waiting !== undefined)
    expect(waiting).toEqual({ error: 'CLUSTERDOWN The cluster is down' })
    const epoch = cluster.source.cluster.myself.configEpoch
    cluster.until('the source serves again', () => !cluster.source.migrations.exportInProgress)
    expect(cluster.source.cluster.myself.configEpoch).toBeGreaterThan(epoch)
    expect(cluster.call(client, 'GET', inSlot('k'))).toBe('kept')
    expect(cluster.job(0).state).toBe('failed')
  })

  test('[MIG11] FLUSHDB ends the jobs of its node, and the target keeps nothing', () => {
    const cluster = new SimulatedCluster(5)
    const client = cluster.connect(0)
    for (let i = 0; i < 60; i++) cluster.call(client, 'SET', inSlot(`k${i}`), 'x'.repeat(60_000))
    cluster.migrate(SLOT, SLOT)
    cluster.until('keys have arrived', () => (cluster.target.migrations.stagedKeyspaceOf(SLOT)?.size ?? 0) > 5)
    expect(cluster.call(client, 'FLUSHDB')).toBe('OK')
    cluster.until('both sides have ended', () => cluster.settled)
    expect(cluster.job(0)).toEqual({ state: 'failed', message: 'Data was flushed' })
    expect(cluster.call(cluster.connect(1), 'CLUSTER', 'COUNTKEYSINSLOT', SLOT)).toBe(0)
    expect(cluster.source.cluster.view.ownerOf(SLOT)).toBe(cluster.source.cluster.myself)
  })

  test('[MIG12] a target that cannot be reached, or refuses, fails the job with its words', () => {
    const cluster = new SimulatedCluster(1)
    cluster.simulator.kill(cluster.target)
    expect(cluster.migrate(SLOT, SLOT)).toBe('OK')
    cluster.until('the job ends', () => cluster.settled)
    expect(cluster.job(0)).toEqual({ state: 'failed', message: 'Unable to connect to target node: Connection refused' })
  })
})
