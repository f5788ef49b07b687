import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { countedKeys } from './counted-keys.ts'
import { type CommandDefinition, defineCommand, firstTwoKeys, keysBeforeLast } from './define-command.ts'
import { endAt, type ListEnd, moveElement, popFirstList, popOne } from './list-pop.ts'
import { readMultiPop } from './multi-pop.ts'
import { keysBeforeTime, runOrWait } from './run-or-wait.ts'

/** Takes one element of the first list that is there; what others hear of is the plain pop. False: there is none. */
function popFirst(ctx: CommandContext, args: Args, end: ListEnd): boolean {
  for (let i = 1; i < args.length - 1; i++) {
    const key = args.bytes(i)
    const list = ctx.write('list', key)
    if (list === 'wrong') return true
    if (!list) continue
    ctx.reply.array(2)
    ctx.reply.bulk(key)
    popOne(ctx, key, list, end)
    ctx.propagateAs(end === 'head' ? 'LPOP' : 'RPOP', key)
    return true
  }
  return false
}

function blockingPop(ctx: CommandContext, args: Args, end: ListEnd): void {
  const attempt = (again: CommandContext, given: Args) => popFirst(again, given, end)
  runOrWait(ctx, args, { type: 'list', keys: keysBeforeTime(args), timeoutAt: args.length - 1, attempt })
}

export const blpop = defineCommand({
  name: 'BLPOP',
  group: 'list',
  since: '2.0.0',
  summary: 'Removes and returns the head of the first list, of several, that is there; waits for one.',
  arity: -3,
  flags: ['write', 'blocking'],
  keys: keysBeforeLast,
  run: (ctx, args) => blockingPop(ctx, args, 'head')
})

export const brpop = defineCommand({
  name: 'BRPOP',
  group: 'list',
  since: '2.0.0',
  summary: 'Removes and returns the tail of the first list, of several, that is there; waits for one.',
  arity: -3,
  flags: ['write', 'blocking'],
  keys: keysBeforeLast,
  run: (ctx, args) => blockingPop(ctx, args, 'tail')
})

function blockingMove(ctx: CommandContext, args: Args, from: ListEnd, to: ListEnd, timeoutAt: number): void {
  const attempt = (again: CommandContext, given: Args) => {
    const source = again.write('list', given.bytes(1))
    if (!source) return false
    if (source !== 'wrong') move(again, given, from, to)
    return true
  }
  runOrWait(ctx, args, { type: 'list', keys: [1], timeoutAt, attempt, nothing: 'null' })
}

/** What others hear of is the command that does not wait. */
function move(ctx: CommandContext, args: Args, from: ListEnd, to: ListEnd): void {
  moveElement(ctx, args, from, to)
  if (ctx.dirty === 0) return
  const keys = [args.copy(1), args.copy(2)] as const
  if (ctx.commandName === 'brpoplpush') ctx.propagateAs('RPOPLPUSH', ...keys)
  else ctx.propagateAs('LMOVE', ...keys, args.copy(3), args.copy(4))
}

export const blmove = defineCommand({
  name: 'BLMOVE',
  group: 'list',
  since: '6.2.0',
  summary: 'Moves an element from an end of one list to an end of another, and returns it; waits for one.',
  arity: 6,
  flags: ['write', 'denyoom', 'blocking'],
  keys: firstTwoKeys,
  run: (ctx, args) => {
    const from = endAt(args, 3)
    const to = endAt(args, 4)
    if (!from || !to) return ctx.reply.error(errors.syntax)
    blockingMove(ctx, args, from, to, 5)
  }
})

export const brpoplpush = defineCommand({
  name: 'BRPOPLPUSH',
  group: 'list',
  since: '2.2.0',
  summary: 'Moves an element from the tail of one list to the head of another, and returns it; waits for one.',
  arity: 4,
  flags: ['write', 'denyoom', 'blocking'],
  keys: firstTwoKeys,
  run: (ctx, args) => blockingMove(ctx, args, 'tail', 'head', 3)
})

export const blmpop = defineCommand({
  name: 'BLMPOP',
  group: 'list',
  since: '7.0.0',
  summary: 'Removes and returns elements from the first list, of several, that is there; waits for one.',
  arity: -5,
  flags: ['write', 'blocking', 'movablekeys'],
  keys: countedKeys(2),
  run: (ctx, args) => {
    const wanted = readMultiPop(ctx, args, 2, endAt)
    if (!wanted) return
    const attempt = (again: CommandContext, given: Args) => popFirstList(again, given, wanted)
    runOrWait(ctx, args, { type: 'list', keys: wanted.keyIndexes, timeoutAt: 1, attempt })
  }
})

export const listBlockingCommands: readonly CommandDefinition[] = [blpop, brpop, blmove, brpoplpush, blmpop]
