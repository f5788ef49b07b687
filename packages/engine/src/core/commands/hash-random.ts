import type { HashValue } from '../keyspace/values/hash.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { defineCommand, firstKey } from './define-command.ts'
import { distinctPicks, isTooManyPairs, readPickCount, writeRepeats } from './random-picks.ts'

type Field = readonly [field: Uint8Array, value: Uint8Array]

export const hrandfield = defineCommand({
  name: 'HRANDFIELD',
  group: 'hash',
  since: '6.2.0',
  summary: 'Returns fields at random: different ones, or, with a negative count, any.',
  arity: -2,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => {
    if (args.length === 2) {
      const hash = ctx.read('hash', args.bytes(1))
      if (hash !== 'wrong') ctx.reply.bulkOrNull(hash && drawer(ctx, hash)()?.[0])
      return
    }
    const count = readPickCount(ctx, args, 2)
    if (count === undefined) return
    const withValues = args.length === 4 && args.is(3, 'WITHVALUES')
    if (args.length > 4 || (args.length === 4 && !withValues)) return ctx.reply.error(errors.syntax)
    if (withValues && isTooManyPairs(count)) return ctx.reply.error(errors.outOfRange)
    const hash = ctx.read('hash', args.bytes(1))
    if (hash !== 'wrong') writePicks(ctx, hash, count, withValues)
  }
})

function writePicks(ctx: CommandContext, hash: HashValue | undefined, count: number | bigint, withValues: boolean) {
  const { reply } = ctx
  const live = hash?.liveSize(ctx.visibleNowMs) ?? 0
  if (!hash || live === 0 || count === 0) return reply.array(0)
  const draw = drawer(ctx, hash)
  const isNested = withValues && reply.protocol === 3
  const write = ([field, value]: Field) => {
    if (isNested) reply.array(2)
    reply.bulk(field)
    if (withValues) reply.bulk(value)
  }
  const perPick = withValues && !isNested ? 2 : 1
  if (count < 0) return writeRepeats(ctx, -count, perPick, () => write(draw() as Field))
  const random = ctx.node.random
  const picks = distinctPicks<Field>(
    count,
    live,
    () => liveFields(hash, ctx.visibleNowMs),
    draw,
    ([field]) => field,
    (bound) => random.below(bound)
  )
  reply.array(picks.length * perPick)
  for (const pick of picks) write(pick)
}

/**
 * Draws a field that has not expired; undefined when there is none. While most have expired, the others are listed once,
 * so that no draw takes unbounded time.
 */
function drawer(ctx: CommandContext, hash: HashValue): () => Field | undefined {
  const pick = (bound: number) => ctx.node.random.below(bound)
  const live = hash.liveSize(ctx.visibleNowMs)
  if (live === hash.size) return () => hash.random(pick) as Field | undefined
  const fields = [...liveFields(hash, ctx.visibleNowMs)]
  return () => (fields.length === 0 ? undefined : fields[pick(fields.length)])
}

function* liveFields(hash: HashValue, nowMs: number): Generator<Field> {
  for (const [field, value, deadlineMs] of hash.entries()) if (nowMs <= deadlineMs) yield [field, value]
}
