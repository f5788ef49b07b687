import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { QueueState } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { Check } from 'typebox/value'
import { OptionError } from '../errors.ts'
import type { MoveRecord, QueueRecord } from './queue-record.ts'

/**
 * One step of a confirmed plan. `confirmed` opens it with all its moves; `move` is the new state of one of them; `status` is the new
 * state of the whole. What an entry says becomes true only after the entry is on disk.
 */
export type JournalEntry =
  | { readonly type: 'confirmed'; readonly cluster: string; readonly queue: QueueRecord }
  | { readonly type: 'move'; readonly planId: string; readonly index: number; readonly move: MoveRecord }
  | {
      readonly type: 'status'
      readonly planId: string
      readonly status: QueueState['status']
      readonly because: string | null
      readonly atMs: number
    }

/** Where intents are written before their commands are sent. */
export interface Journal {
  /** What earlier runs left, oldest first. */
  readonly entries: readonly JournalEntry[]
  /** Resolves when the entry is on disk. Rejects when it cannot be written: then its command must not be sent. */
  append(entry: JournalEntry): Promise<void>
  close(): Promise<void>
}

/** Lives as long as the api: for tests and for an api without a folder. */
export function memoryJournal(): Journal {
  return { entries: [], append: () => Promise.resolve(), close: () => Promise.resolve() }
}

/**
 * A file of JSON lines that only its owner can read, synced to disk line by line. A last line that a crash cut off is left out, since
 * its effect had not begun. `keep` picks what is still needed of the old entries; the rest is dropped by writing the file anew aside
 * and renaming it. Throws `OptionError` for a file that is there and is not ours.
 */
export async function openJournal(path: string, keep: (entries: readonly JournalEntry[]) => readonly JournalEntry[]): Promise<Journal> {
  const entries = keep(existsSync(path) ? readEntries(readFileSync(path, 'utf8'), path) : [])
  const aside = `${path}.${process.pid}.new`
  writeFileSync(aside, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''), { mode: 0o600, flush: true })
  renameSync(aside, path)
  const file = await open(path, 'a', 0o600)
  let last: Promise<unknown> = Promise.resolve()
  let { size } = await file.stat()
  const write = async (line: Buffer) => {
    try {
      await file.appendFile(line)
      await file.datasync()
      size += line.length
    } catch (error) {
      // Half a line (a full disk) would make the next one unreadable.
      await file.truncate(size).catch(() => undefined)
      throw error
    }
  }
  return {
    entries,
    append(entry) {
      const written = last.then(() => write(Buffer.from(`${JSON.stringify(entry)}\n`)))
      // A failed line must not stop the next ones; it fails the one who wrote it.
      last = written.catch(() => undefined)
      return written
    },
    async close() {
      await last
      await file.close()
    }
  }
}

const shape = Type.Union([
  Type.Object({
    type: Type.Literal('confirmed'),
    cluster: Type.String(),
    queue: Type.Object({ planId: Type.String(), moves: Type.Array(Type.Object({ progress: Type.String() })) })
  }),
  Type.Object({ type: Type.Literal('move'), planId: Type.String(), index: Type.Integer(), move: Type.Object({ progress: Type.String() }) }),
  Type.Object({ type: Type.Literal('status'), planId: Type.String(), status: Type.String() })
])

/** Reads the lines of a journal; `path` is for the error. A line without its newline was cut off by a crash. */
export function readEntries(text: string, path: string): readonly JournalEntry[] {
  const lines = text.split('\n')
  lines.pop()
  return lines.map((line, index) => {
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      throw new OptionError(`${path}, line ${index + 1}: not JSON; it should be the journal of confirmed moves`)
    }
    if (!Check(shape, value)) throw new OptionError(`${path}, line ${index + 1}: not an entry of the journal of confirmed moves`)
    return value as JournalEntry
  })
}
