// What other people's programs say about the cluster. No browser is needed; what needs Valkey's own programs has the tag @valkey.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Cluster } from 'ioredis'
import { covered } from './fixtures/cluster-client.ts'
import { expect, test } from './fixtures/journey.ts'
import { slotOf, tagOf } from './fixtures/slot-keys.ts'
import { valkeyFolder } from './fixtures/valkey-cluster.ts'

const execute = promisify(execFile)

/** Runs one of Valkey's own programs and returns what it prints. */
async function valkey(program: 'valkey-cli' | 'valkey-benchmark', ...args: readonly string[]): Promise<string> {
  const { stdout } = await execute(join(valkeyFolder(), program), args, { timeout: 60_000 })
  return stdout
}

test('valkey-cli calls the cluster whole', { tag: '@valkey' }, async ({ slotscope, cluster }) => {
  const report = await valkey('valkey-cli', '--cluster', 'check', slotscope.addresses[0]!)
  expect(report).toContain('[OK] All nodes agree about slots configuration.')
  expect(report).toContain('[OK] All 16384 slots covered.')
  const shards = await cluster.shards()
  expect(covered(shards)).toBe(true)
  expect(shards.map((shard) => shard.replicas.length)).toEqual([1, 1, 1])
})

test('valkey-cli follows redirections in database 3', { tag: '@valkey' }, async ({ slotscope, cluster }) => {
  const port = slotscope.addresses[0]!.split(':')[1]!
  const keys = [10, 6_000, 16_000].map((slot) => `cli:{${tagOf(slot)}}`)
  for (const key of keys) expect((await valkey('valkey-cli', '-c', '-p', port, '-n', '3', 'SET', key, 'three')).trim()).toBe('OK')
  for (const key of keys) {
    expect((await valkey('valkey-cli', '-c', '-p', port, '-n', '3', 'GET', key)).trim()).toBe('three')
    expect(await cluster.call(3, 'GET', key)).toBe('three')
    expect(await cluster.call(0, 'EXISTS', key)).toBe(0)
  }
})

test('valkey-benchmark writes to all shards', { tag: '@valkey' }, async ({ slotscope, cluster }) => {
  const port = slotscope.addresses[0]!.split(':')[1]!
  const report = await valkey(
    'valkey-benchmark',
    '--cluster',
    '-p',
    port,
    '-n',
    '6000',
    '-c',
    '6',
    '-P',
    '10',
    '-r',
    '1000',
    '-t',
    'set,get',
    '--csv'
  )
  expect(report).toMatch(/^"SET"/m)
  expect(report).toMatch(/^"GET"/m)
  for (const shard of await cluster.shards()) {
    const keys = await cluster.at(shard.primary.address).then((node) => node.count('DBSIZE'))
    expect(keys).toBeGreaterThan(0)
  }
})

test('ioredis finds every node and routes every key', async ({ slotscope }) => {
  const [host, port] = slotscope.addresses[0]!.split(':')
  const client = new Cluster([{ host: host!, port: Number(port) }])
  try {
    const slots = [0, 5_460, 5_461, 10_922, 10_923, 16_383]
    for (const slot of slots) await client.set(`io:{${tagOf(slot)}}`, slot)
    expect(await Promise.all(slots.map((slot) => client.get(`io:{${tagOf(slot)}}`)))).toEqual(slots.map(String))
    expect(client.nodes('master')).toHaveLength(3)
    // Replicas that have taken nothing yet are in no answer to CLUSTER SLOTS.
    await expect.poll(() => client.refreshSlotsCache(() => undefined) ?? client.nodes('slave').length).toBe(3)
    await client.hset('io:{1}:hash', { field: 'value', gone: 'soon' })
    expect(await client.call('HPEXPIRE', 'io:{1}:hash', 60_000, 'FIELDS', 1, 'gone')).toEqual([1])
    expect(await client.call('HTTL', 'io:{1}:hash', 'FIELDS', 2, 'field', 'gone')).toEqual([-1, 60])
  } finally {
    client.disconnect()
  }
})

test('a replica serves what its primary took', async ({ cluster }) => {
  const [shard] = await cluster.shards()
  const key = `replica:{${tagOf(shard!.ranges[0]![0])}}`
  expect(slotOf(key)).toBe(shard!.ranges[0]![0])
  await cluster.call(2, 'SET', key, 'copied')
  const replica = await cluster.at(shard!.replicas[0]!.address, 2)
  await replica.call('READONLY')
  await expect.poll(() => replica.call('GET', key)).toBe('copied')
})
