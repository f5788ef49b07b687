import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as later } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Caller, NodeAddress } from '../src/caller.ts'
import { ErrorReply, Feed } from '../src/index.ts'
import { expectView, isWhole, WATCHED } from './older-servers.ts'
import { RecordedCaller, type Recording, RecordingCaller } from './recorded-caller.ts'
import { RespCaller } from './resp-caller.ts'
import { until, ValkeyCluster, valkeyServer } from './valkey-cluster.ts'

const folder = fileURLToPath(new URL('./recorded/', import.meta.url))
const recordings = readdirSync(folder).map((name) => JSON.parse(readFileSync(`${folder}${name}`, 'utf8')) as Recording)

/** Older servers that are at hand: paths of programs, with colons between them. With RECORD=1 what they answer is kept. */
const older = (process.env.OLDER_SERVERS ?? '').split(':').filter((path) => path !== '')
const newest = valkeyServer()

function feedOver(caller: Caller, seed: NodeAddress, now: () => number): Feed {
  const labels = { load: () => ({}), save: () => undefined }
  const fail = (error: unknown) => {
    throw error
  }
  return new Feed({ caller, seeds: [seed], clusterId: 'c', name: 'old', kind: 'connected', labels, feedId: 'f', now, onFault: fail })
}

describe.each(recordings)('$server, a recorded $kind,', (recording) => {
  test('is shown as far as it goes, and nothing that it does not know is asked again', async () => {
    let nowMs = recording.atMs
    const caller = new RecordedCaller(recording)
    const feed = feedOver(caller, recording.seed, () => nowMs)
    feed.watch(new Set(WATCHED), nowMs)
    const run = async (ms: number) => {
      for (const untilMs = nowMs + ms; nowMs < untilMs; ) {
        nowMs += await feed.advance(nowMs)
        await feed.settled()
      }
    }
    // Without SLOT-STATS the keys of 5,462 slots are counted in 43 s.
    await run(60_000)
    expectView(feed, recording, true)
    const told = caller.errors.length
    await run(60_000)
    expect(caller.errors.length).toBe(told)
  })
})

describe.runIf(newest !== undefined || older.length > 0).each([
  ...(newest === undefined ? [] : [{ program: newest, kind: 'standalone' as const }]),
  ...older.flatMap((program) => [
    { program, kind: 'standalone' as const },
    { program, kind: 'cluster' as const }
  ])
])('$program as a $kind', ({ program, kind }) => {
  test('is shown as far as it goes, and nothing that it does not know is asked again', { timeout: 120_000 }, async () => {
    const servers =
      kind === 'cluster'
        ? await ValkeyCluster.start(program, { primaries: 3, replicas: 0, databases: null })
        : await ValkeyCluster.startStandalone(program)
    const resp = new RespCaller()
    const caller = new RecordingCaller(resp)
    const seed = servers.addresses.at(-1) as NodeAddress
    const feed = feedOver(caller, seed, () => Date.now())
    let running = true
    let loop: Promise<void> | undefined
    try {
      await fill(servers, kind)
      feed.watch(new Set(WATCHED), Date.now())
      loop = (async () => {
        while (running) await later(await feed.advance(Date.now()))
      })()
      await until(() => isWhole(feed, kind), 90_000)
      const server = feed.core().cluster.versions[0] ?? ''
      expectView(feed, { server, kind }, false)
      const told = caller.errors.length
      await later(5_000)
      expect(caller.errors.slice(told)).toEqual([])
      if (process.env.RECORD === '1') {
        mkdirSync(folder, { recursive: true })
        const name = `${/^\d/.test(server) ? `valkey ${server}` : server} ${kind}`.toLowerCase().replaceAll(' ', '-')
        writeFileSync(`${folder}${name}.json`, `${JSON.stringify(caller.recording(server, kind, seed, Date.now()))}\n`)
      }
    } finally {
      running = false
      await loop
      resp.close()
      await servers.stop()
    }
  })
})

/** A cluster: 90 keys. Otherwise 90 keys in database 0 and 30 in database 3. A third of the first have an expiry. */
async function fill(servers: ValkeyCluster, kind: Recording['kind']): Promise<void> {
  for (const index of servers.addresses.keys()) {
    const replies = await servers.pipeline(index, [
      ...Array.from({ length: 30 }, (_, key) => ['SET', `lasting:${key}`, 'x'] as const),
      ...Array.from({ length: 30 }, (_, key) => ['SET', `passing:${key}`, 'x', 'EX', '100000'] as const),
      ...Array.from({ length: 30 }, (_, key) => ['HSET', `hash:${key}`, 'field', 'x'] as const)
    ])
    const refused = replies.filter((reply): reply is ErrorReply => reply instanceof ErrorReply)
    expect(refused.filter((reply) => reply.code !== (kind === 'cluster' ? 'MOVED' : 'READONLY'))).toEqual([])
  }
  if (kind === 'standalone')
    await servers.pipeline(0, [
      ['SELECT', '3'],
      ...Array.from({ length: 30 }, (_, key) => ['SET', `third:${key}`, 'x'] as const),
      ['SELECT', '0']
    ])
}
