import { createCluster } from 'redis'
import type { EverydayClient, Seed } from './everyday-client.ts'

/** The cluster client of node-redis. */
export async function openNodeRedis(seeds: readonly Seed[], protocol: 2 | 3): Promise<EverydayClient> {
  const open = async (database: number) => {
    const made = createCluster({
      rootNodes: seeds.map(({ host, port }) => ({ url: `redis://${host}:${port}` })),
      defaults: { database },
      RESP: protocol
    })
    // A node that is away for a moment is not the caller's error: the library says so here and tries again.
    made.on('error', () => {})
    await made.connect()
    return made
  }
  const cluster = await open(0)
  return {
    title: `node-redis, RESP${protocol}`,
    splitsKeys: true,
    subscribes: true,
    set: (key, value) => cluster.set(key, value),
    get: (key) => cluster.get(key),
    increment: (key) => cluster.incr(key),
    getMany: (keys) => cluster.mGet([...keys]),
    push: (key, value) => cluster.rPush(key, value),
    blockingPop: async (key) => (await cluster.blPop(key, 5))?.element ?? null,
    // Calls of one turn go out together.
    pipeline: (key) => Promise.all([cluster.incr(key), cluster.incr(key), cluster.get(key)]),
    transaction: (key) => cluster.multi().incr(key).incr(key).get(key).exec(),
    fields: async (key) => {
      await cluster.hSet(key, { a: '1', b: '2' })
      const left = async () => (await cluster.hTTL(key, 'a'))?.[0] ?? Number.NaN
      const expire = await cluster.hExpire(key, ['a', 'missing'], 100)
      const secondsLeft = await left()
      const read = await cluster.hGetEx(key, ['a', 'missing'], { expiration: 'PERSIST' })
      return { expire, secondsLeft, read, afterwards: await left() }
    },
    ranking: async (key) => {
      await cluster.zAdd(key, [
        { value: 'a', score: 1 },
        { value: 'b', score: 2 },
        { value: 'c', score: 3 }
      ])
      return (await cluster.zRangeWithScores(key, 0, 1, { REV: true })).map(({ value, score }) => [value, score] as const)
    },
    group: async (key) => {
      await cluster.xGroupCreate(key, 'g', '0', { MKSTREAM: true })
      await cluster.xAdd(key, '*', { n: '1' })
      const read = (await cluster.xReadGroup('g', 'me', { key, id: '>' }, { COUNT: 10 })) as unknown as
        | { messages: { id: string; message: Record<string, string> }[] }[]
        | null
      const messages = read?.[0]?.messages ?? []
      const acknowledged = await cluster.xAck(
        key,
        'g',
        messages.map(({ id }) => id)
      )
      const { pending } = await cluster.xPending(key, 'g')
      return { entries: messages.map(({ message }) => Object.entries(message).flat()), acknowledged, pending }
    },
    listen: async (channel, sharded, heard) => {
      if (sharded) await cluster.sSubscribe(channel, heard)
      else await cluster.subscribe(channel, heard)
    },
    publish: (channel, message, sharded) => (sharded ? cluster.sPublish(channel, message) : cluster.publish(channel, message)),
    scan: async (match) => {
      const pages = cluster.masters.map(async (master) => {
        const node = await cluster.nodeClient(master)
        const keys: string[] = []
        for await (const page of node.scanIterator({ MATCH: match, COUNT: 50 })) keys.push(...page)
        return keys
      })
      return (await Promise.all(pages)).flat()
    },
    inDatabase: async (database, key, value) => {
      const there = await open(database)
      try {
        await there.set(key, value)
        return await there.get(key)
      } finally {
        there.destroy()
      }
    },
    close: async () => cluster.destroy()
  }
}
