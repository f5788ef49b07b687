import { sameBytes } from '../bytes.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { defineCommand, firstKey } from './define-command.ts'

type Options = {
  /** The first match that counts, from the head; negative: from the tail. */
  rank: number
  /** How many matches are wanted: undefined for one, given alone; 0 for all. */
  count: number | undefined
  /** Elements to look at; 0 for all. */
  visits: number
}

const LARGEST = 9_223_372_036_854_775_807n

function readOptions(ctx: CommandContext, args: Args): Options | undefined {
  const options: Options = { rank: 1, count: undefined, visits: 0 }
  for (let at = 3; at < args.length; at += 2) {
    const problem = at + 1 < args.length ? readOption(options, args, at) : errors.syntax
    if (problem === undefined) continue
    ctx.reply.error(problem)
    return undefined
  }
  return options
}

/** Returns the error, if there is one. */
function readOption(options: Options, args: Args, at: number): string | undefined {
  const number = args.integer(at + 1)
  if (args.is(at, 'RANK')) {
    if (number === undefined) return errors.notAnInteger
    if (number < -LARGEST) return 'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807'
    if (number === 0) {
      return "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list"
    }
    options.rank = Number(number)
  } else if (args.is(at, 'COUNT')) {
    if (number === undefined || number < 0) return "ERR COUNT can't be negative"
    options.count = Number(number)
  } else if (args.is(at, 'MAXLEN')) {
    if (number === undefined || number < 0) return "ERR MAXLEN can't be negative"
    options.visits = Number(number)
  } else return errors.syntax
  return undefined
}

export const lpos = defineCommand({
  name: 'LPOS',
  group: 'list',
  since: '6.0.6',
  summary: 'Returns the positions of elements that equal one.',
  arity: -3,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => {
    const options = readOptions(ctx, args)
    if (!options) return
    const list = ctx.read('list', args.bytes(1))
    if (list === 'wrong') return
    const wanted = options.count ?? 1
    const found: number[] = []
    if (list) {
      const isReverse = options.rank < 0
      let matchesToSkip = Math.abs(options.rank) - 1
      let index = isReverse ? list.length - 1 : 0
      let visitsLeft = options.visits === 0 ? list.length : options.visits
      for (const element of list.items(0, list.length - 1, isReverse)) {
        if (visitsLeft-- === 0) break
        if (sameBytes(element, args.bytes(2)) && matchesToSkip-- <= 0) {
          found.push(index)
          if (found.length === wanted) break
        }
        index += isReverse ? -1 : 1
      }
    }
    if (options.count === undefined) {
      const [first] = found
      if (first === undefined) ctx.reply.null()
      else ctx.reply.integer(first)
      return
    }
    ctx.reply.array(found.length)
    for (const index of found) ctx.reply.integer(index)
  }
})
