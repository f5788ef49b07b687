import type { QueueState } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { ModelCluster, MortalProcess } from '../../test/support/model-cluster.ts'
import { randomOf } from '../../test/support/random.ts'
import { type Journal, readEntries } from './journal.ts'
import { MoveQueues } from './move-queues.ts'
import { stillNeeded } from './queue-record.ts'

const actor = { user: 'ann', role: 'operator' } as const
const STEP_MS = 500

/** A run of the api: what an earlier run left on the disk is read as after a restart. */
function boot(model: ModelCluster, disk: { text: string }, gates: number) {
  const process = new MortalProcess(model, disk, gates)
  const entries = stillNeeded(readEntries(disk.text, 'moves.jsonl'))
  disk.text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
  const journal: Journal = { entries, append: (entry) => process.append(entry), close: () => Promise.resolve() }
  const errors: unknown[] = []
  const { cluster } = process
  const queues = new MoveQueues({ journal, now: () => model.nowMs, clusterOf: () => cluster, onError: (error) => errors.push(error) })
  return { process, queues, cluster, errors }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
const isOver = (queue: QueueState | undefined) => queue?.status === 'ended' || queue?.status === 'stopped'

/** How many: `KILLS=20000 npx vitest run packages/api/src/plans -t kills` for a long run. */
const killsWanted = Number(process.env.KILLS ?? 1_000)

/**
 * One confirmed plan under crashes. Resolves with how often the api died and what it tells in the end. `spoil`: what becomes of the disk
 * at each crash, to see that the checks find it.
 */
async function story(seed: number, mostKills: number, spoil = (text: string) => text) {
  const random = randomOf(seed)
  const model = new ModelCluster(random)
  const disk = { text: '' }
  const plan = model.plan(`plan-${seed}`, 1 + random.below(5))
  const lifespan = (kills: number) => (kills < mostKills ? 1 + random.below(50) : Number.POSITIVE_INFINITY)
  let kills = 0
  let run = boot(model, disk, lifespan(kills))
  let answered = false
  void run.queues.begin(run.cluster, plan, actor).then(() => {
    answered = true
  })
  const endMs = model.nowMs + 300_000
  while (model.nowMs < endMs) {
    await turn()
    if (run.process.dead) {
      kills++
      model.advance(random.below(5) * 1_000)
      disk.text = spoil(disk.text)
      run = boot(model, disk, lifespan(kills))
    }
    model.advance(STEP_MS)
    run.queues.advance()
    await turn()
    if (isOver(run.process.queues.get(plan.planId))) break
    if (!disk.text.includes(plan.planId)) break
  }
  // What is on its way from a dead process arrives at last: nothing may begin any more.
  for (let wait = 0; wait < 20; wait++) model.advance(STEP_MS)
  return { model, plan, kills, answered, errors: run.errors, queue: run.process.queues.get(plan.planId) }
}

describe('[P7] confirmed moves under crashes of the api', () => {
  test(
    `${killsWanted.toLocaleString('en-US')} kills at random points: no job is lost, doubled or wrongly reported`,
    async () => {
      let kills = 0
      const told: Told = { done: 0, failed: 0, unknown: 0, planned: 0, neverConfirmed: 0 }
      for (let seed = 1; kills < killsWanted; seed++) {
        const one = await story(seed, 1 + (seed % 4))
        kills += one.kills
        expectTruth(seed, one, told)
      }
      // The stories were of every kind.
      for (const [kind, count] of Object.entries(told)) expect(count, kind).toBeGreaterThan(0)
    },
    Math.max(120_000, killsWanted * 100)
  )

  const lines = (text: string) => text.split('\n').slice(0, -1)
  test.each([
    ['a disk that loses the last line', /were sent once|not confirmed/, (text: string) => lines(text).slice(0, -1)],
    ['a disk that loses everything', /not confirmed/, () => []],
    [
      'a run that takes sent for planned',
      /were sent once/,
      (text: string) => [text.replaceAll('"progress":"sent"', '"progress":"planned"').trimEnd()]
    ],
    [
      'a run that takes failed for done',
      /told as moved/,
      (text: string) => [text.replaceAll('"progress":"failed"', '"progress":"done"').trimEnd()]
    ]
  ] as const)('the checks find %s', async (_words, complaint, spoil) => {
    const spoilt = (text: string) => {
      const kept = spoil(text.slice(0, text.lastIndexOf('\n') + 1)).filter((line) => line !== '')
      return kept.map((line) => `${line}\n`).join('')
    }
    let found: unknown
    for (let seed = 1; seed <= 300 && found === undefined; seed++) {
      const one = await story(seed, 4, spoilt)
      try {
        expectTruth(seed, one, { done: 0, failed: 0, unknown: 0, planned: 0, neverConfirmed: 0 })
      } catch (error) {
        if (complaint.test(String(error))) found = error
      }
    }
    expect(String(found)).toMatch(complaint)
  })
})

type Told = Record<'done' | 'failed' | 'unknown' | 'planned' | 'neverConfirmed', number>

/** What is told of a confirmed plan is what the cluster has; counts into `told`. */
function expectTruth(seed: number, { model, plan, answered, errors, queue }: Awaited<ReturnType<typeof story>>, told: Told): void {
  const say = (words: string) => `seed ${seed}: ${words}`
  expect(errors, say('no fault of our own')).toEqual([])
  expect(model.overlapped, say('one export per source at a time')).toBe(0)
  for (const [slots, count] of model.arrived) expect(count, say(`slots ${slots} were sent once`)).toBe(1)
  if (!queue) {
    // It died before the intent was on disk: nobody was told that it was confirmed, and nothing was sent.
    expect([answered, model.arrived.size], say('not confirmed')).toEqual([false, 0])
    told.neverConfirmed++
    return
  }
  expect(isOver(queue), say('it came to an end')).toBe(true)
  expect(queue.moves, say('every move is told')).toHaveLength(plan.moves.length)
  for (const move of queue.moves) {
    const [[first, last]] = move.slots as [readonly [number, number]]
    const job = model.started.get(`${first}-${last}`)
    const owner = model.owner(first)
    told[move.progress as keyof Told]++
    if (move.progress === 'done') expect(owner, say(`${first}: told as moved`)).toBe(move.targetNode)
    else if (move.progress === 'failed') expect(owner, say(`${first}: told as not moved: ${move.detail}`)).toBe(move.sourceNode)
    else if (move.progress === 'planned') expect([job, queue.status], say(`${first}: told as waiting`)).toEqual([undefined, 'stopped'])
    else {
      expect(move.progress, say(`${first}`)).toBe('unknown')
      expect(job?.fate, say(`${first}: unclear only where the two sides contradict each other: ${move.detail}`)).toBe('contradicted')
    }
    if (move.job !== null) expect(move.job, say(`${first}: its own job`)).toBe(job?.name)
  }
}

describe('a queue of moves', () => {
  /** Moves of three slots each, from A to B; no chance in it. */
  function scene(moveCount: number) {
    const model = new ModelCluster(steady)
    const disk = { text: '' }
    const run = boot(model, disk, Number.POSITIVE_INFINITY)
    const [a, b] = model.nodes
    const { moves, ...rest } = model.plan('p', moveCount)
    const plan = {
      ...rest,
      moves: moves.map((move, index) => {
        const first = index * 3
        const command = ['CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', `${first}`, `${first + 2}`, 'NODE', b?.id ?? '']
        const slots = [[first, first + 2] as const]
        return {
          ...move,
          sourceShard: a?.shard ?? '',
          sourceNode: a?.id ?? '',
          targetShard: b?.shard ?? '',
          targetNode: b?.id ?? '',
          slots,
          command
        }
      })
    }
    const pass = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += STEP_MS) {
        model.advance(STEP_MS)
        run.queues.advance()
        await turn()
      }
    }
    const told = () => run.process.queues.get('p')?.moves.map((move) => move.progress)
    return { model, disk, run, plan, pass, told }
  }
  const steady = { next: () => 0.5, below: (limit: number) => limit - 1, chance: () => false }

  test('one export of a real source at a time: the others wait and say for what; ours run side by side', async () => {
    const { model, run, plan, pass, told } = scene(3)
    const answer = await run.queues.begin(run.cluster, plan, actor)
    expect(answer.jobs.map((job) => [job.name === null, job.waitsFor])).toEqual([
      [false, undefined],
      [true, 'A → B'],
      [true, 'A → B']
    ])
    expect(told()).toEqual(['running', 'planned', 'planned'])
    await pass(16_500)
    expect(told()).toEqual(['done', 'running', 'planned'])
    await pass(60_000)
    expect(told()).toEqual(['done', 'done', 'done'])
    expect([run.process.queues.get('p')?.status, model.overlapped]).toEqual(['ended', 0])
    const ours = scene(3)
    const moves = ours.plan.moves.map((move) => ({ ...move, sideBySide: true }))
    await ours.run.queues.begin(ours.run.cluster, { ...ours.plan, moves }, actor)
    expect(ours.told()).toEqual(['running', 'running', 'running'])
  })

  test('stop finishes what runs and starts no more; going on is a wish of its own', async () => {
    const { run, plan, pass, told } = scene(3)
    await run.queues.begin(run.cluster, plan, actor)
    await run.queues.wish(run.cluster, 'p', 'stop', actor)
    expect(run.process.queues.get('p')).toMatchObject({ status: 'stopping', because: 'stopped by ann' })
    await pass(30_000)
    expect([told(), run.process.queues.get('p')?.status]).toEqual([['done', 'planned', 'planned'], 'stopped'])
    await run.queues.wish(run.cluster, 'p', 'retry', actor)
    await pass(60_000)
    expect(told()).toEqual(['done', 'done', 'done'])
    await expect(run.queues.wish(run.cluster, 'p', 'stop', actor)).rejects.toMatchObject({ code: 'PLAN_REFUSED' })
    await expect(run.queues.wish(run.cluster, 'other', 'stop', actor)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('the first failure stops it: skip goes on without the move, retry sends it once more', async () => {
    for (const wish of ['skip', 'retry'] as const) {
      const { model, run, plan, pass, told } = scene(3)
      await run.queues.begin(run.cluster, plan, actor)
      for (const job of model.started.values()) job.fate = 'failed'
      await pass(30_000)
      expect([told(), run.process.queues.get('p')?.status]).toEqual([['failed', 'planned', 'planned'], 'stopped'])
      expect(run.process.queues.get('p')?.because).toBe('A → B: Data was flushed')
      await run.queues.wish(run.cluster, 'p', wish, actor)
      await pass(90_000)
      expect(told()).toEqual([wish === 'skip' ? 'skipped' : 'done', 'done', 'done'])
      expect(model.arrived.get('0-2')).toBe(wish === 'skip' ? 1 : 2)
    }
  })

  test('what waited through a long absence of the api is not sent by itself', async () => {
    const { model, disk, run, plan, pass } = scene(2)
    await run.queues.begin(run.cluster, plan, actor)
    await pass(1_000)
    model.advance(11 * 60_000)
    const next = boot(model, disk, Number.POSITIVE_INFINITY)
    for (let at = 0; at < 40; at++) {
      model.advance(STEP_MS)
      next.queues.advance()
      await turn()
    }
    const queue = next.process.queues.get('p')
    expect(queue?.moves.map((move) => move.progress)).toEqual(['done', 'planned'])
    expect(queue).toMatchObject({ status: 'stopped', because: 'the api was away for 11 minutes' })
    // The plan was confirmed before: a second confirm answers, and starts nothing.
    expect((await next.queues.answer('p')).jobs[0]?.name).toBe(model.started.get('0-2')?.name)
    expect(model.arrived.size).toBe(1)
  })

  test('[T11] slots of a confirmed plan are said to be taken at once, also those that wait', async () => {
    const { run, plan } = scene(2)
    const begun = run.queues.begin(run.cluster, plan, actor)
    expect(run.queues.overlaps(run.cluster, { ...plan, planId: 'q' }).map(({ slots, is }) => [slots, is])).toEqual([
      [[[0, 2]], 'in the queue of ann'],
      [[[3, 5]], 'in the queue of ann']
    ])
    await begun
    expect(run.queues.overlaps(run.cluster, { ...plan, planId: 'q' }).map(({ is }) => is)).toEqual([
      'already migrating: ann confirmed it just now',
      'in the queue of ann'
    ])
  })
})
