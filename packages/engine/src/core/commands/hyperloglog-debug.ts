import { latin1Bytes } from '../bytes.ts'
import { MOST, REGISTERS } from '../hyperloglog/registers.ts'
import { countOf, Sketch } from '../hyperloglog/sketch.ts'
import type { StringValue } from '../keyspace/values/string.ts'
import { Random } from '../prng.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { defineCommand } from './define-command.ts'
import { brokenSketch, sketchAt } from './hyperloglog-value.ts'

export const pfdebug = defineCommand({
  name: 'PFDEBUG',
  group: 'hyperloglog',
  since: '2.8.9',
  summary: 'Shows how a HyperLogLog is kept: ENCODING, DECODE, GETREG; TODENSE makes it dense.',
  arity: 3,
  flags: ['write', 'denyoom', 'admin'],
  keys: { first: 2, last: 2, step: 1 },
  run: (ctx, args) => {
    const { reply } = ctx
    const value = sketchAt(ctx, args.bytes(2), true)
    if (value === 'wrong') return
    if (!value) return reply.error('ERR The specified key does not exist')
    // Whatever is asked, the string is one that can be edited from then on (`dbUnshareStringValue`).
    value.replaceEdited(value.bytes.slice())
    const sketch = Sketch.of(value.bytes)
    const wasDense = sketch.isDense
    if (args.is(1, 'ENCODING')) reply.simple(wasDense ? 'dense' : 'sparse')
    else if (args.is(1, 'DECODE')) {
      if (wasDense) reply.error('ERR HLL encoding is not sparse')
      else reply.latin1(sketch.describe())
    } else if (args.is(1, 'TODENSE')) {
      if (makeDense(ctx, value, sketch)) reply.integer(wasDense ? 0 : 1)
    } else if (args.is(1, 'GETREG')) {
      // To be shown the registers are unpacked, and stay so (`pfdebugCommand`).
      if (makeDense(ctx, value, sketch)) writeRegisters(ctx, sketch)
    } else reply.error(errors.unknownPfdebug(args.text(1)))
  }
})

/** False, with the error written, when it cannot be read. Nobody who watches the key is told: it counts what it counted. */
function makeDense(ctx: CommandContext, value: StringValue, sketch: Sketch): boolean {
  if (sketch.isDense) return true
  if (!sketch.toDense()) {
    ctx.reply.error(brokenSketch)
    return false
  }
  value.replaceEdited(sketch.bytes.slice())
  ctx.changedUnwatched()
  return true
}

function writeRegisters({ reply }: CommandContext, sketch: Sketch): void {
  const registers = sketch.registers() ?? new Uint8Array(0)
  reply.array(registers.length)
  for (const value of registers) reply.integer(value)
}

export const pfselftest = defineCommand({
  name: 'PFSELFTEST',
  group: 'hyperloglog',
  since: '2.8.9',
  summary: 'Tries out on sketches of its own that registers keep what they hold, and that counts are as near as they should be.',
  arity: 1,
  flags: ['admin'],
  run: ({ reply }) => {
    const problem = problemWithRegisters() ?? problemWithCounts()
    if (problem === undefined) reply.ok()
    else reply.error(`TESTFAILED ${problem}`)
  }
})

/** Every register gets a value, in both forms, and still has it when its neighbours have theirs. */
function problemWithRegisters(): string | undefined {
  const random = new Random(1)
  const expected = Uint8Array.from({ length: REGISTERS }, () => random.below(MOST + 1))
  const sketch = Sketch.empty()
  sketch.toDense()
  for (const [register, value] of expected.entries()) sketch.raise(register, value, 0)
  const wrong = sketch.registers()?.findIndex((value, register) => value !== expected[register]) ?? 0
  return wrong < 0 ? undefined : `register ${wrong} does not hold what was put there`
}

/** The standard error of so many registers; nearly every count is within six of it. */
const RELATIVE_ERROR = 1.04 / Math.sqrt(REGISTERS)
const MOST_ELEMENTS = 100_000

function problemWithCounts(): string | undefined {
  const dense = Sketch.empty()
  dense.toDense()
  const growing = Sketch.empty()
  for (let count = 1, checked = 1; count <= MOST_ELEMENTS; count++) {
    const element = latin1Bytes(`element ${count}`)
    dense.add(element, 0)
    growing.add(element, SPARSE_BYTES)
    if (count !== checked) continue
    checked *= 10
    const [one, other] = [dense, growing].map((sketch) => countOf(sketch.registers() ?? new Uint8Array(REGISTERS)))
    if (one !== other) return `${count} elements count as ${one} in one form and as ${other} in the other`
    const most = Math.max(1, Math.ceil(6 * RELATIVE_ERROR * count))
    if (Math.abs((one ?? 0) - count) > most) return `${count} elements count as ${one}`
  }
  return undefined
}

const SPARSE_BYTES = 3_000
