import { expect, test } from 'vitest'
import { FakeCluster, type FakeNode } from '../../test/fake-cluster.ts'
import { WatchedFeed } from '../../test/watched-feed.ts'
import type { Command, Reply } from '../caller.ts'
import { compareReplicas } from './move-comparison.ts'

/** Shard B with one replica: both hold ten keys in slots 5500 to 5509 of databases 0 and 2. `answer`: what a node of that port says instead. */
async function scene(answer: (command: Command, port: number) => Reply | undefined = () => undefined) {
  const cluster = FakeCluster.of(3, 1)
  const [target, replica] = [cluster.node(2), cluster.node(5)]
  const fill = (node: FakeNode) => {
    for (const database of [0, 2]) node.keys.set(database, new Map(Array.from({ length: 10 }, (_, index) => [5_500 + index, 1])))
  }
  fill(target)
  fill(replica)
  for (const node of [target, replica]) node.info = { db0: 'keys=10,expires=0,avg_ttl=0', db2: 'keys=10,expires=0,avg_ttl=0' }
  const watched = new WatchedFeed(cluster)
  watched.watch('core')
  await watched.run(3_000)
  const accepting = {
    pipeline: (...[node, commands, options]: Parameters<FakeCluster['pipeline']>) =>
      cluster
        .pipeline(node, commands, options)
        .then((replies) =>
          replies.map(
            (reply, index) => answer(commands[index] as Command, node.port) ?? (commands[index]?.[0] === 'READONLY' ? 'OK' : reply)
          )
        )
  }
  const move = { targetShard: target.shard, targetNode: target.id, slots: [[5_500, 5_509] as const] }
  let pauses = 0
  const compare = (meanwhile: (pause: number) => void = () => undefined) =>
    compareReplicas(accepting, watched.core, move, async () => meanwhile(++pauses))
  return { cluster, target, replica, compare, pauses: () => pauses }
}

test('[P6] a replica like its primary is said to be so, at once', async () => {
  const { cluster, compare, pauses } = await scene()
  cluster.sent.length = 0
  expect(await compare()).toEqual({ text: 'The replica holds the same keys in the sample.', wrongReplicas: [] })
  expect(pauses()).toBe(0)
  expect(cluster.count('CLUSTER COUNTKEYSINSLOT')).toBeLessThanOrEqual(2_000)
})

test('[P6] keys in the wrong database are found, with what repairs them', async () => {
  const { target, replica, compare } = await scene()
  replica.keys.get(0)?.set(5_503, 4)
  replica.keys.get(2)?.set(5_503, 0)
  const { text, wrongReplicas } = await compare()
  expect(wrongReplicas).toMatchObject([
    {
      node: replica.id,
      differences: [
        { database: 0, slotCount: 1, keys: 1, keysThere: 4 },
        { database: 2, slotCount: 1, keys: 1, keysThere: 0 }
      ],
      repair: expect.stringMatching(
        new RegExp(`'CLUSTER REPLICATE [0-9a-f]{40}' 'CLUSTER REPLICATE ${target.id}' \\| valkey-cli -h 10.0.0.1 -p 7005$`)
      )
    }
  ])
  expect(text).toMatch(
    /is not like its primary: database 0: 4 keys in place of 1; database 2: 0 keys in place of 1\. A full resync repairs it\.$/
  )
})

test('[P6] what traffic and lag make different for a moment is no damage', async () => {
  const { replica, compare, pauses } = await scene()
  replica.keys.get(0)?.set(5_503, 0)
  expect(
    (
      await compare((pause) => {
        if (pause === 2) replica.keys.get(0)?.set(5_503, 1)
      })
    ).wrongReplicas
  ).toEqual([])
  expect(pauses()).toBe(2)
})

test('[P6] a replica that does not answer is named as not compared', async () => {
  const { replica, compare } = await scene()
  replica.down = 'refused'
  expect(await compare()).toEqual({ text: expect.stringMatching(/^Not compared, no answer: /), wrongReplicas: [] })
})

test('[P6] values are compared byte by byte, except those whose DUMP would hold the node up', async () => {
  const dumped: string[] = []
  const wordsOf = (large: string) => (command: Command, port: number) => {
    const [name, ...args] = command.map(String)
    if (args[0] === 'GETKEYSINSLOT') return [Buffer.from(`k${args[1]}`)]
    if (name === 'MEMORY') return args[1] === large ? 512 * 1024 : 100
    if (name !== 'DUMP') return undefined
    dumped.push(args[0] as string)
    return Buffer.from(args[0] === 'k5500' ? `\0of ${port}` : 'same')
  }
  const wrong = await (await scene(wordsOf('none'))).compare()
  expect(wrong.wrongReplicas[0]?.differences).toMatchObject([{ database: 0, wrongKeys: 1 }])
  dumped.length = 0
  expect((await (await scene(wordsOf('k5500'))).compare()).wrongReplicas).toEqual([])
  expect(dumped.length).toBeGreaterThan(0)
  expect(dumped).not.toContain('k5500')
})
