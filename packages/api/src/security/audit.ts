import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditOutcome } from '@slotscope/observer/stream'
import { OptionError } from '../errors.ts'
import { readSealed, type SealedLine, seal } from './audit-chain.ts'
import type { Actor, Verb } from './authorise.ts'

/** One line of the audit log. Fields come from the server only; of a client's input there is the address of its socket. */
export type AuditEntry = {
  readonly actor: Actor | null
  readonly peer: string
  readonly requestId: string
  readonly verb: Verb | 'log-in' | 'mend'
  /** e.g. `cluster main, plan 5f...`. */
  readonly resource: string
  /** `intended` is written before the effect; `done`, `failed` or `refused` after it. */
  readonly outcome: AuditOutcome
  /** Sequence of the line that intended what came out here. */
  readonly intent?: number | undefined
  /** What exactly: commands, replies, the reason. Never a password or a token. */
  readonly detail?: unknown
  /** How the thing was and is, where that is known. */
  readonly before?: unknown
  readonly after?: unknown
}

/**
 * Where the lines go. `record` resolves with the sequence of the line when it is written; an effect must wait for its `intended` line.
 */
export interface Audit {
  /** The file, for whoever reads and verifies it. */
  readonly path: string
  /** It is there after the end of the api. */
  readonly kept: boolean
  record(entry: AuditEntry): Promise<number>
  /** The hash of the last line, to be noted elsewhere; undefined: there is none. */
  lastHash(): string | undefined
  close(): Promise<void>
}

/** The longest line that is looked for at the end of a file, in bytes: a request is at most 1 MiB. */
const LONGEST_LINE_BYTES = 8 * 1024 * 1024

/**
 * Appends lines of a hash chain to a file that only its owner can read. A line that cannot be written fails the action it stands for,
 * and is no part of the chain. Throws `OptionError` for a file that does not end with a line of a chain. A crash in the middle of a line
 * is mended: what there is of that line is taken away, and a line says so.
 */
export async function openAuditFile(path: string, now: () => number): Promise<Audit> {
  const file: FileHandle = await open(path, 'a+', 0o600)
  let end: Awaited<ReturnType<typeof endOf>>
  try {
    end = await endOf(file, path)
  } catch (error) {
    await file.close()
    throw error
  }
  let { last } = end
  let queue: Promise<unknown> = Promise.resolve()
  const append = async (entry: AuditEntry) => {
    const sealed = seal({ at: new Date(now()).toISOString(), ...entry }, last)
    const { size } = await file.stat()
    try {
      await file.appendFile(`${sealed.text}\n`)
    } catch (error) {
      // Half a line must not stand before the next one.
      await file.truncate(size).catch(() => undefined)
      throw error
    }
    last = sealed.line
    return last.sequence
  }
  const record = (entry: AuditEntry) => {
    const written = queue.then(() => append(entry))
    // A failed line must not stop the next ones.
    queue = written.catch(() => undefined)
    return written
  }
  if (end.tornBytes > 0) {
    const detail = { tornBytes: end.tornBytes }
    await record({ actor: null, peer: '', requestId: '', verb: 'mend', resource: 'audit', outcome: 'done', detail })
  }
  return {
    path,
    kept: true,
    record,
    lastHash: () => last?.hash,
    async close() {
      await queue
      await file.close()
    }
  }
}

/** The last line of the file. What a crash left of a further one is taken away, or ended where only its end was missing. */
async function endOf(file: FileHandle, path: string): Promise<{ readonly last: SealedLine | undefined; readonly tornBytes: number }> {
  const stats = await file.stat()
  if (!stats.isFile() || stats.size === 0) return { last: undefined, tornBytes: 0 }
  const tail = Buffer.alloc(Math.min(stats.size, LONGEST_LINE_BYTES))
  const { bytesRead } = await file.read(tail, 0, tail.length, stats.size - tail.length)
  const text = tail.subarray(0, bytesRead)
  const wholeUntil = text.lastIndexOf(0x0a) + 1
  const torn = text.subarray(wholeUntil)
  const unended = readSealed(torn)
  if (unended !== undefined) {
    await file.appendFile('\n')
    return { last: unended, tornBytes: 0 }
  }
  const startOfLast = wholeUntil < 2 ? 0 : text.lastIndexOf(0x0a, wholeUntil - 2) + 1
  const last = wholeUntil === 0 ? undefined : readSealed(text.subarray(startOfLast, wholeUntil - 1))
  const isFirstLineTorn = wholeUntil === 0 && text.length === stats.size && text.toString('utf8', 0, 1) === '{'
  if (last === undefined && !isFirstLineTorn)
    throw new OptionError(
      `${path} does not end with a line of an audit: look with "slotscope audit verify ${path}", and put the file aside`
    )
  if (torn.length > 0) await file.truncate(stats.size - torn.length)
  return { last, tornBytes: torn.length }
}

/** An audit that ends with the api, in a file of its own among the temporary ones. One that is killed leaves it to the system. */
export async function openTemporaryAudit(now: () => number): Promise<Audit> {
  const folder = await mkdtemp(join(tmpdir(), 'slotscope-audit-'))
  const audit = await openAuditFile(join(folder, 'audit.jsonl'), now)
  const close = async () => {
    await audit.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { ...audit, kept: false, close }
}
