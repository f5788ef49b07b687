import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type JournalEntry, openJournal } from './journal.ts'
import { foldEntries, type QueueRecord, stillNeeded } from './queue-record.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slotscope-journal-'))
  path = join(folder, 'moves.jsonl')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const record = (planId: string, status: QueueRecord['status'] = 'running'): QueueRecord => ({
  planId,
  actor: 'ann',
  confirmedAtMs: 1,
  status,
  because: null,
  touchedAtMs: 1,
  moves: []
})
const confirmed = (planId: string, status?: QueueRecord['status']): JournalEntry => ({
  type: 'confirmed',
  cluster: 'main',
  queue: record(planId, status)
})

test('[P7] what was appended is on disk, for its owner only, and is read again', async () => {
  const journal = await openJournal(path, stillNeeded)
  expect(journal.entries).toEqual([])
  await Promise.all([
    journal.append(confirmed('a')),
    journal.append({ type: 'status', planId: 'a', status: 'stopped', because: 'x', atMs: 7 })
  ])
  expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(3)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  await journal.close()
  const again = await openJournal(path, stillNeeded)
  expect(foldEntries(again.entries).get('a')).toEqual({
    cluster: 'main',
    queue: { ...record('a', 'stopped'), because: 'x', touchedAtMs: 7 }
  })
  await again.close()
})

test('[P7] a last line that a crash cut off is left out, and the next one is whole', async () => {
  const journal = await openJournal(path, stillNeeded)
  await journal.append(confirmed('a'))
  await journal.close()
  await appendFile(path, '{"type":"status","planId":"a","sta')
  const again = await openJournal(path, stillNeeded)
  await again.append(confirmed('b'))
  await again.close()
  const last = await openJournal(path, stillNeeded)
  expect([...foldEntries(last.entries).keys()]).toEqual(['a', 'b'])
  await last.close()
})

test('queues that ended go, all but the last 50; others stay for ever', () => {
  const entries = [confirmed('open'), ...Array.from({ length: 60 }, (_, index) => confirmed(`ended-${index}`, 'ended'))]
  const kept = [...foldEntries(stillNeeded(entries)).keys()]
  expect(kept).toHaveLength(51)
  expect([kept[0], kept[1]]).toEqual(['open', 'ended-10'])
})

test.each(['hello\n', '{"type":"else"}\n', '[]\n'])('a file that is not ours is refused and stays as it is: %j', async (text) => {
  await writeFile(path, text)
  await expect(openJournal(path, stillNeeded)).rejects.toThrow('journal of confirmed moves')
  expect(await readFile(path, 'utf8')).toBe(text)
})
