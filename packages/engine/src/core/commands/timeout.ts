import { parseAnyDouble } from '../bytes.ts'
import type { Args } from '../resp/args.ts'

/** The largest 64-bit integer; instants beyond it are refused. */
const LATEST_MS = 2 ** 63

/** How long a blocking command waits, given in seconds: milliseconds, 0 for as long as it takes, or the error. */
export function readTimeoutMs(args: Args, index: number, nowMs: number): number | string {
  const seconds = parseAnyDouble(args.bytes(index))
  if (seconds === undefined) return 'ERR timeout is not a float or out of range'
  const timeoutMs = Math.ceil(seconds * 1000)
  if (timeoutMs > LATEST_MS - nowMs) return 'ERR timeout is out of range'
  if (timeoutMs < 0) return 'ERR timeout is negative'
  return timeoutMs
}
