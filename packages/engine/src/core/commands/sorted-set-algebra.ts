import { ByteTable } from '../keyspace/byte-table.ts'
import type { SetValue } from '../keyspace/values/set.ts'
import { SortedSetValue } from '../keyspace/values/sorted-set.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { countedKeys } from './counted-keys.ts'
import { type CommandDefinition, defineCommand } from './define-command.ts'
import { storeResult } from './sorted-set-range.ts'

type Operation = 'union' | 'inter' | 'diff'

/** A sorted set, or a set, whose members then all have the score 1. */
type Operand = SortedSetValue | SetValue

type Request = {
  readonly operands: readonly (Operand | undefined)[]
  readonly weights: number[]
  aggregate: 'SUM' | 'MIN' | 'MAX'
  withScores: boolean
}

/** The number of keys at `index` and the values at them. Writes the error and returns undefined when they make no sense. */
function readOperands(ctx: CommandContext, args: Args, index: number, isRead: boolean): (Operand | undefined)[] | undefined {
  const problem = (text: string) => {
    ctx.reply.error(text)
    return undefined
  }
  const keyCount = args.integer(index)
  if (keyCount === undefined) return problem(errors.notAnInteger)
  if (keyCount < 1) return problem(`ERR at least 1 input key is needed for '${ctx.commandName}' command`)
  if (keyCount > args.length - index - 1) return problem(errors.syntax)
  const operands: (Operand | undefined)[] = []
  for (let i = index + 1; i <= index + Number(keyCount); i++) {
    const value = (isRead ? ctx.find(args.bytes(i)) : ctx.lookup(ctx.database, args.bytes(i)))?.value
    if (value && value.type !== 'zset' && value.type !== 'set') return problem(errors.wrongType)
    operands.push(value)
  }
  return operands
}

function readRequest(ctx: CommandContext, args: Args, index: number, operation: Operation, isStored: boolean): Request | undefined {
  const operands = readOperands(ctx, args, index, !isStored)
  if (!operands) return undefined
  const request: Request = { operands, weights: operands.map(() => 1), aggregate: 'SUM', withScores: false }
  const problem = (text: string) => {
    ctx.reply.error(text)
    return undefined
  }
  for (let at = index + 1 + operands.length; at < args.length; at++) {
    const left = args.length - at - 1
    if (operation !== 'diff' && args.is(at, 'WEIGHTS') && left >= operands.length) {
      for (let i = 0; i < operands.length; i++) {
        const weight = args.double(++at)
        if (weight === undefined) return problem('ERR weight value is not a float')
        request.weights[i] = weight
      }
    } else if (operation !== 'diff' && args.is(at, 'AGGREGATE') && left >= 1) {
      const aggregate = (['SUM', 'MIN', 'MAX'] as const).find((word) => args.is(at + 1, word))
      if (!aggregate) return problem(errors.syntax)
      request.aggregate = aggregate
      at++
    } else if (!isStored && args.is(at, 'WITHSCORES')) request.withScores = true
    else return problem(errors.syntax)
  }
  return request
}

function scoreIn(operand: Operand, member: Uint8Array): number | undefined {
  return operand.type === 'zset' ? operand.score(member) : operand.has(member) ? 1 : undefined
}

function* scored(operand: Operand): Generator<[member: Uint8Array, score: number]> {
  if (operand.type === 'zset') yield* operand.entries()
  else for (const member of operand.members()) yield [member, 1]
}

/** What is not a number counts as nothing: infinity times zero, and infinity less infinity. */
function orZero(score: number): number {
  return Number.isNaN(score) ? 0 : score
}

function combine(a: number, b: number, aggregate: Request['aggregate']): number {
  if (aggregate === 'SUM') return orZero(a + b)
  // What is not a number is neither less nor more, and of two zeros the first stays (`zunionInterAggregate`).
  const replaces = aggregate === 'MIN' ? b < a : b > a
  return replaces ? b : a
}

type Weighted = { readonly operand: Operand | undefined; readonly weight: number }

/** The smallest first, as the reference adds them up. */
function bySize({ operands, weights }: Request): Weighted[] {
  const weighted = operands.map((operand, index) => ({ operand, weight: weights[index] as number }))
  return weighted.sort((a, b) => (a.operand?.size ?? 0) - (b.operand?.size ?? 0))
}

function union(request: Request): Iterable<[Uint8Array, number]> {
  const scores = new ByteTable<number>()
  for (const { operand, weight } of bySize(request)) {
    if (!operand) continue
    for (const [member, score] of scored(operand)) {
      const weighed = orZero(score * weight)
      const sum = scores.get(member)
      scores.set(member, sum === undefined ? weighed : combine(sum, weighed, request.aggregate))
    }
  }
  return scores.entries()
}

function* intersection(request: Request): Generator<[Uint8Array, number]> {
  const [smallest, ...others] = bySize(request)
  if (!smallest?.operand) return
  for (const [member, score] of scored(smallest.operand)) {
    let sum = orZero(score * smallest.weight)
    let isInAll = true
    for (const { operand, weight } of others) {
      const other = operand && scoreIn(operand, member)
      if (other === undefined) {
        isInAll = false
        break
      }
      // Only the first is looked at for not being a number (`zunionInterDiffGenericCommand`).
      sum = combine(sum, other * weight, request.aggregate)
    }
    if (isInAll) yield [member, sum]
  }
}

function* difference({ operands: [first, ...others] }: Request): Generator<[Uint8Array, number]> {
  if (!first) return
  for (const [member, score] of scored(first)) {
    if (!others.some((operand) => operand && scoreIn(operand, member) !== undefined)) yield [member, score]
  }
}

function compute(operation: Operation, request: Request): SortedSetValue {
  const pairs = operation === 'union' ? union(request) : operation === 'inter' ? intersection(request) : difference(request)
  // Results are made as skiplists, which know a negative zero, and packed when they are stored.
  const result = new SortedSetValue()
  result.expect(Number.POSITIVE_INFINITY, 0)
  for (const [member, score] of pairs) result.set(member, score)
  return result
}

function answer(ctx: CommandContext, args: Args, operation: Operation) {
  const { reply } = ctx
  const request = readRequest(ctx, args, 1, operation, false)
  if (!request) return
  const result = compute(operation, request)
  const isNested = request.withScores && reply.protocol === 3
  reply.array(request.withScores && !isNested ? result.size * 2 : result.size)
  result.visit(0, result.size, false, (member, score) => {
    if (isNested) reply.array(2)
    reply.bulk(member)
    if (request.withScores) reply.double(score)
    return true
  })
}

function store(ctx: CommandContext, args: Args, operation: Operation): void {
  const request = readRequest(ctx, args, 2, operation, true)
  if (!request) return
  const result = compute(operation, request)
  result.pack()
  storeResult(ctx, args.bytes(1), result, `z${operation}store`)
}

const readDefinition = {
  group: 'sorted-set',
  since: '6.2.0',
  arity: -3,
  flags: ['readonly', 'movablekeys'],
  keys: countedKeys(1)
} as const satisfies Partial<CommandDefinition>

const storeDefinition = {
  group: 'sorted-set',
  arity: -4,
  flags: ['write', 'denyoom', 'movablekeys'],
  keys: countedKeys(2, [1])
} as const satisfies Partial<CommandDefinition>

export const zunion = defineCommand({
  name: 'ZUNION',
  summary: 'Returns the members that any of the sorted sets has, scores combined.',
  ...readDefinition,
  run: (ctx, args) => answer(ctx, args, 'union')
})

export const zinter = defineCommand({
  name: 'ZINTER',
  summary: 'Returns the members that all sorted sets have, scores combined.',
  ...readDefinition,
  run: (ctx, args) => answer(ctx, args, 'inter')
})

export const zdiff = defineCommand({
  name: 'ZDIFF',
  summary: 'Returns the members of the first sorted set that none of the others has.',
  ...readDefinition,
  run: (ctx, args) => answer(ctx, args, 'diff')
})

export const zunionstore = defineCommand({
  name: 'ZUNIONSTORE',
  since: '2.0.0',
  summary: 'Stores the members that any of the sorted sets has, scores combined.',
  ...storeDefinition,
  run: (ctx, args) => store(ctx, args, 'union')
})

export const zinterstore = defineCommand({
  name: 'ZINTERSTORE',
  since: '2.0.0',
  summary: 'Stores the members that all sorted sets have, scores combined.',
  ...storeDefinition,
  run: (ctx, args) => store(ctx, args, 'inter')
})

export const zdiffstore = defineCommand({
  name: 'ZDIFFSTORE',
  since: '6.2.0',
  summary: 'Stores the members of the first sorted set that none of the others has.',
  ...storeDefinition,
  run: (ctx, args) => store(ctx, args, 'diff')
})

export const zintercard = defineCommand({
  name: 'ZINTERCARD',
  group: 'sorted-set',
  since: '7.0.0',
  summary: 'Counts the members that all sorted sets have, up to a limit if wanted.',
  arity: -3,
  flags: ['readonly', 'movablekeys'],
  keys: countedKeys(1),
  run: (ctx, args) => {
    const operands = readOperands(ctx, args, 1, true)
    if (!operands) return
    let limit = Number.POSITIVE_INFINITY
    for (let at = 2 + operands.length; at < args.length; at += 2) {
      if (!args.is(at, 'LIMIT') || at + 1 >= args.length) return ctx.reply.error(errors.syntax)
      const given = args.integer(at + 1)
      if (given === undefined || given < 0) return ctx.reply.error("ERR LIMIT can't be negative")
      limit = given === 0 ? Number.POSITIVE_INFINITY : Number(given)
    }
    let count = 0
    const request: Request = { operands, weights: operands.map(() => 1), aggregate: 'SUM', withScores: false }
    for (const _ of intersection(request)) if (++count >= limit) break
    ctx.reply.integer(count)
  }
})
