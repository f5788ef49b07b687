import type { KeyRow, ScanAnswer, ScanRequest } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { ApiFailure } from '../../api/client.ts'
import { toBase64Url } from '../../model/bytes.ts'
import { KeyScan, PAGE_KEYS, type ScanPort, type ScanScope, scanCount } from './key-scan.ts'

const scope: ScanScope = { database: 0, shard: null, pattern: '', type: null, expiresWithinMs: null }
const rowOf = (name: string): KeyRow => ({
  key: toBase64Url(new TextEncoder().encode(name)),
  type: 'string',
  slot: 0,
  shard: 'a',
  ttlMs: null,
  size: null,
  detailed: false
})
const page = (from: number, count: number, cursor: string | null): ScanAnswer => ({
  keys: Array.from({ length: count }, (_, index) => rowOf(`key:${from + index}`)),
  cursor,
  walked: from + count,
  total: 1_000,
  commands: 9,
  atMs: 0
})

/** A port that answers from a script, one answer a question; a function in the script is called instead. */
function scripted(answers: (ScanAnswer | (() => Promise<ScanAnswer>))[], change: Partial<ScanPort> = {}) {
  const asked: ScanRequest[] = []
  const waits: number[] = []
  const port: ScanPort = {
    scan: async (request) => {
      asked.push(request)
      const answer = answers.shift()
      if (!answer) throw new Error('nothing more was expected to be asked')
      return typeof answer === 'function' ? answer() : answer
    },
    details: async () => ({ keys: [], commands: 0, atMs: 0 }),
    wait: async (ms) => void waits.push(ms),
    ...change
  }
  return { port, asked, waits }
}

describe('scanning keys', () => {
  test('nothing is asked before the person asks', () => {
    const { port, asked } = scripted([])
    expect(new KeyScan(scope, port).view().phase).toBe('idle')
    expect(asked).toEqual([])
  })

  test('one page, then a pause; the next page begins at the cursor', async () => {
    const { port, asked } = scripted([page(0, 120, 'c1'), page(120, 90, 'c2'), page(210, 200, null)])
    const scan = new KeyScan(scope, port)
    await scan.more()
    expect(scan.view()).toMatchObject({ phase: 'paused', walked: 210, commands: 18 })
    expect(asked.map(({ cursor, count }) => [cursor, count])).toEqual([
      [null, PAGE_KEYS],
      ['c1', PAGE_KEYS - 120]
    ])
    await scan.more()
    expect(scan.view().phase).toBe('complete')
    expect(scan.view().count).toBe(410)
    expect(asked.at(-1)?.cursor).toBe('c2')
    await scan.more()
    expect(asked).toHaveLength(3)
  })

  test('to the end it goes on page after page, in large ones, and can be stopped and resumed', async () => {
    const { port, asked } = scripted([page(0, 1_000, 'c1'), page(1_000, 1_000, 'c2'), page(2_000, 10, null)])
    const scan = new KeyScan(scope, port)
    await scan.more({ toTheEnd: true })
    expect(scan.view()).toMatchObject({ phase: 'complete', count: 2_010 })
    expect(asked.map(({ count }) => count)).toEqual([1_000, 1_000, 1_000])
  })

  test('where each key costs a command the questions come slowly', async () => {
    const { port, asked, waits } = scripted([page(0, 5, 'c1'), page(5, 5, null)])
    await new KeyScan({ ...scope, expiresWithinMs: 60_000 }, port).more()
    expect(asked[0]).toMatchObject({ expiresWithinMs: 60_000 })
    expect(waits).toEqual([100])
  })

  test('a key that SCAN shows twice is listed once', async () => {
    const { port } = scripted([page(0, 3, 'c1'), page(2, 3, null)])
    const scan = new KeyScan(scope, port)
    await scan.more()
    const { keys, count } = scan.view()
    expect(keys.slice(0, count)).toEqual(page(0, 5, null).keys.map(({ key }) => key))
    expect([count, keys.typeAt(4), keys.shardAt(4)]).toEqual([5, 'string', 'a'])
  })

  test('Stop keeps what was found, Resume goes on with the same page', async () => {
    const stopAt: { scan?: KeyScan } = {}
    const { port, asked } = scripted([
      page(0, 5, 'c1'),
      async () => {
        stopAt.scan?.stop()
        return page(5, 5, 'c2')
      },
      page(5, 195, 'c3')
    ])
    const scan = new KeyScan(scope, port)
    stopAt.scan = scan
    await scan.more()
    expect(scan.view()).toMatchObject({ phase: 'stopped', walked: 5 })
    await scan.more()
    // The answer that came after Stop was not taken: the same cursor is asked again.
    expect(asked.map(({ cursor }) => cursor)).toEqual([null, 'c1', 'c1'])
    expect(scan.view()).toMatchObject({ count: 200, phase: 'paused' })
  })

  test('a refusal keeps the rows and can be tried again', async () => {
    const refusal = new ApiFailure('SERVER_ERROR_REPLY', "NOPERM User x has no permissions to run the 'scan' command", 502)
    const { port } = scripted([page(0, 5, 'c1'), () => Promise.reject(refusal), page(5, 5, null)])
    const scan = new KeyScan(scope, port)
    await scan.more()
    expect(scan.view()).toMatchObject({ phase: 'failed', failure: refusal })
    expect(scan.view().count).toBe(5)
    await scan.more()
    expect(scan.view()).toMatchObject({ phase: 'complete', failure: null })
  })

  test('the api’s pace is waited for, not failed on', async () => {
    const busy = new ApiFailure('TOO_MANY_REQUESTS', 'too many questions in a short time', 429)
    const { port, waits } = scripted([() => Promise.reject(busy), page(0, 1, null)])
    const scan = new KeyScan(scope, port)
    await scan.more()
    expect(scan.view().phase).toBe('complete')
    expect(waits).toContain(1_000)
  })

  test('details are asked once per key, and a key that is gone says so', async () => {
    const questions: (readonly string[])[] = []
    const { port } = scripted([page(0, 3, null)], {
      details: async ({ keys }) => {
        questions.push(keys)
        return { keys: [{ ...rowOf('key:0'), detailed: true, size: 7, ttlMs: 5 }], commands: 6, atMs: 42 }
      }
    })
    const scan = new KeyScan(scope, port)
    await scan.more()
    const keys = scan.view().keys.slice(0, 2)
    await scan.wantDetails(keys)
    await scan.wantDetails(keys)
    expect(questions).toEqual([keys])
    expect(scan.view().details.get(keys[0]!)).toMatchObject({ atMs: 42, row: { size: 7 } })
    expect(scan.view().details.get(keys[1]!)).toBe('gone')
    expect(scan.view().commands).toBe(15)
  })

  test('details that are refused are not asked for again by scrolling', async () => {
    let questions = 0
    const { port } = scripted([page(0, 3, null)], {
      details: async () => {
        questions += 1
        throw new ApiFailure('SERVER_ERROR_REPLY', 'NOPERM', 502)
      }
    })
    const scan = new KeyScan(scope, port)
    await scan.more()
    const keys = scan.view().keys.slice(0, 3)
    await scan.wantDetails(keys)
    await scan.wantDetails(keys)
    expect(questions).toBe(1)
    expect(scan.view().failure).toBeInstanceOf(ApiFailure)
  })

  test('windows are wide when most keys will not match', () => {
    expect(scanCount(scope)).toBe(200)
    expect(scanCount({ ...scope, pattern: 'a*' })).toBe(1_000)
    expect(scanCount({ ...scope, type: 'hash' })).toBe(1_000)
  })
})
