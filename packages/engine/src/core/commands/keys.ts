import { Glob } from '../keyspace/glob.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { allKeys, type CommandDefinition, defineCommand, firstKey } from './define-command.ts'
import { copy, move, rename, renamenx } from './keys-copy.ts'
import { expire, expireat, expiretime, persist, pexpire, pexpireat, pexpiretime, pttl, ttl } from './keys-expiry.ts'
import { object } from './keys-object.ts'
import { slotOfPattern } from './scan.ts'

function remove(ctx: CommandContext, args: Args) {
  let removed = 0
  for (let i = 1; i < args.length; i++) {
    const key = args.bytes(i)
    if (!ctx.lookup(ctx.database, key)) continue
    ctx.database.remove(key)
    ctx.changed(key)
    ctx.notify('g', 'del', key)
    removed++
  }
  ctx.reply.integer(removed)
}

const del = defineCommand({
  name: 'DEL',
  group: 'generic',
  since: '1.0.0',
  summary: 'Removes keys.',
  arity: -2,
  flags: ['write'],
  keys: allKeys,
  run: remove
})

const unlink = defineCommand({
  name: 'UNLINK',
  group: 'generic',
  since: '4.0.0',
  summary: 'Removes keys; their memory is given back later.',
  arity: -2,
  flags: ['write', 'fast'],
  keys: allKeys,
  run: remove
})

function countPresent(ctx: CommandContext, args: Args, use: boolean) {
  let present = 0
  for (let i = 1; i < args.length; i++) {
    const entry = ctx.look(args.bytes(i))
    if (!entry) continue
    present++
    // Also for a client that otherwise leaves no traces (`lookupKey`).
    if (use) ctx.database.noteUse(entry.record)
  }
  ctx.reply.integer(present)
}

const exists = defineCommand({
  name: 'EXISTS',
  group: 'generic',
  since: '1.0.0',
  summary: 'Counts which of the keys are there; a key given twice counts twice.',
  arity: -2,
  flags: ['readonly', 'fast'],
  keys: allKeys,
  run: (ctx, args) => countPresent(ctx, args, false)
})

const touch = defineCommand({
  name: 'TOUCH',
  group: 'generic',
  since: '3.2.1',
  summary: 'Counts which of the keys are there and marks them as used just now.',
  arity: -2,
  flags: ['readonly', 'fast'],
  keys: allKeys,
  run: (ctx, args) => countPresent(ctx, args, true)
})

const type = defineCommand({
  name: 'TYPE',
  group: 'generic',
  since: '1.0.0',
  summary: 'Returns what kind of value a key holds.',
  arity: 2,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  run: (ctx, args) => ctx.reply.simple(ctx.look(args.bytes(1))?.value.type ?? 'none')
})

const keys = defineCommand({
  name: 'KEYS',
  group: 'generic',
  since: '1.0.0',
  summary: 'Returns the names of all keys of the selected database that match a pattern.',
  arity: 2,
  flags: ['readonly'],
  run: (ctx, args) => {
    const { database } = ctx
    const glob = new Glob(args.bytes(1))
    const slot = slotOfPattern(args.bytes(1))
    const found: Uint8Array[] = []
    for (const occupied of slot === undefined ? database.occupiedSlots() : [slot]) {
      for (const [key, entry] of database.entriesOf(occupied)) {
        if (ctx.visibleNowMs <= entry.deadlineMs && glob.matches(key)) found.push(key)
      }
    }
    ctx.reply.array(found.length)
    for (const key of found) ctx.reply.bulk(key)
  }
})

/** Draws after which RANDOMKEY settles for what it has: nearly all keys have expired, and active expiry is at work. */
const DRAWS = 100

const randomkey = defineCommand({
  name: 'RANDOMKEY',
  group: 'generic',
  since: '1.0.0',
  summary: 'Returns the name of a random key of the selected database.',
  arity: 1,
  flags: ['readonly'],
  run: (ctx) => {
    const { database, node } = ctx
    for (let draw = 0; draw < DRAWS; draw++) {
      const key = database.random((bound) => node.random.below(bound))
      if (!key) break
      if (ctx.lookup(database, key)) return ctx.reply.bulk(key)
    }
    ctx.reply.null()
  }
})

const dbsize = defineCommand({
  name: 'DBSIZE',
  group: 'server',
  since: '1.0.0',
  summary: 'Returns the number of keys in the selected database.',
  arity: 1,
  flags: ['readonly', 'fast'],
  run: (ctx) => ctx.reply.integer(ctx.database.size)
})

function flush(ctx: CommandContext, args: Args, databases: number | 'all') {
  if (args.length > 2 || (args.length === 2 && !args.is(1, 'SYNC') && !args.is(1, 'ASYNC'))) return ctx.reply.error(errors.syntax)
  ctx.node.flush(databases)
  // It is passed on even when nothing was there: a replica may hold what we do not.
  ctx.dirty++
  ctx.reply.ok()
}

const flushdb = defineCommand({
  name: 'FLUSHDB',
  group: 'server',
  since: '1.0.0',
  summary: 'Removes all keys of the selected database on this node.',
  arity: -1,
  flags: ['write'],
  run: (ctx, args) => flush(ctx, args, ctx.client.database)
})

const flushall = defineCommand({
  name: 'FLUSHALL',
  group: 'server',
  since: '1.0.0',
  summary: 'Removes all keys of all databases on this node.',
  arity: -1,
  flags: ['write'],
  run: (ctx, args) => flush(ctx, args, 'all')
})

const INT_MIN = -2_147_483_648
const INT_MAX = 2_147_483_647

const swapdb = defineCommand({
  name: 'SWAPDB',
  group: 'server',
  since: '4.0.0',
  summary: 'Exchanges the keys of two databases; a node of a cluster refuses it.',
  arity: 3,
  flags: ['write', 'fast'],
  run: (ctx, args) => {
    const { keyspace, node, reply } = ctx
    if (node.clusterEnabled) return reply.error('ERR SWAPDB is not allowed in cluster mode')
    const [first, second] = [args.integerBetween(1, INT_MIN, INT_MAX), args.integerBetween(2, INT_MIN, INT_MAX)]
    if (first === undefined) return reply.error('ERR invalid first DB index')
    if (second === undefined) return reply.error('ERR invalid second DB index')
    if (Math.min(first, second) < 0 || Math.max(first, second) >= keyspace.count) return reply.error(errors.databaseRange)
    node.swapDatabases(first, second)
    ctx.dirty++
    reply.ok()
  }
})

export const keyCommands: readonly CommandDefinition[] = [
  copy,
  dbsize,
  del,
  exists,
  expire,
  expireat,
  expiretime,
  flushall,
  flushdb,
  keys,
  move,
  object,
  persist,
  pexpire,
  pexpireat,
  pexpiretime,
  pttl,
  randomkey,
  rename,
  renamenx,
  swapdb,
  touch,
  ttl,
  type,
  unlink
]
