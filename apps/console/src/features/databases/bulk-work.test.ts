import type { DeleteKeysRequest, ExportAnswer, ImportRequest, PortableKey } from '@slotscope/observer/stream'
import { expect, test } from 'vitest'
import { ApiFailure } from '../../api/client.ts'
import { type BulkPort, type BulkProgress, deleteKeys, exportKeys, importKeys, linesOf } from './bulk-work.ts'

const item = (key: string): PortableKey => ({ key, type: 'string', deadlineMs: null, dump: 'AA' })
const never = () => Promise.reject(new Error('not expected'))
const portOf = (change: Partial<BulkPort>): BulkPort => ({
  exportKeys: never,
  deleteKeys: never,
  importKeys: never,
  wait: async (_, signal) => signal.throwIfAborted(),
  ...change
})
const running = (onProgress: (progress: BulkProgress) => void = () => undefined, signal = new AbortController().signal) => ({
  signal,
  onProgress
})

test('an export asks again for what an answer left out, and its file is read by the import', async () => {
  const asked: (readonly string[])[] = []
  const port = portOf({
    exportKeys: async ({ keys }): Promise<ExportAnswer> => {
      asked.push(keys)
      const some = keys.slice(0, 2)
      return {
        items: some.filter((key) => key !== 'gone').map(item),
        gone: some.filter((key) => key === 'gone').length,
        problems: [],
        taken: some.length,
        valkeyVersion: '9.1.2',
        atMs: 5
      }
    }
  })
  const what = {
    cluster: 'main',
    database: 3,
    form: 'dump' as const,
    total: 5,
    parts: [
      ['a', 'b', 'gone'],
      ['c', 'd']
    ]
  }
  const { lines, progress } = await exportKeys(port, what, running())
  expect(asked).toEqual([['a', 'b', 'gone'], ['gone'], ['c', 'd']])
  expect(progress).toMatchObject({ done: 5, total: 5, succeeded: 4, passedOver: 1 })

  const imported: ImportRequest[] = []
  const into = portOf({
    importKeys: async (request) => {
      imported.push(request)
      return { imported: request.items.length, kept: 0, expired: 0, problems: [], atMs: 0 }
    }
  })
  const read = { lines: linesOf(new Blob([...lines])), database: null, existing: 'keep' as const }
  expect(await importKeys(into, read, running())).toMatchObject({ done: 4, succeeded: 4 })
  expect(imported).toEqual([{ database: 3, items: ['a', 'b', 'c', 'd'].map(item), existing: 'keep' }])
})

test('a deletion confirms once and goes on under its run; it waits when the api is busy, and stops between two parts', async () => {
  const asked: DeleteKeysRequest[] = []
  const stop = new AbortController()
  const busy = [true]
  const port = portOf({
    deleteKeys: async (request) => {
      if (busy.pop()) throw new ApiFailure('TOO_MANY_REQUESTS', 'slowly', 429)
      asked.push(request)
      if (asked.length === 2) stop.abort()
      return { run: 'r', deleted: request.keys.length, gone: 0, problems: [], atMs: 0 }
    }
  })
  let held: BulkProgress | null = null
  const work = deleteKeys(
    port,
    { database: 0, total: 3, parts: [['a'], ['b'], ['c']], confirmed: { nonce: 'n', typedName: 'main' } },
    running((progress) => {
      held = progress
    }, stop.signal)
  )
  await expect(work).rejects.toThrow()
  expect(asked).toEqual([
    { database: 0, keys: ['a'], nonce: 'n', typedName: 'main', count: 3 },
    { database: 0, keys: ['b'], run: 'r' }
  ])
  expect(held).toMatchObject({ done: 2, succeeded: 2 })
})

test('a file that ends early is imported as far as it goes, and says so', async () => {
  const port = portOf({ importKeys: async ({ items }) => ({ imported: items.length, kept: 0, expired: 0, problems: [], atMs: 0 }) })
  const head = '{"slotscope":"keys","version":1,"cluster":"main","database":0,"valkeyVersion":null,"atMs":0}'
  let held: BulkProgress | null = null
  const of = (text: string) =>
    importKeys(
      port,
      { lines: linesOf(new Blob([text])), database: 7, existing: 'replace' },
      running((progress) => {
        held = progress
      })
    )
  await expect(of(`${head}\n${JSON.stringify(item('a'))}\n`)).rejects.toThrow('ends early')
  expect(held).toMatchObject({ succeeded: 1 })
  await expect(of('PNG')).rejects.toThrow('no file of keys')
})
