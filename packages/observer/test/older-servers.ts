import { expect } from 'vitest'
import type { Feed } from '../src/index.ts'
import type { Topic } from '../src/stream/frames.ts'
import type { Recording } from './recorded-caller.ts'

export const WATCHED: readonly Topic[] = ['core', 'slots:keys', 'databases', 'expiry', 'traffic']

/** What the feed is to show of a server that was filled with keys. A recorded one has a clock that stands still. */
export function expectView(feed: Feed, { server, kind }: Pick<Recording, 'server' | 'kind'>, recorded: boolean): void {
  const core = feed.core()
  const problems = Object.keys(core.health).filter((id) => !recorded || id !== 'clock')
  const counted = feed.figure('keys')?.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0)
  const capabilities = feed.hello().type === 'hello' ? JSON.stringify(feed.hello()) : ''
  expect(core.denied).toBeUndefined()
  expect(core.cluster).toMatchObject({ state: 'ok', versions: [server], keys: kind === 'cluster' ? 90 : 120 })
  expect(Object.values(core.nodes).every((node) => node.health === 'online' && node.usedMemory !== null && node.error === null)).toBe(true)
  expect(Object.values(core.shards).reduce((sum, shard) => sum + shard.slotCount, 0)).toBe(16_384)
  expect(core.unassigned).toEqual([])
  expect(capabilities).not.toContain('atomic-migration')
  expect(feed.state('expiry')).toMatchObject({ keysWithExpiry: 30 })
  expect(feed.state('expiry')?.soonest.length).toBeGreaterThan(0)
  expect(feed.state('traffic')?.servers.length).toBeGreaterThan(0)
  const databases = Object.values(feed.state('databases')?.shards ?? {})
  const keysIn = (database: string) => databases.reduce((sum, cells) => sum + (cells[database]?.keys ?? 0), 0)
  if (kind === 'cluster') {
    expect(core.cluster).toMatchObject({
      databases: 1,
      noAtomicMigration: expect.stringMatching(/cannot move slots atomically.*Valkey 9\.0/)
    })
    expect(core.cluster.mode).toBeUndefined()
    expect(Object.values(core.shards).map((shard) => shard.label)).toEqual(['A', 'B', 'C'])
    expect(keysIn('0')).toBe(90)
    expect(counted).toBe(90)
    expect(problems.filter((id) => !id.startsWith('no-replica:'))).toEqual([])
  } else {
    expect(core.cluster).toMatchObject({ mode: 'standalone', databases: 16, noAtomicMigration: expect.stringMatching(/no cluster/) })
    const [shard] = Object.values(core.shards)
    expect(Object.keys(core.shards)).toHaveLength(1)
    expect(shard).toMatchObject({ label: 'A', slots: [[0, 16_383]], keys: 120 })
    expect(shard?.replicas).toHaveLength(1)
    expect(core.nodes[shard?.replicas[0] ?? '']).toMatchObject({ role: 'replica', lagBytes: expect.any(Number) })
    expect([keysIn('0'), keysIn('3')]).toEqual([90, 30])
    expect(problems).toEqual([])
  }
}

/** Whether all of it has been seen. */
export function isWhole(feed: Feed, kind: Recording['kind']): boolean {
  const counted = feed.figure('keys')?.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0)
  return (
    feed.core().cluster.keys === (kind === 'cluster' ? 90 : 120) &&
    (kind === 'standalone' || counted === 90) &&
    Object.keys(feed.core().health).every((id) => id.startsWith('no-replica:')) &&
    (feed.state('expiry')?.soonest.length ?? 0) > 0 &&
    (feed.state('traffic')?.servers.length ?? 0) > 0
  )
}
