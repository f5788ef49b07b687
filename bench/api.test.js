import { startApi } from '@slotscope/api'
import { expect, test } from 'vitest'
import { measure } from './api/measure.js'

// The bench in small, for counts and bytes only: how long things take is for a quiet machine.
test('[P5] [T15] 60 nodes and 20 viewers: every change of owner is seen, nodes are asked little, idle viewers are told little', async () => {
  /** @type {import('@slotscope/api').Api | undefined} */
  let api
  const underTest = {
    start: async (/** @type {number} */ port) => {
      const seeds = [{ host: '127.0.0.1', port }]
      api = await startApi({ port: 0, clusters: [{ id: 'bench', name: 'bench', kind: 'connected', seeds }], logLevel: 'error' })
      return { port: api.port }
    },
    link: async () => /** @type {import('@slotscope/api').Api} */ (api).createLoginLink('viewer'),
    memory: async () => ({ heapUsed: 0, most: 0, rss: 0 }),
    load: async () => ({ share: 0, loopP99Ms: 0 }),
    close: async () => api?.close()
  }
  const found = await measure(underTest, { nodes: 60, viewers: 20, seconds: 5 }, () => undefined)
  const asked = Object.keys({ ...found.idleByName, ...found.busyByName })
  expect(asked).toContain('INFO')
  expect(asked.filter((name) => /^(KEYS|MONITOR|DEBUG|SCAN)/.test(name))).toEqual([])
  // Small clusters are asked each second: INFO of all, jobs and slot figures of primaries.
  expect(found.idleCommandsPerNode).toBeGreaterThan(0.2)
  expect(found.idleCommandsPerNode).toBeLessThan(4)
  expect(found.idleBytesPerViewer).toBeLessThan(4096)
  expect(found.frames).toBeGreaterThan(0)
  expect(found.moves.shown).toBeGreaterThan(0)
  expect(found.moves.seen).toBe(found.moves.shown)
})
