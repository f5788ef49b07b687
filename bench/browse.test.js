import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startApi } from '@slotscope/api'
import { expect, test } from 'vitest'
import { measure } from './browse/measure.js'

const program = process.env.VALKEY_SERVER ?? join(fileURLToPath(new URL('..', import.meta.url)), '.valkey', 'bin', 'valkey-server')

// The bench in small, for completeness and counts: how long things take, and memory, are for a process and a machine of their own.
test.runIf(existsSync(program))('[T15] 20,000 keys and a hash of 10,000 fields are paged through whole, in small steps', async () => {
  /** @type {import('@slotscope/api').Api | undefined} */
  let api
  const underTest = {
    start: async (/** @type {number} */ port) => {
      const seeds = [{ host: '127.0.0.1', port }]
      api = await startApi({ port: 0, clusters: [{ id: 'bench', name: 'bench', kind: 'connected', seeds }], logLevel: 'error' })
      return { port: api.port }
    },
    link: async () => /** @type {import('@slotscope/api').Api} */ (api).createLoginLink('viewer'),
    memory: async () => ({ heapUsed: 0, rss: 0, mostRss: 0 }),
    close: async () => api?.close()
  }
  const found = await measure(program, { api: underTest, prober: undefined }, { keys: 20_000, fields: 10_000, warmUp: 2 }, () => undefined)
  expect(found.scan.found).toBe(20_000)
  expect(found.walk.found).toBe(10_000)
  // Every fifth command of 500 fields gave them a deadline.
  expect(found.walk.withDeadline).toBe(2_000)
  expect(found.random).toBeGreaterThan(0)
  // A page of keys is 1,000, a page of fields 200 or few more: no more pages than that, and none that asks for everything.
  expect(found.scan.pages).toBeLessThan(40)
  expect(found.walk.pages).toBeGreaterThan(40)
  expect(found.walk.pages).toBeLessThan(80)
  const asked = found.costs.map(({ name }) => name)
  expect(asked).toContain('hscan')
  expect(asked.filter((name) => /^(keys|hgetall|hkeys|hvals|smembers|sort|monitor|debug|dump)$/.test(name))).toEqual([])
})
