import { latin1Bytes } from '../bytes.ts'
import { geohashText, positionOf, scoreTextAt } from '../geo/cell.ts'
import { distance } from '../geo/shape.ts'
import { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, defineCommand, firstKey } from './define-command.ts'
import { distanceText, readPosition, readUnit, writeCoordinate } from './geo-arguments.ts'
import { geosearchCommands } from './geo-search.ts'
import { zadd } from './sorted-set-add.ts'

const geoadd = defineCommand({
  name: 'GEOADD',
  group: 'geo',
  since: '3.2.0',
  summary: 'Adds members with positions, or gives members other positions.',
  arity: -5,
  flags: ['write', 'denyoom'],
  keys: firstKey,
  run: (ctx, args) => {
    let first = 2
    while (args.is(first, 'NX') || args.is(first, 'XX') || args.is(first, 'CH')) first++
    const has = (word: string) => Array.from({ length: first - 2 }, (_, i) => i + 2).some((index) => args.is(index, word))
    if ((args.length - first) % 3 !== 0 || (has('XX') && has('NX'))) return ctx.reply.error(errors.syntax)
    const parts = [latin1Bytes('ZADD'), ...Array.from({ length: first - 1 }, (_, i) => args.bytes(i + 1))]
    for (let i = first; i < args.length; i += 3) {
      const position = readPosition(ctx, args, i)
      if (!position) return
      parts.push(latin1Bytes(scoreTextAt(position)), args.bytes(i + 2))
    }
    const rewritten = Args.of(parts)
    zadd.run?.(ctx, rewritten)
    if (ctx.dirty > 0) ctx.propagateAs(...rewritten.copies())
  }
})

/** One element per member: what `write` makes of its score, or what `writeMissing` writes. */
function eachMember(ctx: CommandContext, args: Args, write: (score: number) => void, writeMissing: () => void) {
  const set = ctx.read('zset', args.bytes(1))
  if (set === 'wrong') return
  ctx.reply.array(args.length - 2)
  for (let i = 2; i < args.length; i++) {
    const score = set?.score(args.bytes(i))
    if (score === undefined) writeMissing()
    else write(score)
  }
}

const geopos = defineCommand({
  name: 'GEOPOS',
  group: 'geo',
  since: '3.2.0',
  summary: 'Returns the longitude and the latitude of members.',
  arity: -2,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) =>
    eachMember(
      ctx,
      args,
      (score) => {
        const { longitude, latitude } = positionOf(score)
        ctx.reply.array(2)
        writeCoordinate(ctx, longitude)
        writeCoordinate(ctx, latitude)
      },
      () => ctx.reply.nullArray()
    )
})

const geohash = defineCommand({
  name: 'GEOHASH',
  group: 'geo',
  since: '3.2.0',
  summary: 'Returns the positions of members as geohash texts.',
  arity: -2,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) =>
    eachMember(
      ctx,
      args,
      (score) => ctx.reply.latin1(geohashText(positionOf(score))),
      () => ctx.reply.null()
    )
})

const geodist = defineCommand({
  name: 'GEODIST',
  group: 'geo',
  since: '3.2.0',
  summary: 'Returns the distance between two members.',
  arity: -4,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => {
    if (args.length > 5) return ctx.reply.error(errors.syntax)
    const metres = args.length === 5 ? readUnit(ctx, args, 4) : 1
    if (metres === undefined) return
    const set = ctx.read('zset', args.bytes(1))
    if (set === 'wrong') return
    const [from, to] = [set?.score(args.bytes(2)), set?.score(args.bytes(3))]
    if (from === undefined || to === undefined) return ctx.reply.null()
    ctx.reply.latin1(distanceText(distance(positionOf(from), positionOf(to)) / metres))
  }
})

export const geoCommands: readonly CommandDefinition[] = [geoadd, geopos, geohash, geodist, ...geosearchCommands]
