import { sameBytes } from '../bytes.ts'
import { NEVER } from '../keyspace/entry.ts'
import { SetValue } from '../keyspace/values/set.ts'
import { type CommandDefinition, defineCommand, firstKey, firstTwoKeys } from './define-command.ts'
import { sscan } from './scan.ts'
import { sdiff, sdiffstore, sinter, sintercard, sinterstore, sunion, sunionstore } from './set-algebra.ts'
import { spop, srandmember } from './set-random.ts'

const sadd = defineCommand({
  name: 'SADD',
  group: 'set',
  since: '1.0.0',
  summary: 'Adds members to a set.',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const key = args.bytes(1)
    const found = ctx.write('set', key)
    if (found === 'wrong') return
    const set = found ?? new SetValue()
    if (set.expect(args.length - 2, args.bytes(2)) && found) ctx.database.noteChanged(key)
    let added = 0
    for (let i = 2; i < args.length; i++) if (set.add(args.copy(i))) added++
    if (!found) ctx.database.put(key, set, NEVER)
    if (added > 0) {
      ctx.changed(key, added)
      ctx.notify('s', 'sadd', key)
    }
    ctx.reply.integer(added)
  }
})

const srem = defineCommand({
  name: 'SREM',
  group: 'set',
  since: '1.0.0',
  summary: 'Removes members from a set.',
  arity: -3,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const key = args.bytes(1)
    const set = ctx.write('set', key)
    if (set === 'wrong') return
    let removed = 0
    for (let i = 2; i < args.length; i++) if (set?.delete(args.bytes(i))) removed++
    if (set && removed > 0) {
      if (set.size === 0) ctx.database.remove(key)
      ctx.changed(key, removed)
      ctx.notify('s', 'srem', key)
      if (set.size === 0) ctx.notify('g', 'del', key)
    }
    ctx.reply.integer(removed)
  }
})

const smove = defineCommand({
  name: 'SMOVE',
  group: 'set',
  since: '1.0.0',
  summary: 'Moves a member from one set to another.',
  arity: 4,
  flags: ['write', 'fast'],
  keys: firstTwoKeys,
  run: (ctx, args) => {
    const { reply } = ctx
    const [sourceKey, targetKey, member] = [args.bytes(1), args.bytes(2), args.bytes(3)]
    // Both are looked up before either is judged: what has expired goes now.
    ctx.lookup(ctx.database, sourceKey)
    ctx.lookup(ctx.database, targetKey)
    const source = ctx.write('set', sourceKey)
    if (source === 'wrong') return
    if (!source) return reply.integer(0)
    const found = ctx.write('set', targetKey)
    if (found === 'wrong') return
    if (sameBytes(sourceKey, targetKey)) return reply.integer(source.has(member) ? 1 : 0)
    if (!source.delete(member)) return reply.integer(0)
    if (source.size === 0) ctx.database.remove(sourceKey)
    ctx.changed(sourceKey)
    ctx.notify('s', 'srem', sourceKey)
    if (source.size === 0) ctx.notify('g', 'del', sourceKey)
    const target = found ?? new SetValue()
    if (!found) target.expect(1, member)
    const isNew = target.add(args.copy(3))
    if (!found) ctx.database.put(targetKey, target, NEVER)
    if (isNew) {
      ctx.changed(targetKey)
      ctx.notify('s', 'sadd', targetKey)
    }
    reply.integer(1)
  }
})

const sismember = defineCommand({
  name: 'SISMEMBER',
  group: 'set',
  since: '1.0.0',
  summary: 'Tells whether a set has a member.',
  arity: 3,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const set = ctx.read('set', args.bytes(1))
    if (set !== 'wrong') ctx.reply.integer(set?.has(args.bytes(2)) ? 1 : 0)
  }
})

const smismember = defineCommand({
  name: 'SMISMEMBER',
  group: 'set',
  since: '6.2.0',
  summary: 'Tells which of several members a set has.',
  arity: -3,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const set = ctx.read('set', args.bytes(1))
    if (set === 'wrong') return
    ctx.reply.array(args.length - 2)
    for (let i = 2; i < args.length; i++) ctx.reply.integer(set?.has(args.bytes(i)) ? 1 : 0)
  }
})

const scard = defineCommand({
  name: 'SCARD',
  group: 'set',
  since: '1.0.0',
  summary: 'Returns the number of members.',
  arity: 2,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const set = ctx.read('set', args.bytes(1))
    if (set !== 'wrong') ctx.reply.integer(set?.size ?? 0)
  }
})

const smembers = defineCommand({
  name: 'SMEMBERS',
  group: 'set',
  since: '1.0.0',
  summary: 'Returns all members.',
  arity: 2,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => {
    const set = ctx.read('set', args.bytes(1))
    if (set === 'wrong') return
    ctx.reply.set(set?.size ?? 0)
    set?.tell((bytes, start, length) => ctx.reply.bulkOf(bytes, start, length))
  }
})

export const setCommands: readonly CommandDefinition[] = [
  sadd,
  scard,
  sdiff,
  sdiffstore,
  sinter,
  sintercard,
  sinterstore,
  sismember,
  smembers,
  smismember,
  smove,
  spop,
  srandmember,
  srem,
  sscan,
  sunion,
  sunionstore
]
