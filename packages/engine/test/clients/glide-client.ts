import {
  ClusterBatch,
  ClusterScanCursor,
  GlideClusterClient,
  GlideClusterClientConfiguration,
  Logger,
  ProtocolVersion
} from '@valkey/valkey-glide'
import type { EverydayClient, Seed } from './everyday-client.ts'

/** The cluster client of Valkey GLIDE. */
export async function openGlide(seeds: readonly Seed[], protocol: 2 | 3): Promise<EverydayClient> {
  // Otherwise it writes every reconnection to the terminal.
  Logger.setLoggerConfig('off')
  const configuration: GlideClusterClientConfiguration = {
    addresses: [...seeds],
    protocol: protocol === 3 ? ProtocolVersion.RESP3 : ProtocolVersion.RESP2,
    // Time to go after slots that move on a machine with much else to do.
    requestTimeout: 10_000,
    advancedConfiguration: { connectionTimeout: 10_000 }
  }
  const listeners = new Map<string, (message: string) => void>()
  const heardHere = (message: { channel: unknown; message: unknown }) => listeners.get(String(message.channel))?.(String(message.message))
  const subscribing = protocol === 3 ? { pubsubSubscriptions: { channelsAndPatterns: {}, callback: heardHere } } : {}
  const cluster = await GlideClusterClient.createClient({ ...configuration, ...subscribing })
  const text = (value: unknown) => (value === null ? null : String(value))
  const batch = (atomic: boolean, key: string) => cluster.exec(new ClusterBatch(atomic).incr(key).incr(key).get(key), true)
  return {
    title: `valkey-glide, RESP${protocol}`,
    splitsKeys: true,
    // It asks for RESP3 to subscribe.
    subscribes: protocol === 3,
    set: (key, value) => cluster.set(key, value),
    get: async (key) => text(await cluster.get(key)),
    increment: (key) => cluster.incr(key),
    getMany: async (keys) => (await cluster.mget([...keys])).map(text),
    push: (key, value) => cluster.rpush(key, [value]),
    blockingPop: async (key) => text((await cluster.blpop([key], 5))?.[1] ?? null),
    pipeline: async (key) => (await batch(false, key)) ?? [],
    transaction: async (key) => (await batch(true, key)) ?? [],
    fields: async (key) => {
      await cluster.hset(key, { a: '1', b: '2' })
      const left = async () => (await cluster.httl(key, ['a']))[0] ?? Number.NaN
      const expire = await cluster.hexpire(key, 100, ['a', 'missing'])
      const secondsLeft = await left()
      const read = (await cluster.hgetex(key, ['a', 'missing'], { expiry: 'PERSIST' })).map(text)
      return { expire, secondsLeft, read, afterwards: await left() }
    },
    ranking: async (key) => {
      await cluster.zadd(key, { a: 1, b: 2, c: 3 })
      const top = await cluster.zrangeWithScores(key, { start: 0, end: 1 }, { reverse: true })
      return top.map(({ element, score }) => [String(element), score] as const)
    },
    group: async (key) => {
      await cluster.xgroupCreate(key, 'g', '0', { mkStream: true })
      await cluster.xadd(key, [['n', '1']])
      const read = Object.entries((await cluster.xreadgroup('g', 'me', { [key]: '>' }, { count: 10 }))?.[0]?.value ?? {})
      const acknowledged = await cluster.xack(
        key,
        'g',
        read.map(([id]) => id)
      )
      const [pending] = await cluster.xpending(key, 'g')
      return { entries: read.map(([, fields]) => (fields ?? []).flat().map(String)), acknowledged, pending }
    },
    listen: async (channel, sharded, heard) => {
      // With RESP2 the library takes no subscription in its configuration, and says so.
      if (protocol === 2) {
        const channelsAndPatterns = { [GlideClusterClientConfiguration.PubSubChannelModes.Exact]: new Set([channel]) }
        const made = await GlideClusterClient.createClient({ ...configuration, pubsubSubscriptions: { channelsAndPatterns } })
        made.close()
        return
      }
      listeners.set(channel, heard)
      if (sharded) await cluster.ssubscribe([channel], 5_000)
      else await cluster.subscribe([channel], 5_000)
    },
    publish: (channel, message, sharded) => cluster.publish(message, channel, sharded),
    scan: async (match) => {
      const keys: string[] = []
      let cursor = new ClusterScanCursor()
      while (!cursor.isFinished()) {
        const [next, page] = await cluster.scan(cursor, { match, count: 50 })
        keys.push(...page.map(String))
        cursor = next
      }
      return keys
    },
    inDatabase: async (database, key, value) => {
      const there = await GlideClusterClient.createClient({ ...configuration, databaseId: database })
      try {
        await there.set(key, value)
        return text(await there.get(key))
      } finally {
        there.close()
      }
    },
    close: async () => cluster.close()
  }
}
