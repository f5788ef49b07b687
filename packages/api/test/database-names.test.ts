import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startApi } from '../src/index.ts'
import { logIn } from './support/browser.ts'
import { coreOf } from './support/core-of.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { until } from './support/until.ts'

describe('names that people give to databases', () => {
  let folder: string
  let scripted: ScriptedApi | undefined
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slotscope-names-'))
  })
  afterEach(async () => {
    await scripted?.close()
    scripted = undefined
    await rm(folder, { recursive: true, force: true })
  })
  const path = (database: number | string) => `/api/clusters/main/databases/${database}/name`
  const start = async (options = {}) => {
    scripted = await startScriptedApi({ databaseNamesFile: join(folder, 'names.json'), ...options })
    const operator = await logIn(scripted.api, 'operator', 'olga')
    const viewer = await logIn(scripted.api, 'viewer')
    const stream = await viewer.stream('main')
    stream.ask({ type: 'watch', topics: ['core'], visible: true })
    await until('core is there', () => coreOf(stream) !== undefined)
    return { ...scripted, operator, stream, names: () => coreOf(stream)?.databaseNames }
  }

  test('everybody who looks is told at once, and again after a restart; nothing is sent to the cluster', async () => {
    const first = await start()
    expect(first.names()).toBeUndefined()
    expect((await first.operator.put(path(1), { name: '  sessions of the shop ' })).status).toBe(204)
    expect((await first.operator.put(path(15), { name: 'пример' })).status).toBe(204)
    await until('the viewer has it', () => first.names()?.['15'] !== undefined)
    expect(first.names()).toEqual({ '1': 'sessions of the shop', '15': 'пример' })
    expect(first.cluster.work.flat().join(' ')).not.toContain('sessions')
    first.stream.close()
    await first.close()

    const second = await start()
    expect(second.names()).toEqual({ '1': 'sessions of the shop', '15': 'пример' })
    for (const database of [1, 15]) expect((await second.operator.put(path(database), { name: ' ' })).status).toBe(204)
    await until('they are gone', () => second.names() === undefined)
    expect(JSON.parse(await readFile(join(folder, 'names.json'), 'utf8'))).toEqual({ main: {} })
    second.stream.close()
  })

  test('a name is plain text of at most 40 characters, and written down with what it was before', async () => {
    const { operator, api } = await start()
    for (const name of ['x'.repeat(41), 'a\nb', 'a\u0000', '\u202egnp.exe', 5, null])
      expect((await operator.put(path(1), { name })).status, String(name)).toBe(400)
    for (const database of ['x', '-1', '99999999999']) expect((await operator.put(path(database), { name: 'a' })).status).toBe(400)
    expect((await operator.put(path(1), { name: '😀'.repeat(40) })).status).toBe(204)
    expect((await operator.put(path(1), { name: '<b>bold</b>' })).status).toBe(204)
    const admin = await logIn(api, 'admin')
    const lines = (await admin.get('/api/audit?verb=label')).text
    expect(lines).toContain('"after":"<b>bold</b>"')
    expect(lines).toContain('"before":"😀')
    expect((await admin.put('/api/clusters/nowhere/databases/1/name', { name: 'a' })).status).toBe(404)
  })

  test('where nothing may be changed in the cluster, its databases still have names', async () => {
    const { operator, names } = await start({ readOnly: true })
    expect((await operator.put(path(2), { name: 'archive' })).status).toBe(204)
    await until('it has', () => names()?.['2'] === 'archive')
  })

  test.each(['{', '[]', '{"main":{"x":"y"}}', '{"main":{"1":2}}'])('a file that is not ours ends the start: %s', async (text) => {
    const databaseNamesFile = join(folder, 'names.json')
    await writeFile(databaseNamesFile, text)
    await expect(startApi({ port: 0, clusters: [], databaseNamesFile, logLevel: 'silent' })).rejects.toThrow('names of databases')
  })
})
