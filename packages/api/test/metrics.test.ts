import { readFile } from 'node:fs/promises'
import type { CoreState, JobState } from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { OptionError, startApi } from '../src/index.ts'
import { clusterFamilies, MOST_CELLS } from '../src/metrics/cluster-families.ts'
import { exposition, family } from '../src/metrics/exposition.ts'
import { JobTally } from '../src/metrics/job-tally.ts'
import { logIn, send } from './support/browser.ts'
import { parseExposition } from './support/exposition-parser.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { scriptedNodes } from './support/scripted-cluster.ts'
import { until } from './support/until.ts'

const metricsToken = 'canary-0123456789abcdef0123456789abcdef'
let scripted: ScriptedApi
let port = 0
beforeAll(async () => {
  scripted = await startScriptedApi({ metricsToken })
  port = scripted.api.port
})
afterAll(() => scripted?.close())

const scrape = (headers: Readonly<Record<string, string>> = { authorization: `Bearer ${metricsToken}` }) =>
  send(port, '/metrics', { headers })

describe('/metrics', () => {
  test('is exposition as a strict reader takes it, with slots, nodes, keys per database, moves, health and our own load', async () => {
    let answer = await scrape()
    await until('the event loop is measured', async () => {
      answer = await scrape()
      return answer.text.includes('nodejs_eventloop_lag_p99_seconds')
    })
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(answer.headers['cache-control']).toBe('no-store')
    const families = parseExposition(answer.text)
    const of = (name: string, labels: Readonly<Record<string, string>> = {}) =>
      families.get(name)?.samples.find((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))?.value
    expect(of('slotscope_cluster_seen', { cluster: 'main' })).toBe(1)
    expect(of('slotscope_cluster_ok')).toBe(1)
    expect(of('slotscope_cluster_epoch')).toBe(3)
    expect(of('slotscope_slots', { shard: 'A', state: 'owned' })).toBe(5_461)
    expect(of('slotscope_slots', { shard: 'A', state: 'leaving' })).toBe(0)
    expect(families.get('slotscope_node_up')?.samples.length).toBe(3)
    const node = scriptedNodes[1]?.id ?? ''
    expect(of('slotscope_node_memory_used_bytes', { node })).toBe(1_000)
    expect(of('slotscope_node_info', { node, address: '127.0.0.1:7002', role: 'primary', version: '9.1.2', shard: 'B' })).toBe(1)
    expect(of('slotscope_database_keys', { database: '0', shard: 'C' })).toBe(10)
    expect(of('slotscope_migration_jobs_ended_total', { outcome: 'moved' })).toBe(0)
    expect(of('slotscope_health_problems', { severity: 'critical' })).toBe(0)
    expect(of('slotscope_health_problems_by_kind', { severity: 'warning', kind: 'no-replica' })).toBe(3)
    expect(of('slotscope_watch_commands_per_second', { cause: 'topology' })).toBeGreaterThan(0)
    expect(of('nodejs_heap_size_used_bytes')).toBeGreaterThan(1_000_000)
    expect(of('nodejs_eventloop_lag_p99_seconds')).toBeLessThan(10)
    expect(of('slotscope_viewers')).toBe(0)
  })

  test('counts as a viewer: what is polled follows it, and stays for a while', async () => {
    const own = await startScriptedApi({ metricsToken })
    const infos = () => own.cluster.calls.filter((call) => call.commands.some(([name]) => name === 'INFO')).length
    await send(own.api.port, '/metrics', { headers: { authorization: `Bearer ${metricsToken}` } })
    const before = infos()
    // Unwatched, INFO is asked each 30 seconds; for a viewer each second.
    await until('INFO is asked as for a viewer', () => infos() >= before + 6)
    await own.close()
  })

  test('[T15] a scrape itself asks no node', async () => {
    const before = scripted.cluster.calls.length
    const startedAtMs = Date.now()
    for (let times = 0; times < 100; times++) await scrape()
    const seconds = Math.ceil((Date.now() - startedAtMs) / 1000) + 1
    expect(scripted.cluster.calls.length - before).toBeLessThan(seconds * 15)
  })

  test('[T1] is for a session or for the token, and for nobody else', async () => {
    const viewer = await logIn(scripted.api, 'viewer', 'vera')
    expect((await viewer.get('/metrics')).status).toBe(200)
    const refused = [
      {},
      { authorization: '' },
      { authorization: metricsToken },
      { authorization: 'Bearer' },
      { authorization: `Bearer ${metricsToken}x` },
      { authorization: `Bearer ${metricsToken.slice(0, -1)}` },
      { authorization: `Basic ${Buffer.from(`x:${metricsToken}`).toString('base64')}` },
      { authorization: `Bearer ${'x'.repeat(10_000)}` },
      // A wrong token is wrong, whoever else asks.
      { authorization: 'Bearer wrong', cookie: viewer.cookie }
    ]
    for (const headers of refused as Readonly<Record<string, string>>[]) {
      const answer = await scrape(headers)
      expect(answer.status, JSON.stringify(headers).slice(0, 100)).toBe(401)
      expect(answer.text).not.toContain('slotscope_')
    }
    const inTheAddress = await send(port, `/metrics?token=${metricsToken}`)
    expect(inTheAddress.status).toBe(401)
    expect((await scrape({ authorization: `Bearer ${metricsToken}`, host: 'evil.example' })).status).toBe(421)
  })

  test('[T9] the token opens nothing else', async () => {
    for (const path of ['/api/session', '/api/clusters/main/slots/1', '/api/accounts'])
      expect((await send(port, path, { headers: { authorization: `Bearer ${metricsToken}` } })).status, path).toBe(401)
  })

  test('without a token only sessions read it; one that is too short or cannot be sent is refused at the start', async () => {
    const own = await startScriptedApi()
    expect((await send(own.api.port, '/metrics', { headers: { authorization: `Bearer ${metricsToken}` } })).status).toBe(401)
    await own.close()
    for (const bad of ['', 'x'.repeat(31), `${'x'.repeat(40)} y`, `${'x'.repeat(40)}\n`, 'ä'.repeat(40)])
      await expect(startApi({ port: 0, clusters: [], metricsToken: bad })).rejects.toBeInstanceOf(OptionError)
  })
})

describe('figures', () => {
  const core = (): CoreState => {
    const nodes = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, i) => {
        const id = i.toString(16).padStart(40, '0')
        const shard = `shard-${i % 1_000}`
        const role = i < 1_000 ? 'primary' : 'replica'
        const figures = { usedMemory: 1, maxMemory: 0, operationsPerSecond: 1, keys: 1, lagBytes: 0, paused: null, error: null }
        const node = {
          id,
          name: `n"${i}\\\n`,
          host: 'h',
          port: 1,
          role,
          shard,
          health: 'online',
          configEpoch: i,
          version: '9.1.2',
          readAtMs: 1,
          ...figures
        }
        return [id, node]
      })
    )
    const shards = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, i) => [
        `shard-${i}`,
        { key: `shard-${i}`, label: `S${i}`, color: 0, primary: null, replicas: [], slots: [], slotCount: 16, keys: 1 }
      ])
    )
    const cluster = { name: 'x', kind: 'connected', state: 'ok', currentEpoch: 1, databases: 16, keys: 1, operationsPerSecond: 1 }
    return {
      cluster: { ...cluster, versions: [], slotStatsEnabled: true },
      nodes,
      shards,
      unassigned: [],
      jobs: {},
      plans: {},
      health: {},
      events: [],
      watching: { commandsPerSecond: 1, commandsPerSecondPerNode: 1, shareOfNodeTime: null, byCause: {} }
    } as unknown as CoreState
  }
  const cell = { keys: 2, withExpiry: 1, withVolatileFields: 0, averageTtlMs: 0, atMs: 0 }
  const known = { id: 'big', isSeen: true, core: core(), expiry: undefined, viewers: 0, viewersCut: 0 }

  test('of 2,000 nodes and 16 databases are bounded: what would be too many cells is summed over the shards', () => {
    const databases = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [String(i), cell]))
    const shards = Object.fromEntries(Object.keys(known.core.shards).map((shard) => [shard, databases]))
    const text = exposition(clusterFamilies({ ...known, databases: { limit: 16, shards } }))
    const families = parseExposition(text)
    expect(families.get('slotscope_database_keys')?.samples.map(({ labels, value }) => [labels.shard, value])).toEqual(
      Array.from({ length: 16 }, () => ['*', 2_000])
    )
    const samples = [...families.values()].reduce((sum, { samples }) => sum + samples.length, 0)
    expect(samples).toBeLessThan(2_000 * 10 + 1_000 * 3 + 3 * MOST_CELLS)
    expect(text.length).toBeLessThan(4 * 1024 * 1024)
    expect(families.get('slotscope_node_info')?.samples[0]?.labels.name).toBe('n"0\\\n')
    expect(text).not.toMatch(/slot="/)
  })

  test('what is not known is left out, never zero', () => {
    const some = family('a', 'gauge', 'x')
    some.add(null)
    some.add(Number.NaN)
    expect(exposition([some])).toBe('')
    some.add(0)
    expect(exposition([some])).toBe('# HELP a x\n# TYPE a gauge\na 0\n')
    expect(exposition(clusterFamilies({ ...known, databases: undefined }))).not.toMatch(/_ratio|expiry/)
  })

  test('the forecast is told as what expires within a minute, an hour and a day', () => {
    const forecast = {
      atMs: 0,
      edgesMs: [0, 30_000, 7_200_000],
      fieldsPerSecond: { '3': [2, 1] },
      keysPerSecond: [0, 1],
      factor: 1,
      bandPerSecond: [0, 0]
    }
    const rest = { hashesWithVolatileFields: 1, keysWithExpiry: 1, soonest: [], sampledHashes: 1, sampledKeys: 1, sampledAtMs: 0 }
    const expiry = { expiredFieldsPerSecond: 1, expiredKeysPerSecond: null, ...rest, forecast }
    const families = parseExposition(exposition(clusterFamilies({ ...known, databases: undefined, expiry })))
    const told = (name: string) => families.get(name)?.samples.map(({ labels, value }) => [labels.within_seconds, value])
    expect(told('slotscope_expiry_forecast_fields')).toEqual([
      ['60', 90],
      ['3600', 3_630],
      ['86400', 7_230]
    ])
    expect(told('slotscope_expiry_forecast_keys')?.[0]).toEqual(['60', 30])
    expect(families.has('slotscope_expired_keys_per_second')).toBe(false)
  })

  test('moves that ended are counted by outcome, and timed when they moved', () => {
    const tally = new JobTally()
    const job = { startedAtMs: 0, endedAtMs: 700, outcome: 'moved' } as JobState
    tally.jobEnded(job)
    tally.jobEnded({ ...job, endedAtMs: 86_400_000 })
    tally.jobEnded({ ...job, outcome: 'unclear' })
    const families = parseExposition(exposition(tally.families('main')))
    expect(families.get('slotscope_migration_jobs_ended_total')?.samples.map(({ value }) => value)).toEqual([2, 0, 1])
    const buckets = families.get('slotscope_migration_job_duration_seconds')?.samples
    expect(buckets?.find(({ labels }) => labels.le === '0.5')?.value).toBe(0)
    expect(buckets?.find(({ labels }) => labels.le === '1')?.value).toBe(1)
    expect(buckets?.find(({ name }) => name.endsWith('_count'))?.value).toBe(2)
  })
})

describe('docs/alerts.yml', () => {
  type Rule = { alert: string; expr: string; for?: string; labels: { severity: string }; annotations: { summary: string; repair: string } }
  const read = async () => {
    const text = await readFile(new URL('../../../docs/alerts.yml', import.meta.url), 'utf8')
    return (parse(text) as { groups: { name: string; rules: Rule[] }[] }).groups.flatMap((group) => group.rules)
  }
  test('every metric and label in a rule is one that is told, and every rule says how to repair', async () => {
    const sources = ['metrics/cluster-families', 'metrics/process-families', 'metrics/job-tally', 'webhook/webhook']
    const texts = await Promise.all(sources.map((name) => readFile(new URL(`../src/${name}.ts`, import.meta.url), 'utf8')))
    const told = new Set(texts.join('').match(/(?<=')(?:slotscope|process|nodejs)_[a-z0-9_]+(?=')/g))
    const rules = await read()
    expect(rules.length).toBeGreaterThan(15)
    expect(new Set(rules.map((rule) => rule.alert)).size).toBe(rules.length)
    for (const { alert, expr, labels, annotations } of rules) {
      const used = expr.match(/\b(?:slotscope|process|nodejs)_[a-z0-9_]+/g) ?? []
      expect(used.length, alert).toBeGreaterThan(0)
      for (const name of used) expect(told, alert).toContain(name)
      expect(['critical', 'warning', 'info'], alert).toContain(labels.severity)
      expect(annotations.summary.length, alert).toBeGreaterThan(10)
      expect(annotations.repair.length, alert).toBeGreaterThan(10)
    }
  })
})
