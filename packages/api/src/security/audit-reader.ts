import { type FileHandle, open } from 'node:fs/promises'
import type { AuditAnswer, AuditFilter, AuditLine } from '@slotscope/observer/stream'
import { ApiFailure } from '../errors.ts'
import { linesOf, readSealed, type SealedLine } from './audit-chain.ts'

/**
 * Reads the audit for people. The file is read from its end on, stretch by stretch, since what is asked for is nearly always what
 * happened last; nothing of it is held in memory between two questions, and one question reads no more than a few MiB.
 */

/** A line as it stands in the file. */
export type AuditRecord = SealedLine & Omit<AuditLine, 'atMs' | 'intent'> & { readonly at: string; readonly intent?: number }

export type AuditPage = Omit<AuditAnswer, 'kept'>

const STRETCH_BYTES = 256 * 1024
/** One question reads so much; where more has to be looked through, the next one goes on from there. */
const MOST_BYTES = 8 * 1024 * 1024
/** Beyond the last line of a page, so far, the intents of its outcomes are looked for: they mostly stand right before. */
const INTENT_BYTES = 1024 * 1024
/** No line is longer: a request is at most 1 MiB, and a file without an end of a line is none of ours. */
const LONGEST_LINE_BYTES = 16 * 1024 * 1024
/** Lines are in order but for a clock that was set back, which is by less than this. */
const CLOCK_SLACK_MS = 24 * 3_600_000

/** Lines that fit, newest first. `before` is `next` of the page before. Throws `BAD_REQUEST` where it is no such thing. */
export async function readAudit(
  path: string,
  filter: AuditFilter,
  { before, most }: { readonly before?: string | undefined; readonly most: number }
): Promise<AuditPage> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const end = before === undefined ? size : Number(before)
    if (end > size || (before !== undefined && end > 0 && !(await endsLine(file, end))))
      throw new ApiFailure('BAD_REQUEST', 'this is no place in the audit: begin anew')
    return await pageOf(file, end, filter, most)
  } finally {
    await file.close()
  }
}

/** Every line that fits, oldest first; what is no line of a chain comes as its text. */
export async function* allOfAudit(path: string, filter: AuditFilter): AsyncGenerator<AuditRecord | string> {
  for await (const { bytes, ended } of linesOf(path)) {
    if (!ended) return
    const record = readRecord(bytes)
    if (record === undefined) yield bytes.toString('utf8').slice(0, 10_000)
    else if (fits(record, filter) && hasText(bytes, filter)) yield record
  }
}

async function pageOf(file: FileHandle, end: number, filter: AuditFilter, most: number): Promise<AuditPage> {
  const lines: AuditLine[] = []
  /** Outcomes whose intent was not met yet, by the sequence of the intent. */
  const open = new Map<number, { readonly record: AuditRecord; readonly shown: boolean }>()
  let damaged = 0
  let readBackToMs: number | null = null
  let next: number | null = null
  for await (const { bytes, start } of linesBack(file, end)) {
    if (bytes === undefined) {
      damaged++
      return { lines, damaged, next: null, readBackToMs }
    }
    const record = readRecord(bytes)
    if (record === undefined) {
      if (next === null) damaged++
      continue
    }
    const outcome = open.get(record.sequence)
    open.delete(record.sequence)
    if (outcome !== undefined) {
      const intent = { sequence: record.sequence, atMs: Date.parse(record.at), detail: record.detail ?? null }
      if (outcome.shown) {
        const at = lines.findIndex((line) => line.sequence === outcome.record.sequence)
        lines[at] = lineOf(outcome.record, intent)
      } else if (hasText(bytes, filter)) lines.push(lineOf(outcome.record, intent))
    }
    if (next !== null) {
      if ([...open.values()].every(({ shown }) => !shown) || next - start > INTENT_BYTES) break
      continue
    }
    readBackToMs = Date.parse(record.at)
    const isAnswered = outcome !== undefined && filter.outcome === undefined
    if (fits(record, filter) && !isAnswered) {
      const shown = hasText(bytes, filter)
      if (shown) lines.push(lineOf(record, null))
      if (record.intent !== undefined) open.set(record.intent, { record, shown })
    }
    if (filter.fromMs !== undefined && readBackToMs < filter.fromMs - CLOCK_SLACK_MS) break
    if (start > 0 && (lines.length >= most || end - start > MOST_BYTES)) next = start
  }
  lines.sort((a, b) => b.sequence - a.sequence)
  return { lines, damaged, next: next === null ? null : String(next), readBackToMs }
}

function readRecord(bytes: Uint8Array): AuditRecord | undefined {
  const sealed = readSealed(bytes) as AuditRecord | undefined
  const isRecord = typeof sealed?.at === 'string' && typeof sealed.resource === 'string' && typeof sealed.verb === 'string'
  return isRecord ? sealed : undefined
}

function lineOf(record: AuditRecord, intent: AuditLine['intent']): AuditLine {
  const { sequence, at, actor, peer, requestId, verb, resource, outcome, detail = null, before = null, after = null } = record
  const who = actor === null ? null : { user: actor.user, role: actor.role }
  return { sequence, atMs: Date.parse(at), actor: who, peer, requestId, verb, resource, outcome, detail, before, after, intent }
}

function fits(record: AuditRecord, { user, verb, outcome, cluster, fromMs, toMs }: AuditFilter): boolean {
  const atMs = Date.parse(record.at)
  return (
    (user === undefined || record.actor?.user === user) &&
    (verb === undefined || record.verb === verb) &&
    (outcome === undefined || record.outcome === outcome) &&
    (cluster === undefined || record.resource === `cluster ${cluster}` || record.resource.startsWith(`cluster ${cluster}, `)) &&
    (fromMs === undefined || atMs >= fromMs) &&
    (toMs === undefined || atMs <= toMs)
  )
}

function hasText(bytes: Buffer, { text }: AuditFilter): boolean {
  return text === undefined || bytes.toString('utf8').toLowerCase().includes(text.toLowerCase())
}

async function endsLine(file: FileHandle, end: number): Promise<boolean> {
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, end - 1)
  return buffer[0] === 0x0a
}

/**
 * The lines before `end`, the last one first, each with the place where it begins. What has no end yet is being written just now, and is
 * left out. Undefined bytes: here begins something that is no file of lines.
 */
async function* linesBack(
  file: FileHandle,
  end: number
): AsyncGenerator<{ readonly bytes: Buffer; readonly start: number } | { readonly bytes: undefined; readonly start: number }> {
  let position = end
  let rest: Buffer = Buffer.alloc(0)
  let isLast = true
  while (position > 0) {
    const length = Math.min(STRETCH_BYTES, position)
    position -= length
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
    const bytes = Buffer.concat([buffer.subarray(0, bytesRead), rest])
    let stop = bytes.length
    for (let at = bytes.lastIndexOf(0x0a); at !== -1; at = stop === 0 ? -1 : bytes.lastIndexOf(0x0a, stop - 1)) {
      if (!isLast) yield { bytes: bytes.subarray(at + 1, stop), start: position + at + 1 }
      isLast = false
      stop = at
    }
    rest = bytes.subarray(0, stop)
    if (rest.length > LONGEST_LINE_BYTES) {
      yield { bytes: undefined, start: position }
      return
    }
  }
  if (!isLast) yield { bytes: rest, start: 0 }
}
