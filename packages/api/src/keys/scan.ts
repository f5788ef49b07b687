import { type Command, ErrorReply, type Reply } from '@slotscope/observer'
import type { KeyRow, KeyType, ScanAnswer, ScanRequest } from '@slotscope/observer/stream'
import { type AskedCluster, askNode, sound } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import { keySlot } from './key-slot.ts'
import { base64url, bytesOf, listOf, textOf, ttlOf } from './replies.ts'

/**
 * A page of keys costs at most 20 commands, whatever its length. SCAN names the keys of a window; the same SCAN once per type, from
 * the same cursor, tells their types, because it walks the same window. What is left (expiry, size) is asked for the rows in sight.
 */
const MOST_COMMANDS = 20
/** Keys walked over by one SCAN when most of them are expected not to match: about 0.1 ms of a node's time. */
const SPARSE_WINDOW = 1_000
/** Keys walked over in one answer when each of them is asked for its time to live: one command a key. */
const EXPIRY_WINDOW = 200
const keyTypes: readonly KeyType[] = ['string', 'list', 'set', 'zset', 'hash', 'stream']
const WINDOW_COMMANDS = 2
const TYPE_COMMANDS = 1 + keyTypes.length

/** Where a scan stands. It names the node, since the cursor of one node means nothing to another. */
type Position = { readonly shard: string; readonly node: string; readonly cursor: string; readonly walked: number }

/** One page of a scan. Throws `BAD_REQUEST` for a cursor that is not one of ours, `NOT_FOUND` for a shard that is not there. */
export async function scanKeys(cluster: AskedCluster, request: ScanRequest, totalKeys: number | null, nowMs: number): Promise<ScanAnswer> {
  const rows: KeyRow[] = []
  let commands = 0
  const { expiresWithinMs = null } = request
  let at: Position | null = request.cursor === null ? firstPosition(cluster, request.shard) : readCursor(cluster, request.cursor)
  let walked = at?.walked ?? 0
  while (at !== null && rows.length < request.count) {
    if (expiresWithinMs !== null && commands > 0) break
    if (commands + WINDOW_COMMANDS + (request.type === null ? TYPE_COMMANDS : 0) > MOST_COMMANDS) break
    const window =
      expiresWithinMs === null
        ? await walk(cluster, request, at, request.count - rows.length)
        : await walkExpiring(cluster, request, at, expiresWithinMs)
    commands += window.commands
    walked += window.walked
    rows.push(...window.rows)
    at = window.next === '0' ? nextShard(cluster, request.shard, at.shard, walked) : { ...at, cursor: window.next, walked }
  }
  // Windows overlap when a table is rehashed between two of them.
  const unique = [...new Map(rows.map((row) => [row.key, row])).values()]
  return { keys: unique, cursor: at && writeCursor(at), walked, total: Math.max(totalKeys ?? 0, walked), commands, atMs: nowMs }
}

type Window = { readonly rows: KeyRow[]; readonly next: string; readonly walked: number; readonly commands: number }

async function walk(cluster: AskedCluster, request: ScanRequest, at: Position, wanted: number): Promise<Window> {
  const sparse = request.pattern !== '' || request.type !== null
  const count = sparse ? SPARSE_WINDOW : Math.max(10, wanted)
  const select: Command = ['SELECT', String(request.database)]
  const scan = (type: KeyType | null): Command => [
    'SCAN',
    at.cursor,
    'COUNT',
    String(count),
    ...(request.pattern === '' ? [] : ['MATCH', request.pattern]),
    ...(type === null ? [] : ['TYPE', type])
  ]
  const [selected, scanned] = await askNode(cluster, at.node, [select, scan(request.type)], 'scan')
  sound(selected, at.node)
  const [next, found] = listOf(sound(scanned, at.node))
  const keys = listOf(found)
  const window = { next: textOf(next), walked: count }
  if (keys.length === 0) return { ...window, rows: [], commands: WINDOW_COMMANDS }
  if (request.type !== null) {
    const { type } = request
    return { ...window, rows: keys.map((key) => row(key, type, at.shard)), commands: WINDOW_COMMANDS }
  }
  const replies = await askNode(cluster, at.node, [select, ...keyTypes.map(scan)], 'scan')
  const typeOf = new Map<string, KeyType>()
  keyTypes.forEach((type, index) => {
    for (const key of listOf(listOf(sound(replies[index + 1], at.node))[1])) typeOf.set(base64url(key), type)
  })
  const rows = keys.map((key) => row(key, typeOf.get(base64url(key)) ?? 'other', at.shard))
  return { ...window, rows, commands: WINDOW_COMMANDS + TYPE_COMMANDS }
}

/** One window, and of each of its keys the time to live; of those that fit, the type. */
async function walkExpiring(cluster: AskedCluster, request: ScanRequest, at: Position, withinMs: number): Promise<Window> {
  const select: Command = ['SELECT', String(request.database)]
  const scan: Command = [
    'SCAN',
    at.cursor,
    'COUNT',
    String(EXPIRY_WINDOW),
    ...(request.pattern === '' ? [] : ['MATCH', request.pattern]),
    ...(request.type === null ? [] : ['TYPE', request.type])
  ]
  let commands = 0
  const ask = async (...asked: Command[]) => {
    commands += asked.length + 1
    const [selected, ...replies] = await askNode(cluster, at.node, [select, ...asked], 'scan')
    sound(selected, at.node)
    return replies
  }
  const [scanned] = await ask(scan)
  const [next, found] = listOf(sound(scanned, at.node))
  const keys = listOf(found).map(bytesOf)
  const ttls = keys.length === 0 ? [] : await ask(...keys.map((key): Command => ['PTTL', key]))
  const fitting = keys.flatMap((key, index) => {
    const reply = ttls[index]
    // A slot that has just moved takes its keys along; they are found where they are now, or in the next scan.
    if (reply instanceof ErrorReply && (reply.code === 'MOVED' || reply.code === 'ASK')) return []
    const ttlMs = ttlOf(sound(reply, at.node))
    return ttlMs !== null && ttlMs <= withinMs ? [{ key, ttlMs }] : []
  })
  const types = request.type !== null || fitting.length === 0 ? [] : await ask(...fitting.map(({ key }): Command => ['TYPE', key]))
  const rows = fitting.map(({ key, ttlMs }, index) => ({ ...row(key, request.type ?? textOf(types[index]), at.shard), ttlMs }))
  return { rows: rows.filter(({ type }) => type !== 'none'), next: textOf(next), walked: EXPIRY_WINDOW, commands }
}

function row(key: Reply, type: string, shard: string): KeyRow {
  return { key: base64url(key), type, slot: keySlot(bytesOf(key)), shard, ttlMs: null, size: null, detailed: false }
}

function firstPosition(cluster: AskedCluster, shard: string | null): Position | null {
  if (shard !== null && cluster.core().shards[shard] === undefined) throw new ApiFailure('NOT_FOUND', `no shard ${shard} in this cluster`)
  return shard === null ? nextShard(cluster, null, '', 0) : positionAt(cluster, shard, 0)
}

/** Shards are walked in the order of their keys, so that the next one is known even when shards come and go meanwhile. */
function nextShard(cluster: AskedCluster, only: string | null, after: string, walked: number): Position | null {
  if (only !== null) return null
  const { shards } = cluster.core()
  const next = Object.keys(shards)
    .filter((key) => key > after && (shards[key]?.slotCount ?? 0) > 0)
    .sort()[0]
  return next === undefined ? null : positionAt(cluster, next, walked)
}

function positionAt(cluster: AskedCluster, shard: string, walked: number): Position {
  const known = cluster.core().shards[shard]
  if (known?.primary == null) throw new ApiFailure('CLUSTER_UNREACHABLE', `shard ${known?.label ?? shard} has no primary to scan`)
  return { shard, node: known.primary, cursor: '0', walked }
}

function writeCursor(at: Position): string {
  return Buffer.from(JSON.stringify([at.shard, at.node, at.cursor, at.walked])).toString('base64url')
}

function readCursor(cluster: AskedCluster, text: string): Position {
  const [shard, node, cursor, walked] = parsed(text)
  if (typeof shard !== 'string' || typeof node !== 'string' || typeof cursor !== 'string' || !/^\d{1,20}$/.test(cursor) || !isCount(walked))
    throw new ApiFailure('BAD_REQUEST', 'the cursor is not one that a scan answered')
  const known = cluster.core().shards[shard]
  if (known === undefined) throw new ApiFailure('NOT_FOUND', 'the shard that was being scanned is gone: begin again')
  // After a failover another table is walked: this shard begins anew.
  return known.primary === node ? { shard, node, cursor, walked } : positionAt(cluster, shard, walked)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function parsed(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}
