import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { AuditVerdict } from '@slotscope/observer/stream'

/**
 * The chain of the audit: each line holds the hash of the line before it and its own, so that no line can be changed, taken out or put
 * in without every later one saying so. A line is canonical JSON, so that its bytes and what they mean are one.
 */
export type SealedLine = { readonly sequence: number; readonly previous: string; readonly hash: string }

/** What the first line holds in place of the hash of the line before it. */
export const CHAIN_BEGINS = '0'.repeat(64)

/** A line that follows `last`, without its line feed. `content` is taken as JSON takes it: what has no JSON is left out. */
export function seal(content: object, last: SealedLine | undefined): { readonly text: string; readonly line: SealedLine } {
  const sequence = (last?.sequence ?? 0) + 1
  const body = { ...(JSON.parse(JSON.stringify(content)) as object), sequence, previous: last?.hash ?? CHAIN_BEGINS }
  const line = { ...body, hash: hashOf(body) }
  return { text: canonicalJson(line), line }
}

/** The line that these bytes are, whole and with the hash that its content has; undefined for anything else. */
export function readSealed(bytes: Uint8Array): SealedLine | undefined {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || !('hash' in value) || !('sequence' in value) || !('previous' in value))
    return undefined
  const { hash, ...body } = value
  const isWhole = hash === hashOf(body) && Buffer.from(canonicalJson(value)).equals(bytes)
  return isWhole && Number.isInteger(body.sequence) && typeof body.previous === 'string' ? (value as SealedLine) : undefined
}

/**
 * Reads a whole audit file and says whether its chain holds; at the first line that does not fit it stops and names it. Lines that were
 * cut off at the end leave a chain that holds: with a hash that was `noted` elsewhere, the line that had it must be there too.
 */
export async function verifyAudit(path: string, noted?: string): Promise<AuditVerdict> {
  let lines = 0
  let isNoted = noted === undefined || noted === CHAIN_BEGINS
  let last: SealedLine | undefined
  const problem = (words: string): AuditVerdict => ({
    kept: true,
    lines,
    lastHash: last?.hash ?? null,
    problem: { line: lines + 1, words }
  })
  for await (const { bytes, ended } of linesOf(path)) {
    const line = readSealed(bytes)
    if (!ended) return problem('it is cut off: the line has no end')
    if (line === undefined) return problem('its content is not what its hash stands for')
    if (line.sequence !== lines + 1) return problem(`it says that it is line ${line.sequence}`)
    if (line.previous !== (last?.hash ?? CHAIN_BEGINS)) return problem('it does not follow the line before it')
    lines++
    last = line
    isNoted ||= line.hash === noted
  }
  if (!isNoted) return problem('no line has the hash that was noted: the end was cut off, or the whole was written anew')
  return { kept: true, lines, lastHash: last?.hash ?? null, problem: null }
}

/** JSON with the keys of every object in order and nothing between the signs: the same value always gives the same bytes. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`
}

function hashOf(body: unknown): string {
  return createHash('sha256').update(canonicalJson(body)).digest('hex')
}

/** Lines as bytes: a text decoder would make the same sign of different broken bytes. */
export async function* linesOf(path: string): AsyncGenerator<{ readonly bytes: Buffer; readonly ended: boolean }> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(path)) {
    let bytes = Buffer.concat([rest, chunk as Buffer])
    for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a)) {
      yield { bytes: bytes.subarray(0, end), ended: true }
      bytes = bytes.subarray(end + 1)
    }
    rest = bytes
  }
  if (rest.length > 0) yield { bytes: rest, ended: false }
}
