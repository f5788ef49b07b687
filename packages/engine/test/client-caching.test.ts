import { describe, expect, test } from 'vitest'
import { InMemoryNode } from './in-memory-node.ts'
import { SimulatedShard } from './simulated-shard.ts'

function invalidate(...keys: string[]): string {
  return `>2\r\n$10\r\ninvalidate\r\n*${keys.length}\r\n${keys.map((key) => `$${key.length}\r\n${key}\r\n`).join('')}`
}

/** A client that tracks in RESP3, and another one. */
function trackingClient(config: Readonly<Record<string, string>> = {}, ...options: string[]) {
  const memory = new InMemoryNode({ config })
  const [tracker, other] = [memory.connect(), memory.connect()]
  memory.command(tracker, 'HELLO', '3')
  memory.command(tracker, 'CLIENT', 'TRACKING', 'ON', ...options)
  memory.received(tracker)
  return { memory, tracker, other }
}

function statistics(memory: InMemoryNode, link: number): string[] {
  const text = memory.command(link, 'INFO', 'clients', 'stats')
  return ['tracking_clients', 'tracking_total_keys', 'tracking_total_items', 'tracking_total_prefixes'].map(
    (field) => new RegExp(`^${field}:(.*)\r$`, 'm').exec(text)?.[1] ?? ''
  )
}

describe('[TRACK1] who read a key is told of its change', () => {
  test('also when it expires, whether anybody asks or not', () => {
    const { memory, tracker, other } = trackingClient()
    memory.command(other, 'SET', 'k', '1', 'PX', '500')
    memory.command(tracker, 'GET', 'k')
    memory.received(tracker)
    memory.advance(1_000)
    expect(memory.received(tracker)).toBe(invalidate('k'))
  })

  test('who is gone is not told, and costs nothing when its keys change', () => {
    const { memory, tracker, other } = trackingClient()
    memory.command(tracker, 'GET', 'k')
    expect(statistics(memory, other)).toEqual(['1', '1', '1', '0'])
    memory.input({ type: 'linkClosed', link: tracker, reason: '' })
    expect(statistics(memory, other)).toEqual(['0', '0', '0', '0'])
  })

  test('and so is a client of a replica', () => {
    const shard = new SimulatedShard({ seed: 5, replicas: 1 })
    const tracked = shard.nodes[1]?.tracking
    const tracker = shard.connect(1)
    const replies: unknown[] = []
    for (const words of [['READONLY'], ['CLIENT', 'TRACKING', 'ON'], ['GET', 'k']]) tracker.send(words, (reply) => replies.push(reply))
    shard.until(() => tracked?.keyCount === 1, 'the key is tracked')
    shard.call(0, 'SET', 'k', '1')
    shard.until(() => tracked?.keyCount === 0, 'the change has been told')
  })

  test('a slot that leaves takes its keys along', () => {
    const shard = new SimulatedShard({ seed: 6, shards: 2, replicas: 0 })
    const tracked = shard.nodes[1]?.tracking
    const tracker = shard.connect(1)
    for (const words of [
      ['CLIENT', 'TRACKING', 'ON'],
      ['GET', 'foo']
    ])
      tracker.send(words, () => {})
    shard.until(() => tracked?.keyCount === 1, 'the key is tracked')
    shard.call(1, 'CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', 12_182, 12_182, 'NODE', shard.endpoints[0]?.id ?? '')
    shard.until(() => tracked?.keyCount === 0, 'the change has been told')
  })
})

test('[TRACK2] changes of one step are one message per prefix, in the order of their bytes', () => {
  const { memory, tracker, other } = trackingClient({}, 'BCAST', 'PREFIX', 'a', 'PREFIX', 'b')
  memory.send(other, 'SET b1 x\r\nSET a2 x\r\nSET a1 x\r\nSET c x\r\nSET a2 y\r\n')
  expect(memory.received(tracker)).toBe(invalidate('a1', 'a2') + invalidate('b1'))
})

test('[TRACK3] beyond the limit the keys read first are given up', () => {
  const { memory, tracker, other } = trackingClient({ 'tracking-table-max-keys': '2' })
  memory.send(tracker, 'GET 1\r\nGET 2\r\nGET 3\r\n')
  expect(memory.received(tracker)).toBe(`_\r\n_\r\n_\r\n${invalidate('1')}`)
  expect(statistics(memory, other)).toEqual(['1', '2', '2', '0'])
  memory.command(other, 'CONFIG', 'SET', 'tracking-table-max-keys', '0')
  memory.send(tracker, 'GET 4\r\nGET 5\r\n')
  expect(statistics(memory, other)[1]).toBe('4')
})

test('[MON1] a monitor sees what runs in transactions and from waiting clients once, and is not flooded by its own end', () => {
  const memory = new InMemoryNode()
  const [monitor, other, waiting] = [memory.connect(), memory.connect(), memory.connect()]
  memory.command(monitor, 'MONITOR')
  memory.command(waiting, 'BLPOP', 'k', '0')
  memory.send(other, 'MULTI\r\nRPUSH k x\r\nEXEC\r\n')
  const names = memory
    .received(monitor)
    .split('\r\n')
    .map((line) => / "(\w+)"/.exec(line)?.[1])
  expect(names).toEqual([undefined, 'BLPOP', 'MULTI', 'RPUSH', 'EXEC', undefined])
  memory.input({ type: 'linkClosed', link: monitor, reason: '' })
  expect(memory.node.monitors.isOn).toBe(false)
})

test('[MON1] of a very long argument only the beginning is shown', () => {
  const memory = new InMemoryNode()
  const [monitor, other] = [memory.connect(), memory.connect()]
  memory.command(monitor, 'MONITOR')
  memory.command(other, 'SET', 'k', '\0'.repeat(3_000_000))
  const shown = memory.received(monitor)
  expect(shown.length).toBeLessThan(5_000_000)
  expect(shown).toContain('"... (1951424 more bytes)')
})

test('LATENCY GRAPH and DOCTOR tell of events in words and letters', () => {
  const memory = new InMemoryNode()
  const client = memory.connect()
  expect(memory.command(client, 'LATENCY', 'DOCTOR')).toContain('latency-monitor-threshold')
  expect(memory.command(client, 'LATENCY', 'GRAPH', 'command')).toBe("-ERR No samples available for event 'command'\r\n")
  for (const [second, ms] of [5, 80, 20].entries()) memory.node.latencyMonitor.add('command', memory.wallMs - (3 - second) * 1000, ms)
  const graph = memory.command(client, 'LATENCY', 'GRAPH', 'command')
  expect(graph).toContain('command - high 80 ms, low 5 ms (all time high 80 ms)')
  expect(graph).toContain(' # \n # \n # \n_##\n')
  expect(memory.command(client, 'LATENCY', 'DOCTOR')).toContain('command: 3 times, 35 ms on average, 80 ms at most, over 2 s.')
})
