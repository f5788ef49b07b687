import { latin1Bytes } from '../bytes.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'

/** How a time is given: in seconds or milliseconds, from now or from 1970. */
export type TimeForm = { readonly inSeconds: boolean; readonly isRelative: boolean }

export const SECONDS_FROM_NOW: TimeForm = { inSeconds: true, isRelative: true }
export const MILLISECONDS_FROM_NOW: TimeForm = { inSeconds: false, isRelative: true }
export const UNIX_SECONDS: TimeForm = { inSeconds: true, isRelative: false }
export const UNIX_MILLISECONDS: TimeForm = { inSeconds: false, isRelative: false }

const LARGEST = 9_223_372_036_854_775_807n
/** The last deadline that a double holds and a 64-bit integer too. */
const LAST_DEADLINE_MS = 2 ** 63 - 1024

/** The form named by the option at `index`: EX, PX, EXAT, PXAT. */
export function timeFormAt(args: Args, index: number): TimeForm | undefined {
  if (args.is(index, 'EX')) return SECONDS_FROM_NOW
  if (args.is(index, 'PX')) return MILLISECONDS_FROM_NOW
  if (args.is(index, 'EXAT')) return UNIX_SECONDS
  if (args.is(index, 'PXAT')) return UNIX_MILLISECONDS
  return undefined
}

/**
 * A time as unix milliseconds; undefined when that leaves 64 bits. Beyond 2^53 (the year 287396) a deadline is a double's
 * neighbour of what was asked for.
 */
export function toDeadlineMs(time: number | bigint, form: TimeForm, nowMs: number): number | undefined {
  if (typeof time === 'number' && Math.abs(time) < 2 ** 42) return time * (form.inSeconds ? 1000 : 1) + (form.isRelative ? nowMs : 0)
  const milliseconds = BigInt(time) * (form.inSeconds ? 1000n : 1n)
  if (milliseconds > LARGEST || milliseconds < -LARGEST - 1n) return undefined
  const deadline = milliseconds + (form.isRelative ? BigInt(nowMs) : 0n)
  return deadline > LARGEST ? undefined : Math.min(Number(deadline), LAST_DEADLINE_MS)
}

/**
 * The deadline given at `index`, for options that need a time above zero (SET, GETEX, SETEX). Writes the error and returns
 * undefined when it is none.
 */
export function readDeadlineMs(ctx: CommandContext, args: Args, index: number, form: TimeForm): number | undefined {
  const time = args.integer(index)
  if (time === undefined) {
    ctx.reply.error(errors.notAnInteger)
    return undefined
  }
  const deadlineMs = time <= 0 ? undefined : toDeadlineMs(time, form, ctx.nowMs)
  if (deadlineMs === undefined) ctx.reply.error(errors.invalidExpire(ctx.commandName))
  return deadlineMs
}

/** As `readDeadlineMs`, for options of hash fields, where zero is a time too: it has passed. */
export function readFieldDeadlineMs(ctx: CommandContext, args: Args, index: number, form: TimeForm): number | undefined {
  const time = args.integer(index)
  if (time === undefined) {
    ctx.reply.error(errors.notAnInteger)
    return undefined
  }
  const deadlineMs = time < 0 ? undefined : toDeadlineMs(time, form, ctx.nowMs)
  if (deadlineMs === undefined) ctx.reply.error(errors.invalidExpire(ctx.commandName))
  return deadlineMs
}

/** Milliseconds as seconds, half up, as TTL and its kind print them. */
export function toSeconds(milliseconds: number): number {
  return Math.floor((milliseconds + 500) / 1000)
}

/** A deadline for a command that is propagated. */
export function deadlineText(deadlineMs: number): string {
  return Number.isSafeInteger(deadlineMs) ? String(deadlineMs) : BigInt(deadlineMs).toString()
}

/** The same as bytes, not to be changed. */
export function deadlineBytes(deadlineMs: number): Uint8Array {
  if (deadlineMs !== lastDeadline.ms) {
    lastDeadline.ms = deadlineMs
    lastDeadline.bytes = latin1Bytes(deadlineText(deadlineMs))
  }
  return lastDeadline.bytes
}

/** What comes in a pipeline often has one deadline. */
const lastDeadline = { ms: 0, bytes: latin1Bytes('0') }

/** A deadline for a reply. */
export function exactInteger(value: number): number | bigint {
  return Number.isSafeInteger(value) ? value : BigInt(value)
}

/**
 * Does a command that sets this deadline remove at once instead? On a primary yes, when it is not in the future; what comes
 * from a primary or an import source is stored as it is, since only that side may remove.
 */
export function isAlreadyPast(ctx: CommandContext, deadlineMs: number): boolean {
  return ctx.mayExpire && deadlineMs <= ctx.nowMs
}

/** Removes a key that a command gave a deadline in the past: replicas get UNLINK, subscribers `expired`. */
export function removeAsExpired(ctx: CommandContext, key: Uint8Array): void {
  ctx.database.remove(key)
  ctx.node.stats.expiredKeys++
  ctx.changed(key)
  ctx.notify('x', 'expired', key)
  ctx.propagateAs('UNLINK', key)
}
