import { Cluster, Redis } from 'ioredis'
import * as iovalkey from 'iovalkey'
import { keySlot } from '../../src/core/cluster/slot.ts'
import type { EverydayClient, Seed } from './everyday-client.ts'

/** The cluster client of ioredis 6. */
export async function openIoredis(seeds: readonly Seed[], protocol: 2 | 3): Promise<EverydayClient> {
  const cluster = new Cluster([...seeds], { redisOptions: { protocol }, shardedSubscribers: true, lazyConnect: true })
  await cluster.connect()
  return everyday(`ioredis, RESP${protocol}`, cluster, {
    listenSharded: async (channel, heard) => {
      cluster.on('smessage', (from: string, message: string) => {
        if (from === channel) heard(message)
      })
      await cluster.ssubscribe(channel)
    }
  })
}

/** The cluster client of iovalkey, which speaks RESP2 only and has the interface of ioredis 5. */
export async function openIovalkey(seeds: readonly Seed[]): Promise<EverydayClient> {
  const cluster = new iovalkey.Cluster([...seeds], { lazyConnect: true }) as unknown as Cluster
  await cluster.connect()
  const subscribers: Redis[] = []
  const client = everyday('iovalkey, RESP2', cluster, {
    // Its cluster client subscribes at any node; a shard channel needs a connection to the slot's owner.
    listenSharded: async (channel, heard) => {
      const subscriber = new iovalkey.Redis({ ...ownerOf(cluster, channel) }) as unknown as Redis
      subscribers.push(subscriber)
      subscriber.on('smessage', (_, message: string) => heard(message))
      await subscriber.ssubscribe(channel)
    }
  })
  return {
    ...client,
    close: async () => {
      for (const subscriber of subscribers) subscriber.disconnect()
      await client.close()
    }
  }
}

function ownerOf(cluster: Cluster, key: string): Seed {
  const [host = '', port] = (cluster.slots[keySlot(Buffer.from(key))]?.[0] ?? '').split(':')
  return { host, port: Number(port) }
}

function everyday(
  title: string,
  cluster: Cluster,
  own: { readonly listenSharded: (channel: string, heard: (message: string) => void) => Promise<void> }
): EverydayClient {
  // A node that is away for a moment is not the caller's error: the library says so here and tries again.
  cluster.on('error', () => {})
  return {
    title,
    splitsKeys: false,
    subscribes: true,
    set: (key, value) => cluster.set(key, value),
    get: (key) => cluster.get(key),
    increment: (key) => cluster.incr(key),
    getMany: (keys) => cluster.mget(...keys),
    push: (key, value) => cluster.rpush(key, value),
    blockingPop: async (key) => (await cluster.blpop(key, 5))?.[1] ?? null,
    pipeline: async (key) => results(await cluster.pipeline().incr(key).incr(key).get(key).exec()),
    transaction: async (key) => results(await cluster.multi().incr(key).incr(key).get(key).exec()),
    fields: async (key) => {
      await cluster.hset(key, { a: '1', b: '2' })
      const left = async () => ((await cluster.call('HTTL', key, 'FIELDS', '1', 'a')) as number[])[0] ?? Number.NaN
      const expire = (await cluster.call('HEXPIRE', key, '100', 'FIELDS', '2', 'a', 'missing')) as number[]
      const secondsLeft = await left()
      const read = (await cluster.call('HGETEX', key, 'PERSIST', 'FIELDS', '2', 'a', 'missing')) as (string | null)[]
      return { expire, secondsLeft, read, afterwards: await left() }
    },
    ranking: async (key) => {
      await cluster.zadd(key, 1, 'a', 2, 'b', 3, 'c')
      const flat = (await cluster.zrange(key, '0', '1', 'REV', 'WITHSCORES')).flat().map(String)
      return [0, 2].map((at) => [flat[at] ?? '', Number(flat[at + 1])] as const)
    },
    group: async (key) => {
      await cluster.xgroup('CREATE', key, 'g', '0', 'MKSTREAM')
      await cluster.xadd(key, '*', 'n', '1')
      const read = (await cluster.xreadgroup('GROUP', 'g', 'me', 'COUNT', 10, 'STREAMS', key, '>')) as [string, [string, string[]][]][]
      const entries = read[0]?.[1] ?? []
      const acknowledged = await cluster.xack(key, 'g', ...entries.map(([id]) => id))
      const pending = (await cluster.xpending(key, 'g'))[0] as number
      return { entries: entries.map(([, fields]) => fields), acknowledged, pending }
    },
    listen: async (channel, sharded, heard) => {
      if (sharded) return own.listenSharded(channel, heard)
      cluster.on('message', (from: string, message: string) => {
        if (from === channel) heard(message)
      })
      await cluster.subscribe(channel)
    },
    publish: (channel, message, sharded) => (sharded ? cluster.spublish(channel, message) : cluster.publish(channel, message)),
    scan: async (match) => {
      const pages = cluster.nodes('master').map(async (node) => {
        const keys: string[] = []
        for await (const page of node.scanStream({ match, count: 50 })) keys.push(...(page as string[]))
        return keys
      })
      return (await Promise.all(pages)).flat()
    },
    // The library strips `db` from a cluster's options, so the slot's owner is asked directly.
    inDatabase: async (database, key, value) => {
      const node = new Redis({ ...ownerOf(cluster, key), db: database })
      try {
        await node.set(key, value)
        return await node.get(key)
      } finally {
        node.disconnect()
      }
    },
    close: async () => cluster.disconnect()
  }
}

/** Replies of a pipeline; the first error in it is thrown. */
function results(replies: [Error | null, unknown][] | null): unknown[] {
  return (replies ?? []).map(([error, reply]) => {
    if (error) throw error
    return reply
  })
}
