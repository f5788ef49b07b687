import { describe, expect, test } from 'vitest'
import { InMemoryNode } from './in-memory-node.ts'
import { SimulatedShard } from './simulated-shard.ts'

const VALUE = 'x'.repeat(1_000)

/** A node with `count` keys, some with deadlines, and a client; then the limit is set to what half of them take. */
function crowded(policy: string, count = 400) {
  const memory = new InMemoryNode({ config: { 'maxmemory-samples': '10', 'maxmemory-policy': policy } })
  const client = memory.connect()
  for (let i = 0; i < count; i++) {
    memory.command(client, 'SET', `key:${i}`, VALUE, ...(i % 4 === 0 ? ['EX', String(1_000 + i)] : []))
    if (i === count / 2) memory.advance(60_000)
  }
  return { memory, client }
}

/** Limits what keys may take to a share of what they take now; what else is in use stays allowed. */
function limitTo(memory: InMemoryNode, client: number, share: number): void {
  const { dataset } = memory.node.memory.now()
  memory.command(client, 'CONFIG', 'SET', 'maxmemory', String(Math.round(memory.node.memory.usedNow() - dataset * (1 - share))))
}

function left(memory: InMemoryNode, client: number): number[] {
  return [...memory.command(client, 'KEYS', 'key:*').matchAll(/key:(\d+)/g)].map((match) => Number(match[1])).sort((a, b) => a - b)
}

describe('[EVI1] the policy says which keys go', () => {
  test('allkeys-lru: those that were not used for long', () => {
    const { memory, client } = crowded('allkeys-lru')
    for (let i = 0; i < 20; i++) memory.command(client, 'GET', `key:${i}`)
    limitTo(memory, client, 0.6)
    expect(memory.command(client, 'SET', 'new', VALUE)).toBe('+OK\r\n')
    const kept = left(memory, client)
    expect(kept.length).toBeLessThan(300)
    expect(kept.filter((index) => index < 20).length).toBeGreaterThan(15)
    expect(kept.filter((index) => index >= 20 && index <= 200).length).toBeLessThan(kept.filter((index) => index > 200).length / 2)
    expect(memory.command(client, 'INFO', 'stats')).toContain(`evicted_keys:${400 - kept.length}\r\n`)
  })

  test('allkeys-lfu: those that are used seldom', () => {
    const { memory, client } = crowded('allkeys-lfu')
    memory.command(client, 'CONFIG', 'SET', 'lfu-log-factor', '0')
    for (let round = 0; round < 30; round++) for (let i = 0; i < 100; i++) memory.command(client, 'GET', `key:${i}`)
    limitTo(memory, client, 0.5)
    memory.command(client, 'SET', 'new', VALUE)
    expect(left(memory, client).filter((index) => index < 100).length).toBeGreaterThan(80)
  })

  test.each(['volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl'])('%s: only keys with a deadline', (policy) => {
    const { memory, client } = crowded(policy)
    limitTo(memory, client, 0.9)
    expect(memory.command(client, 'SET', 'new', VALUE)).toBe('+OK\r\n')
    const kept = left(memory, client)
    expect(kept.filter((index) => index % 4 !== 0).length).toBe(300)
    expect(kept.length).toBeLessThan(400)
    if (policy === 'volatile-ttl')
      expect(kept.filter((i) => i % 4 === 0 && i >= 200).length).toBeGreaterThan(kept.filter((i) => i % 4 === 0 && i < 200).length)
    limitTo(memory, client, 0.5)
    expect(memory.command(client, 'SET', 'new', VALUE)).toBe("-OOM command not allowed when used memory > 'maxmemory'.\r\n")
    expect(memory.command(client, 'GET', 'new')).toMatch(/^\$1000/)
  })

  test('noeviction: none, and what would add to memory is refused', () => {
    const { memory, client } = crowded('noeviction')
    limitTo(memory, client, 0.5)
    expect(memory.command(client, 'SET', 'new', VALUE)).toMatch(/^-OOM/)
    expect(memory.command(client, 'DEL', 'key:1')).toBe(':1\r\n')
    expect(left(memory, client).length).toBe(399)
  })
})

test('[EVI2] an eviction is an UNLINK to replicas, an event, a change to who watches and tracks; replicas evict nothing themselves', () => {
  const shard = new SimulatedShard({ seed: 41, replicas: 1, config: { 'maxmemory-policy': 'allkeys-random' } })
  for (let i = 0; i < 200; i++) shard.call(0, 'SET', `key:${i}`, VALUE)
  shard.catchUp()
  const used = shard.primary.memory.now().used
  shard.call(1, 'CONFIG', 'SET', 'maxmemory', String(Math.round(used / 3)))
  shard.call(1, 'PING')
  expect(shard.call(1, 'DBSIZE')).toBe(200)
  shard.call(0, 'CONFIG', 'SET', 'maxmemory', String(Math.round(used * 0.7)))
  shard.call(0, 'SET', 'new', VALUE)
  shard.catchUp()
  const size = shard.call(0, 'DBSIZE')
  expect(size).toBeLessThan(190)
  expect(shard.call(1, 'DBSIZE')).toBe(size)
})

test('[EVI2] events and watches hear of it', () => {
  const { memory, client } = crowded('allkeys-random', 40)
  memory.command(client, 'CONFIG', 'SET', 'notify-keyspace-events', 'Ee')
  const [listening, watching] = [memory.connect(), memory.connect()]
  memory.command(listening, 'SUBSCRIBE', '__keyevent@0__:evicted')
  memory.command(watching, 'WATCH', ...['key:1'])
  limitTo(memory, client, 0.01)
  memory.command(client, 'GET', 'nothing')
  expect(memory.received(listening)).toContain('key:1\r\n')
  memory.send(watching, 'MULTI\r\nEXEC\r\n')
  expect(memory.received(watching)).toContain('*-1\r\n')
})

test('[EVI3] OBJECT IDLETIME and FREQ tell what the policy goes by; CLIENT NO-TOUCH leaves no traces', () => {
  const memory = new InMemoryNode()
  const [client, quiet] = [memory.connect(), memory.connect()]
  memory.command(quiet, 'CLIENT', 'NO-TOUCH', 'ON')
  memory.command(client, 'SET', 'k', '1')
  memory.advance(10_000)
  for (const words of [
    ['TYPE', 'k'],
    ['TTL', 'k'],
    ['EXISTS', 'k'],
    ['OBJECT', 'ENCODING', 'k']
  ])
    memory.command(client, ...words)
  memory.command(quiet, 'GET', 'k')
  expect(memory.command(client, 'OBJECT', 'IDLETIME', 'k')).toBe(':10\r\n')
  memory.command(quiet, 'TOUCH', 'k')
  expect(memory.command(client, 'OBJECT', 'IDLETIME', 'k')).toBe(':0\r\n')
  memory.command(client, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu')
  memory.command(client, 'SET', 'l', '1')
  expect(memory.command(client, 'OBJECT', 'FREQ', 'l')).toBe(':5\r\n')
  expect(memory.command(client, 'OBJECT', 'IDLETIME', 'l')).toMatch(/^-ERR An LFU maxmemory policy is selected/)
  memory.advance(120_000)
  expect(memory.command(client, 'OBJECT', 'FREQ', 'l')).toBe(':3\r\n')
})
