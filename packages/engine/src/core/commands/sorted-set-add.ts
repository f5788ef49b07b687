import { NEVER } from '../keyspace/entry.ts'
import { SortedSetValue } from '../keyspace/values/sorted-set.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { defineCommand, firstKey } from './define-command.ts'

type Options = {
  readonly nx: boolean
  readonly xx: boolean
  readonly gt: boolean
  readonly lt: boolean
  readonly countChanges: boolean
  readonly increment: boolean
  /** Index of the first score. */
  readonly first: number
}

const NO_OPTIONS: Options = { nx: false, xx: false, gt: false, lt: false, countChanges: false, increment: false, first: 2 }

/** Scores of the command that is running. */
let scores = new Float64Array(16)

function parseOptions(args: Args): Options {
  // Nearly every score begins with a digit, a sign or a point, and no option does.
  if ((args.source[args.offset(2)] as number) < 65) return NO_OPTIONS
  const options = { ...NO_OPTIONS } as { -readonly [name in keyof Options]: Options[name] }
  for (; options.first < args.length; options.first++) {
    const at = options.first
    if (args.is(at, 'NX')) options.nx = true
    else if (args.is(at, 'XX')) options.xx = true
    else if (args.is(at, 'GT')) options.gt = true
    else if (args.is(at, 'LT')) options.lt = true
    else if (args.is(at, 'CH')) options.countChanges = true
    else if (args.is(at, 'INCR')) options.increment = true
    else break
  }
  return options
}

/** What is wrong with the options, if anything. */
function problemOf(options: Options, elements: number): string | undefined {
  if (elements === 0 || elements % 2 === 1) return errors.syntax
  if (options.nx && options.xx) return 'ERR XX and NX options at the same time are not compatible'
  if ((options.gt && options.nx) || (options.lt && options.nx) || (options.gt && options.lt)) {
    return 'ERR GT, LT, and/or NX options at the same time are not compatible'
  }
  if (options.increment && elements > 2) return 'ERR INCR option supports a single increment-element pair'
  return undefined
}

function add(ctx: CommandContext, args: Args, options: Options) {
  const { reply } = ctx
  const { first, increment } = options
  const problem = problemOf(options, args.length - first)
  if (problem) return reply.error(problem)
  const count = (args.length - first) / 2
  if (count > scores.length) scores = new Float64Array(2 * count)
  let longestBytes = 0
  for (let i = 0; i < count; i++) {
    const score = args.double(first + i * 2)
    if (score === undefined) return reply.error(errors.notAFloat)
    scores[i] = score
    longestBytes = Math.max(longestBytes, args.size(first + i * 2 + 1))
  }
  const found = ctx.writeAt('zset', args, 1)
  if (found === 'wrong') return
  if (!found && options.xx) return increment ? reply.null() : reply.integer(0)
  const set = found ?? new SortedSetValue()
  // What it takes is another figure then, even if nothing comes in.
  if (set.expect(count, longestBytes) && found) ctx.database.noteChanged(args.bytes(1))
  let added = 0
  let updated = 0
  let result: number | undefined
  for (let i = 0; i < count; i++) {
    const given = scores[i] as number
    const member = first + i * 2 + 1
    const number = set.locate(args.source, args.offset(member), args.size(member))
    const current = set.scoreAt(number)
    const score = increment && current !== undefined ? current + given : given
    if (Number.isNaN(score)) return reply.error('ERR resulting score is not a number (NaN)')
    if (!isAllowed(options, current, score)) continue
    result = score
    if (current === score) continue
    if (current === undefined) added++
    else updated++
    set.setAt(number, args.source, args.offset(member), args.size(member), score)
  }
  if (!found && added > 0) ctx.database.put(args.bytes(1), set, NEVER)
  if (added + updated > 0) ctx.changedAt(args, 1, added + updated, 'z', increment ? 'zincr' : 'zadd')
  if (!increment) return reply.integer(options.countChanges ? added + updated : added)
  if (result === undefined) return reply.null()
  reply.double(result)
}

function isAllowed(options: Options, current: number | undefined, score: number): boolean {
  if (current === undefined) return !options.xx
  if (options.nx) return false
  return !(options.gt && score <= current) && !(options.lt && score >= current)
}

export const zadd = defineCommand({
  name: 'ZADD',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Adds members with scores, or gives members other scores.',
  arity: -4,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  fieldAt: 3,
  run: (ctx, args) => add(ctx, args, parseOptions(args))
})

export const zincrby = defineCommand({
  name: 'ZINCRBY',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Adds to the score of a member.',
  arity: 4,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  fieldAt: 3,
  run: (ctx, args) => add(ctx, args, { ...parseOptions(args), increment: true })
})
