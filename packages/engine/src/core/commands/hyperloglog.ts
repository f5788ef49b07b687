import { REGISTERS } from '../hyperloglog/registers.ts'
import { countOf, mergeInto, Sketch } from '../hyperloglog/sketch.ts'
import { NEVER } from '../keyspace/entry.ts'
import { StringValue } from '../keyspace/values/string.ts'
import type { Args } from '../resp/args.ts'
import type { CommandContext } from './context.ts'
import { allKeys, type CommandDefinition, defineCommand, firstKey } from './define-command.ts'
import { pfdebug, pfselftest } from './hyperloglog-debug.ts'
import { brokenSketch, sketchAt } from './hyperloglog-value.ts'

/** `hll-sparse-max-bytes`, its default: a sketch that would become longer is dense. The setting does not exist here. */
const MOST_SPARSE_BYTES = 3_000

const pfadd = defineCommand({
  name: 'PFADD',
  group: 'hyperloglog',
  since: '2.8.9',
  summary: 'Counts elements in a HyperLogLog; says whether its estimate may have changed.',
  arity: -2,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const key = args.bytes(1)
    const found = sketchAt(ctx, key, true)
    if (found === 'wrong') return
    const sketch = found ? Sketch.of(found.bytes) : Sketch.empty()
    let changes = found ? 0 : 1
    for (let i = 2; i < args.length; i++) {
      const raised = sketch.add(args.bytes(i), MOST_SPARSE_BYTES)
      if (raised === undefined) {
        if (found && changes > 0) keepBroken(ctx, key, found, sketch, changes)
        return ctx.reply.error(brokenSketch)
      }
      if (raised) changes++
    }
    if (changes > 0) {
      sketch.forgetCount()
      keep(ctx, key, found, sketch)
      ctx.changed(key, changes)
      ctx.notify('$', 'pfadd', key)
    }
    ctx.reply.integer(changes > 0 ? 1 : 0)
  }
})

/**
 * What was counted before the break was met stays counted, as in the reference (`hllSparseSet` works in place). It tells its replicas nothing of
 * that; ours get the value, so that they do not differ.
 */
function keepBroken(ctx: CommandContext, key: Uint8Array, found: StringValue, sketch: Sketch, changes: number): void {
  keep(ctx, key, found, sketch)
  ctx.changed(key, changes)
  ctx.propagateAs('SET', key, sketch.bytes.slice(), 'KEEPTTL')
}

function keep(ctx: CommandContext, key: Uint8Array, found: StringValue | undefined, sketch: Sketch): void {
  const value = found ?? new StringValue()
  value.replaceEdited(sketch.bytes.slice())
  if (!found) ctx.database.put(key, value, NEVER)
}

/** The registers of all keys from `first` on, the greatest of each. Writes the error and returns undefined for what is no sketch. */
function merged(
  ctx: CommandContext,
  args: Args,
  first: number
): { readonly registers: Uint8Array; readonly anyDense: boolean } | undefined {
  const registers = new Uint8Array(REGISTERS)
  let anyDense = false
  for (let i = first; i < args.length; i++) {
    const value = sketchAt(ctx, args.bytes(i), false)
    if (value === 'wrong') return undefined
    if (!value) continue
    const sketch = Sketch.of(value.bytes)
    anyDense ||= sketch.isDense
    const own = sketch.registers()
    if (!own) {
      ctx.reply.error(brokenSketch)
      return undefined
    }
    mergeInto(registers, own)
  }
  return { registers, anyDense }
}

const pfcount = defineCommand({
  name: 'PFCOUNT',
  group: 'hyperloglog',
  since: '2.8.9',
  summary: 'Returns about how many different elements were counted, in all of the keys together.',
  arity: -2,
  flags: ['readonly'],
  mayReplicate: true,
  keys: allKeys,
  run: (ctx, args) => {
    if (args.length > 2) {
      const all = merged(ctx, args, 1)
      if (all) ctx.reply.integer(countOf(all.registers))
      return
    }
    const key = args.bytes(1)
    const value = sketchAt(ctx, key, false)
    if (value === 'wrong') return
    if (!value) return ctx.reply.integer(0)
    const sketch = Sketch.of(value.bytes)
    const known = sketch.knownCount
    if (known !== undefined) return ctx.reply.integer(known)
    const registers = sketch.registers()
    if (!registers) return ctx.reply.error(brokenSketch)
    const count = countOf(registers)
    ctx.reply.integer(count)
    // The count is kept in the value, and replicas are told, as by the reference (`pfcountCommand`); but not while slots are on their
    // way out, whose keys only writes may touch.
    if (ctx.node.role !== 'primary' || ctx.node.migrations.exporting) return
    sketch.setCount(count)
    ctx.findForWrite(key)
    value.replaceEdited(sketch.bytes.slice())
    ctx.changed(key)
    ctx.propagateAs('PFCOUNT', key)
  }
})

const pfmerge = defineCommand({
  name: 'PFMERGE',
  group: 'hyperloglog',
  since: '2.8.9',
  summary: 'Adds what other HyperLogLogs have counted to the one at a key.',
  arity: -2,
  flags: ['write', 'denyoom'],
  keys: allKeys,
  run: (ctx, args) => {
    const all = merged(ctx, args, 1)
    if (!all) return
    const key = args.bytes(1)
    const found = sketchAt(ctx, key, true)
    if (found === 'wrong') return
    const sketch = found ? Sketch.of(found.bytes) : Sketch.empty()
    if (all.anyDense && !sketch.toDense()) return ctx.reply.error(brokenSketch)
    for (const [register, value] of all.registers.entries()) if (value > 0) sketch.raise(register, value, MOST_SPARSE_BYTES)
    sketch.forgetCount()
    keep(ctx, key, found, sketch)
    ctx.changed(key)
    // The reference has no event of its own for it.
    ctx.notify('$', 'pfadd', key)
    ctx.reply.ok()
  }
})

export const hyperloglogCommands: readonly CommandDefinition[] = [pfadd, pfcount, pfmerge, pfdebug, pfselftest]
