import type { PortableKey } from '@slotscope/observer/stream'

/** The first line of a file of keys. Each further line is a key; the last one says how many there are. */
export type KeyFileHead = {
  readonly slotscope: 'keys'
  readonly version: 1
  readonly cluster: string
  readonly database: number
  readonly valkeyVersion: string | null
  readonly atMs: number
}

export function headLine(head: Omit<KeyFileHead, 'slotscope' | 'version'>): string {
  return `${JSON.stringify({ slotscope: 'keys', version: 1, ...head })}\n`
}

export function keyLines(items: readonly PortableKey[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join('')
}

export function endLine(keys: number): string {
  return `${JSON.stringify({ end: true, keys })}\n`
}

/** What a line of such a file is. Throws with words for a person when it is none. */
export type KeyFileLine =
  | { readonly kind: 'head'; readonly head: KeyFileHead }
  | { readonly kind: 'key'; readonly item: PortableKey }
  | { readonly kind: 'end'; readonly keys: number }

export function readKeyLine(text: string, line: number): KeyFileLine {
  const parsed = parse(text)
  if (line === 1) {
    if (!isRecord(parsed) || parsed.slotscope !== 'keys') throw new Error('This is no file of keys: its first line does not say so.')
    if (parsed.version !== 1) throw new Error(`This file is of version ${String(parsed.version)}; only version 1 can be read here.`)
    return { kind: 'head', head: parsed as KeyFileHead }
  }
  if (isRecord(parsed) && parsed.end === true && typeof parsed.keys === 'number') return { kind: 'end', keys: parsed.keys }
  if (!isRecord(parsed) || typeof parsed.key !== 'string' || !('dump' in parsed || 'value' in parsed))
    throw new Error(`Line ${line} is no key.`)
  return { kind: 'key', item: parsed as PortableKey }
}

/** `main-db0-2026-11-27-101500.keys.jsonl` */
export function keyFileName(cluster: string, database: number, atMs: number): string {
  const at = new Date(atMs).toISOString().replace('T', '-').replaceAll(':', '').slice(0, 17)
  return `${cluster.replaceAll(/[^\w.-]+/g, '-')}-db${database}-${at}.keys.jsonl`
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
