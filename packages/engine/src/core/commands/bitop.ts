import { NEVER } from '../keyspace/entry.ts'
import { StringValue } from '../keyspace/values/string.ts'
import { errors } from '../resp/errors.ts'
import { type CommandDefinition, defineCommand } from './define-command.ts'

type Operation = (a: number, b: number) => number

const operations: Readonly<Record<'AND' | 'OR' | 'XOR', Operation>> = {
  AND: (a, b) => a & b,
  OR: (a, b) => a | b,
  XOR: (a, b) => a ^ b
}

export const bitop: CommandDefinition = defineCommand({
  name: 'BITOP',
  group: 'bitmap',
  since: '2.6.0',
  summary: 'Combines strings bit by bit and stores the result.',
  arity: -4,
  flags: ['write', 'denyoom'],
  keys: { first: 2, last: -1, step: 1 },
  run: (ctx, args) => {
    const isNot = args.is(1, 'NOT')
    const name = (['AND', 'OR', 'XOR'] as const).find((word) => args.is(1, word))
    if (!isNot && name === undefined) return ctx.reply.error(errors.syntax)
    if (isNot && args.length !== 4) return ctx.reply.error('ERR BITOP NOT must be called with a single source key.')
    const sources: Uint8Array[] = []
    for (let i = 3; i < args.length; i++) {
      const value = ctx.read('string', args.bytes(i))
      if (value === 'wrong') return
      sources.push(value?.bytes ?? new Uint8Array(0))
    }
    const result = name === undefined ? inverse(sources[0] as Uint8Array) : combined(sources, operations[name])
    const target = args.bytes(2)
    if (result.length === 0) {
      // Expired or not: the reference does not look.
      if (ctx.database.remove(target)) {
        ctx.changed(target)
        ctx.notify('g', 'del', target)
      }
      return ctx.reply.integer(0)
    }
    ctx.lookup(ctx.database, target)
    const value = new StringValue()
    value.write(0, result)
    ctx.database.put(target, value, NEVER)
    ctx.changed(target)
    ctx.notify('$', 'set', target)
    ctx.reply.integer(result.length)
  }
})

function inverse(source: Uint8Array): Uint8Array {
  return source.map((byte) => ~byte)
}

/** As long as the longest; shorter ones count as followed by zeros. */
function combined([first, ...others]: readonly Uint8Array[], operation: Operation): Uint8Array {
  const result = new Uint8Array(others.reduce((longest, { length }) => Math.max(longest, length), first?.length ?? 0))
  if (first) result.set(first)
  for (const other of others)
    for (let i = 0; i < result.length; i++) result[i] = operation(result[i] as number, i < other.length ? (other[i] as number) : 0)
  return result
}
