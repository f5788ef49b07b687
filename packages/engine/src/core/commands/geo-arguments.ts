import { isInWorld, type Position } from '../geo/cell.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'

const METRES = [
  ['M', 1],
  ['KM', 1000],
  ['FT', 0.3048],
  ['MI', 1609.34]
] as const

/** Longitude and latitude at `index` and after it. Writes the error and returns undefined when they are none. */
export function readPosition(ctx: CommandContext, args: Args, index: number): Position | undefined {
  const longitude = args.double(index)
  const latitude = longitude === undefined ? undefined : args.double(index + 1)
  if (longitude === undefined || latitude === undefined) {
    ctx.reply.error(errors.notAFloat)
    return undefined
  }
  const position = { longitude, latitude }
  if (isInWorld(position)) return position
  ctx.reply.error(`ERR invalid longitude,latitude pair ${sixDigits(longitude)},${sixDigits(latitude)}`)
  return undefined
}

/** How many metres the unit at `index` has. Writes the error and returns undefined for no unit. */
export function readUnit(ctx: CommandContext, args: Args, index: number): number | undefined {
  const unit = METRES.find(([word]) => args.is(index, word))
  if (!unit) ctx.reply.error('ERR unsupported unit provided. please use M, KM, FT, MI')
  return unit?.[1]
}

/** As C prints %f. */
function sixDigits(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.000000'
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`
}

/** A coordinate as replies print it: all digits that 17 places hold, without zeros at the end. */
export function writeCoordinate(ctx: CommandContext, degrees: number): void {
  ctx.reply.decimal(degrees.toFixed(17).replace(/\.?0+$/, ''))
}

/** A distance with four digits behind the point, halves to the even one (`fixedpoint_d2string`). */
export function distanceText(value: number): string {
  const scaled = value * 10_000
  const down = Math.floor(scaled)
  const rest = scaled - down
  const units = rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1
  const digits = String(units).padStart(5, '0')
  return `${digits.slice(0, -4)}.${digits.slice(-4)}`
}
