import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseSlotMigrations, type Reply } from '@slotscope/observer'
import type { PlanAnswer } from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Api } from '../src/index.ts'
import { logIn } from './support/browser.ts'
import { foldedCore } from './support/folded-core.ts'
import { randomOf } from './support/random.ts'
import { until } from './support/until.ts'
import { hasValkey, startValkeyCluster, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const built = new URL('../dist/index.js', import.meta.url).href
/** How often the api is killed: `KILLS=100 npx vitest run packages/api/test/killed-api.valkey.test.ts` for a long run, 500 at most. */
const kills = Math.min(500, Number(process.env.KILLS ?? 9))
const someMs = [1, 4, 8, 15, 30, 60, 120, 250, 500]
/** Milliseconds after the confirmation was sent at which the api is killed: those above, then by chance, short ones more often. */
const random = randomOf(1)
const killsAfterMs = Array.from({ length: kills }, (_, round) => someMs[round] ?? Math.round(600 * random.next() ** 3))

type Run = { readonly child: ChildProcess; readonly api: Api }

describe.runIf(hasValkey())(`an api that is killed while it moves slots, ${valkeyServer}`, () => {
  let cluster: ValkeyCluster
  let folder: string
  let run: Run | undefined
  beforeAll(async () => {
    // The process runs what is built, so it is built from what is here.
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['-b', join(root, 'packages/api')])
    folder = await mkdtemp(join(tmpdir(), 'slotscope-killed-'))
    cluster = await startValkeyCluster({ databases: 1 })
    for (const [node, address] of cluster.nodes.entries()) {
      await cluster.caller.pipeline(
        address,
        Array.from({ length: 60_000 }, (_, index) => ['SET', `key:${index}`, 'v']),
        { purpose: 'work', cause: 'test', timeoutMs: 60_000 }
      )
      // A move of ten slots takes some tenths of a second.
      await cluster.call(node, 'CONFIG', 'SET', 'rdb-key-save-delay', '8000')
    }
  }, 120_000)
  afterAll(async () => {
    run?.child.kill('SIGKILL')
    await cluster?.close()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  })

  test(
    '[P7] SIGKILL after the confirmation: each move is found again, once, and told as the servers tell it',
    async () => {
      const found: string[] = []
      for (const [round, afterMs] of killsAfterMs.entries()) {
        run = await startRun(folder, cluster)
        const operator = await logIn(run.api, 'operator', 'ann')
        const stream = await operator.stream('main')
        stream.ask({ type: 'watch', topics: ['core'], visible: true })
        await until('the cluster is known', () => Object.keys(foldedCore(stream)?.shards ?? {}).length === 3)
        const target = Object.values(foldedCore(stream)?.shards ?? {}).find((shard) => shard.slots.some(([, last]) => last === 16_383))
        // Ten slots of each of two sources.
        const slots = [
          [round * 10, round * 10 + 9],
          [6_000 + round * 10, 6_000 + round * 10 + 9]
        ]
        const plan = (await operator.post('/api/clusters/main/plans', { slots, targetShard: target?.key })).json as PlanAnswer
        expect(plan.moves).toHaveLength(2)
        const confirmed = operator.post(`/api/clusters/main/plans/${plan.planId}/confirm`).then(
          (answer) => answer.status === 200,
          () => false
        )
        await new Promise((resolve) => setTimeout(resolve, afterMs))
        await killed(run)
        const wasAnswered = await confirmed
        stream.close()

        run = await startRun(folder, cluster)
        const again = await (await logIn(run.api, 'operator', 'ann')).stream('main')
        again.ask({ type: 'watch', topics: ['core'], visible: true })
        await until('the cluster is known again', () => foldedCore(again)?.cluster.state === 'ok')
        const queueOf = () => foldedCore(again)?.queues?.[plan.planId]
        if (queueOf()) await until('the queue has ended', () => queueOf()?.status === 'ended', 30_000)
        const said = { round, afterMs, queue: queueOf() }
        if (wasAnswered) expect(said.queue, `confirmed and forgotten: ${JSON.stringify(said)}`).toBeDefined()
        for (const [index, move] of plan.moves.entries()) {
          const source = cluster.nodes.findIndex((node) => node.port === foldedCore(again)?.nodes[move.sourceNode]?.port)
          const jobs = parseSlotMigrations((await cluster.call(source, 'CLUSTER', 'GETSLOTMIGRATIONS')) as Reply)
          if ('error' in jobs) throw new Error(jobs.error)
          const own = jobs.value.filter((job) => JSON.stringify(job.slots) === JSON.stringify(move.slots))
          const told = said.queue?.moves[index]
          found.push(told?.progress ?? 'not confirmed')
          // Nothing was sent without a word on disk, and nothing twice.
          expect(
            own.map((job) => job.state),
            JSON.stringify(said)
          ).toEqual(told?.progress === 'done' ? ['success'] : [])
          expect(told?.job ?? undefined, JSON.stringify(said)).toBe(own[0]?.name)
          if (own[0])
            expect(foldedCore(again)?.jobs[own[0].name]).toMatchObject({ outcome: 'moved', startedBy: 'ann', planId: plan.planId })
        }
        again.close()
        await killed(run)
      }
      console.info(`${kills} kills, moves told as: ${JSON.stringify(counted(found))}`)
      expect(found).toContain('done')
    },
    180_000 + kills * 15_000
  )
})

function counted(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

/** The api as a process of its own, with its files in the folder. */
async function startRun(folder: string, cluster: ValkeyCluster): Promise<Run> {
  const options = {
    port: 0,
    clusters: [{ id: 'main', name: 'Main', kind: 'connected', seeds: cluster.nodes }],
    journalFile: join(folder, 'moves.jsonl'),
    labelsFile: join(folder, 'labels.json'),
    auditFile: join(folder, 'audit.jsonl')
  }
  const script = `import { startApi } from ${JSON.stringify(built)}
    const api = await startApi(${JSON.stringify(options)})
    console.log(JSON.stringify({ port: api.port, link: api.createLoginLink('operator', 'ann') }))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`the api ended with ${code} before it listened`)))
  })
  const { port, link } = JSON.parse(line) as { port: number; link: string }
  return { child, api: { port, createLoginLink: () => link } as unknown as Api }
}

async function killed({ child }: Run): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => {
    child.once('exit', resolve)
    child.kill('SIGKILL')
  })
}
