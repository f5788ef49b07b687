// What a command of the engine allocates, by function: a sampled profile of the heap while valkey-benchmark sends it.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { eventually } from '../peers/valkey-cluster.js'
import { timed } from './measure.js'
import { Server } from './server.js'

/** @typedef {{ name: string, bytes: number, most: readonly (readonly [name: string, bytes: number])[] }} Allocation bytes of one command, and by function */

const sampler = fileURLToPath(new URL('sample-heap.cjs', import.meta.url))
const PIPELINE = 64
/** Before it is sampled, so that what is measured is compiled code. */
const WARM_UP = 300_000
const REQUESTS = 1_000_000

/**
 * @param {string} valkeyFolder
 * @param {readonly import('./loads.js').Load[]} loads
 * @param {{ keys: number, pinned: boolean, replica: boolean }} options
 * @param {(one: Allocation) => void} tell
 */
export async function allocations(valkeyFolder, loads, { keys, pinned, replica }, tell) {
  const folder = mkdtempSync(join(tmpdir(), 'slotscope-bench-'))
  const file = join(folder, 'sample.json')
  const environment = { NODE_OPTIONS: `--require ${sampler}`, SLOTSCOPE_HEAP_SAMPLE: file }
  const server = await Server.start('engine', valkeyFolder, { replica, pinned, environment })
  try {
    for (const { name, words, perRequest } of loads) {
      const run = (/** @type {number} */ requests) =>
        timed(valkeyFolder, server, { words: words(keys), pipeline: PIPELINE, requests: Math.round(requests / perRequest), keys, pinned })
      await run(WARM_UP)
      server.signal('SIGUSR2')
      await later(200)
      await run(REQUESTS)
      server.signal('SIGUSR2')
      await eventually('the sample is there', async () => {
        if (!existsSync(file)) throw new Error('not yet')
        await later(100)
      })
      /** @type {Record<string, number>} */
      const sample = JSON.parse(readFileSync(file, 'utf8'))
      rmSync(file)
      const each = Object.entries(sample)
        .map(([one, bytes]) => /** @type {const} */ ([one, (bytes * perRequest) / REQUESTS]))
        .sort((a, b) => b[1] - a[1])
      tell({ name, bytes: each.reduce((sum, [, bytes]) => sum + bytes, 0), most: each.slice(0, 3) })
    }
  } finally {
    server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
