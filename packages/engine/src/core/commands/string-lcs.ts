import type { StringValue } from '../keyspace/values/string.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { defineCommand, firstTwoKeys } from './define-command.ts'

type Options = { length: boolean; indexes: boolean; matchLengths: boolean; shortest: number }

/** A stretch that two strings share, by its first place in each. */
type Match = { readonly first: number; readonly second: number; readonly length: number }

export const lcs = defineCommand({
  name: 'LCS',
  group: 'string',
  since: '7.0.0',
  summary: 'Finds the longest common subsequence of two strings.',
  arity: -3,
  flags: ['readonly'],
  keys: firstTwoKeys,
  run: (ctx, args) => {
    const { reply } = ctx
    const first = ctx.find(args.bytes(1))
    const second = ctx.find(args.bytes(2))
    if ((first && first.value.type !== 'string') || (second && second.value.type !== 'string')) {
      return reply.error('ERR The specified keys must contain string values')
    }
    const options = readOptions(args)
    if (typeof options === 'string') return reply.error(options)
    const a = (first?.value as StringValue | undefined)?.bytes ?? NOTHING
    const b = (second?.value as StringValue | undefined)?.bytes ?? NOTHING
    if ((a.length + 1) * (b.length + 1) * 4 > ctx.node.config.number('proto-max-bulk-len')) {
      return reply.error('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len')
    }
    answer(ctx, a, b, options)
  }
})

const NOTHING = new Uint8Array(0)

function readOptions(args: Args): Options | string {
  const options: Options = { length: false, indexes: false, matchLengths: false, shortest: 0 }
  for (let i = 3; i < args.length; i++) {
    if (args.is(i, 'IDX')) options.indexes = true
    else if (args.is(i, 'LEN')) options.length = true
    else if (args.is(i, 'WITHMATCHLEN')) options.matchLengths = true
    else if (args.is(i, 'MINMATCHLEN') && i + 1 < args.length) {
      const shortest = args.integer(++i)
      if (shortest === undefined) return errors.notAnInteger
      options.shortest = Number(shortest)
    } else return errors.syntax
  }
  return options.length && options.indexes ? 'ERR If you want both the length and indexes, please just use IDX.' : options
}

function answer({ reply }: CommandContext, a: Uint8Array, b: Uint8Array, options: Options): void {
  const lengths = commonLengths(a, b)
  if (!lengths) return reply.error('ERR Insufficient memory, failed allocating transient memory for LCS')
  const length = lengths[lengths.length - 1] as number
  if (options.length) return reply.integer(length)
  const matches = matchesOf(a, b, lengths)
  if (!options.indexes) return reply.bulk(textOf(a, matches, length))
  const shown = matches.filter((match) => match.length >= options.shortest)
  reply.map(2)
  reply.latin1('matches')
  reply.array(shown.length)
  for (const match of shown) {
    reply.array(options.matchLengths ? 3 : 2)
    for (const start of [match.first, match.second]) {
      reply.array(2)
      reply.integer(start)
      reply.integer(start + match.length - 1)
    }
    if (options.matchLengths) reply.integer(match.length)
  }
  reply.latin1('len')
  reply.integer(length)
}

/**
 * How long the subsequence is of the first i bytes of one and the first j of the other, in rows of `b.length + 1`. Undefined when
 * the host has no memory for so many.
 */
function commonLengths(a: Uint8Array, b: Uint8Array): Uint32Array | undefined {
  const width = b.length + 1
  const lengths = tableOf((a.length + 1) * width)
  if (!lengths) return undefined
  for (let i = 1; i <= a.length; i++) {
    const byte = a[i - 1]
    const row = i * width
    for (let j = 1; j <= b.length; j++) {
      const above = lengths[row - width + j] as number
      const left = lengths[row + j - 1] as number
      lengths[row + j] = byte === b[j - 1] ? (lengths[row - width + j - 1] as number) + 1 : Math.max(above, left)
    }
  }
  return lengths
}

function tableOf(count: number): Uint32Array | undefined {
  try {
    return new Uint32Array(count)
  } catch {
    return undefined
  }
}

/** The stretches of the subsequence, the last first; where there is a choice, the one that the reference makes. */
function matchesOf(a: Uint8Array, b: Uint8Array, lengths: Uint32Array): Match[] {
  const width = b.length + 1
  const matches: Match[] = []
  let [i, j, run] = [a.length, b.length, 0]
  const endRun = () => {
    if (run > 0) matches.push({ first: i, second: j, length: run })
    run = 0
  }
  while (i > 0 && j > 0) {
    if (a[i - 1] === b[j - 1]) {
      run++
      i--
      j--
      continue
    }
    endRun()
    if ((lengths[(i - 1) * width + j] as number) > (lengths[i * width + j - 1] as number)) i--
    else j--
  }
  endRun()
  return matches
}

function textOf(a: Uint8Array, matches: readonly Match[], length: number): Uint8Array {
  const text = new Uint8Array(length)
  let end = length
  for (const { first, length: size } of matches) {
    end -= size
    text.set(a.subarray(first, first + size), end)
  }
  return text
}
