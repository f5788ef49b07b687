import type { Reply } from '../caller.ts'
import { fieldsOf, integerOf, listOf, malformed, type Parsed, textOf } from './shape.ts'

/** Calls of one command by how long they took: each bucket with its own, ascending. */
export type LatencyHistogram = { readonly calls: number; readonly buckets: readonly (readonly [atMostUs: number, calls: number])[] }

/** Parses LATENCY HISTOGRAM, whose buckets are cumulative (Valkey `latency.c`, `fillCommandCDF`). */
export function parseLatencyHistograms(reply: Reply | undefined): Parsed<ReadonlyMap<string, LatencyHistogram>> {
  const commands = fieldsOf(reply)
  if (!commands) return malformed('LATENCY HISTOGRAM', reply, 'a map')
  const histograms = new Map<string, LatencyHistogram>()
  for (const [command, told] of commands) {
    const fields = fieldsOf(told)
    const cumulative = bucketsOf(fields?.get('histogram_usec'))
    const calls = integerOf(fields?.get('calls'))
    if (calls === undefined || !cumulative) return { error: `LATENCY HISTOGRAM: ${JSON.stringify(command.slice(0, 40))} has no buckets` }
    let before = 0
    const buckets = cumulative.map(([atMostUs, sum]): readonly [number, number] => {
      const own = Math.max(0, sum - before)
      before = Math.max(before, sum)
      return [atMostUs, own]
    })
    histograms.set(command, { calls, buckets })
  }
  return { value: histograms }
}

/** Ascending; undefined when it is no map of numbers. */
function bucketsOf(reply: Reply | undefined): readonly (readonly [number, number])[] | undefined {
  const buckets: (readonly [number, number])[] = []
  for (const [edge, told] of fieldsOf(reply) ?? []) {
    const [us, count] = [integerOf(edge), integerOf(told)]
    if (us === undefined || count === undefined) return undefined
    buckets.push([us, count])
  }
  return fieldsOf(reply) && buckets.sort(([a], [b]) => a - b)
}

/** What LATENCY LATEST tells of one kind of event. */
export type LatestLatency = { readonly event: string; readonly atSeconds: number; readonly latestMs: number; readonly mostMs: number }

/** Parses LATENCY LATEST; servers from 8.1 on tell a sum and a count behind these. */
export function parseLatestLatencies(reply: Reply | undefined): Parsed<readonly LatestLatency[]> {
  const list = listOf(reply)
  if (!list) return malformed('LATENCY LATEST', reply, 'a list')
  const events: LatestLatency[] = []
  for (const one of list) {
    const [name, at, latest, most] = listOf(one) ?? []
    const event = textOf(name)
    const [atSeconds, latestMs, mostMs] = [integerOf(at), integerOf(latest), integerOf(most)]
    if (event === undefined || atSeconds === undefined || latestMs === undefined || mostMs === undefined)
      return { error: `LATENCY LATEST: event ${events.length + 1} is none` }
    events.push({ event, atSeconds, latestMs, mostMs })
  }
  return { value: events }
}

/** Parses LATENCY HISTORY: when, in Unix seconds, and how long. */
export function parseLatencyHistory(reply: Reply | undefined): Parsed<readonly { readonly atSeconds: number; readonly tookMs: number }[]> {
  const list = listOf(reply)
  if (!list) return malformed('LATENCY HISTORY', reply, 'a list')
  const points: { atSeconds: number; tookMs: number }[] = []
  for (const one of list) {
    const [at, took] = listOf(one) ?? []
    const [atSeconds, tookMs] = [integerOf(at), integerOf(took)]
    if (atSeconds === undefined || tookMs === undefined) return { error: `LATENCY HISTORY: point ${points.length + 1} is none` }
    points.push({ atSeconds, tookMs })
  }
  return { value: points }
}
