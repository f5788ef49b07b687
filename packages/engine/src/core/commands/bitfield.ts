import { bitsAt, withBits } from '../bits.ts'
import { EMPTY_BYTES, latin1Text } from '../bytes.ts'
import { NEVER } from '../keyspace/entry.ts'
import { StringValue } from '../keyspace/values/string.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import { readBitOffset } from './bit-offset.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, defineCommand, firstKey } from './define-command.ts'

type Overflow = 'WRAP' | 'SAT' | 'FAIL'
/** `i16`, `u8` ... */
type IntegerType = { readonly isSigned: boolean; readonly width: number }
type Step =
  | { readonly kind: 'GET'; readonly type: IntegerType; readonly offset: number }
  | {
      readonly kind: 'SET' | 'INCRBY'
      readonly type: IntegerType
      readonly offset: number
      readonly operand: bigint
      readonly overflow: Overflow
    }

/** i1 to i64 and u1 to u63: an unsigned number of 64 bits could not be answered. */
function readType(bytes: Uint8Array): IntegerType | undefined {
  const parts = /^([iu])([1-9]\d?)$/.exec(latin1Text(bytes.subarray(0, 4)))
  if (!parts) return undefined
  const isSigned = parts[1] === 'i'
  const width = Number(parts[2])
  return width <= (isSigned ? 64 : 63) ? { isSigned, width } : undefined
}

/** All steps, or undefined with the error written: nothing is done when one of them makes no sense. */
function readSteps(ctx: CommandContext, args: Args, isReadOnly: boolean): Step[] | undefined {
  const problem = (text: string) => {
    ctx.reply.error(text)
    return undefined
  }
  const steps: Step[] = []
  let overflow: Overflow = 'WRAP'
  for (let at = 2; at < args.length; ) {
    const left = args.length - at - 1
    if (args.is(at, 'OVERFLOW') && left >= 1) {
      const word = (['WRAP', 'SAT', 'FAIL'] as const).find((one) => args.is(at + 1, one))
      if (!word) return problem('ERR Invalid OVERFLOW type specified')
      overflow = word
      at += 2
      continue
    }
    const kind =
      args.is(at, 'GET') && left >= 2 ? 'GET' : left >= 3 ? (['SET', 'INCRBY'] as const).find((one) => args.is(at, one)) : undefined
    if (!kind) return problem(errors.syntax)
    const type = readType(args.bytes(at + 1))
    if (!type) return problem('ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.')
    const offset = readBitOffset(ctx, args, at + 2, type.width)
    if (offset === undefined) return undefined
    if (kind === 'GET') {
      steps.push({ kind, type, offset })
      at += 3
      continue
    }
    const operand = args.integer(at + 3)
    if (operand === undefined) return problem(errors.notAnInteger)
    steps.push({ kind, type, offset, operand: BigInt(operand), overflow })
    at += 4
  }
  if (isReadOnly && steps.some(({ kind }) => kind !== 'GET')) return problem('ERR BITFIELD_RO only supports the GET subcommand')
  return steps
}

function read(bytes: Uint8Array, { isSigned, width }: IntegerType, offset: number): bigint {
  const bits = bitsAt(bytes, offset, width)
  return isSigned ? BigInt.asIntN(width, bits) : bits
}

const MOST_INTEGER = 2n ** 63n - 1n

/** The number as this type holds it; undefined when it does not fit and nothing is to be done then. `isGiven`: by SET, not by adding. */
function fitted(value: bigint, { isSigned, width }: IntegerType, overflow: Overflow, isGiven: boolean): bigint | undefined {
  const wrapped = isSigned ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value)
  if (wrapped === value || overflow === 'WRAP') return wrapped
  if (overflow === 'FAIL') return undefined
  const bits = BigInt(width)
  if (isSigned) {
    const most = (1n << (bits - 1n)) - 1n
    // Far below the range the reference's own room for growth overflows, and it goes to the other end (`checkSignedBitfieldOverflow`).
    return value < 0n && !(isGiven && most - value > MOST_INTEGER) ? -most - 1n : most
  }
  return value < 0n ? 0n : (1n << bits) - 1n
}

/** To an unsigned type a negative number is a very large one (`checkUnsignedBitfieldOverflow`). */
function asGiven(operand: bigint, { isSigned }: IntegerType): bigint {
  return isSigned ? operand : BigInt.asUintN(64, operand)
}

function answer(ctx: CommandContext, number: bigint): void {
  const near = Number(number)
  ctx.reply.integer(Number.isSafeInteger(near) ? near : number)
}

function run(ctx: CommandContext, args: Args, isReadOnly: boolean) {
  const steps = readSteps(ctx, args, isReadOnly)
  if (!steps) return
  const key = args.bytes(1)
  const ends = steps.map((step) => (step.kind === 'GET' ? 0 : step.offset + step.type.width))
  const writtenBits = ends.reduce((most, end) => Math.max(most, end), 0)
  const found = writtenBits > 0 ? ctx.write('string', key) : ctx.read('string', key)
  if (found === 'wrong') return
  const value = found ?? new StringValue()
  const lengthBefore = value.length
  if (writtenBits > 0) {
    // Whatever the steps come to, the string is as long as the furthest of them needs.
    const last = Math.ceil(writtenBits / 8) - 1
    value.write(last, Uint8Array.of(value.bytes[last] ?? 0))
    if (!found) ctx.database.put(key, value, NEVER)
  }
  let changes = 0
  ctx.reply.array(steps.length)
  for (const step of steps) {
    const old = read(found || writtenBits > 0 ? value.bytes : EMPTY_BYTES, step.type, step.offset)
    if (step.kind === 'GET') {
      answer(ctx, old)
      continue
    }
    const isGiven = step.kind === 'SET'
    const wanted = fitted(isGiven ? asGiven(step.operand, step.type) : old + step.operand, step.type, step.overflow, isGiven)
    if (wanted === undefined) {
      ctx.reply.null()
      continue
    }
    value.write(Math.floor(step.offset / 8), withBits(value.bytes, step.offset, step.type.width, wanted))
    answer(ctx, step.kind === 'SET' ? old : wanted)
    if (old !== wanted || value.length !== lengthBefore) changes++
  }
  if (changes === 0) return
  ctx.changed(key, changes)
  ctx.notify('$', 'setbit', key)
}

export const bitfield: CommandDefinition = defineCommand({
  name: 'BITFIELD',
  group: 'bitmap',
  since: '3.2.0',
  summary: 'Reads, sets and adds to integers of any width inside a string.',
  arity: -2,
  flags: ['write', 'denyoom'],
  keys: firstKey,
  run: (ctx, args) => run(ctx, args, false)
})

export const bitfieldRo: CommandDefinition = defineCommand({
  name: 'BITFIELD_RO',
  group: 'bitmap',
  since: '6.0.0',
  summary: 'Reads integers of any width inside a string.',
  arity: -2,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  run: (ctx, args) => run(ctx, args, true)
})
