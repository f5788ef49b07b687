import { parseConfig, parseLatencyHistograms, parseLatestLatencies } from '@slotscope/observer'
import type { CommandLatency, LatencyAnswer, LatencyEvent, LatencyNode } from '@slotscope/observer/stream'
import { answerOf, type NodeReplies } from '../nodes/every-node.ts'

/** Asked of each node, in this order. */
export const latencyCommands = [
  ['LATENCY', 'HISTOGRAM'],
  ['LATENCY', 'LATEST'],
  ['CONFIG', 'GET', 'latency-*']
] as const

/** The histograms of the nodes added up, command by command, and what held which node up. */
export function collectLatency(answers: readonly NodeReplies[]): LatencyAnswer {
  const nodes: LatencyNode[] = []
  const sums = new Map<string, { calls: number; readonly buckets: Map<number, number> }>()
  const events: LatencyEvent[] = []
  for (const answer of answers) {
    const { node, atMs } = answer
    const error = takeHistograms(answer, sums) ?? takeEvents(answer, events)
    nodes.push({ node, atMs, error, ...settingsOf(answer) })
  }
  const histograms = [...sums].map(
    ([command, { calls, buckets }]): CommandLatency => ({ command, calls, buckets: [...buckets].sort(([a], [b]) => a - b) })
  )
  return { nodes, histograms: histograms.sort((a, b) => b.calls - a.calls), events: events.sort((a, b) => b.atMs - a.atMs) }
}

/** Why there are none; null: they were added. */
function takeHistograms(answer: NodeReplies, sums: Map<string, { calls: number; readonly buckets: Map<number, number> }>): string | null {
  const { error, reply } = answerOf(answer, 0)
  if (error !== null) return error
  const parsed = parseLatencyHistograms(reply)
  if ('error' in parsed) return parsed.error
  for (const [command, { calls, buckets }] of parsed.value) {
    const sum = sums.get(command) ?? { calls: 0, buckets: new Map<number, number>() }
    sums.set(command, sum)
    sum.calls += calls
    for (const [us, count] of buckets) sum.buckets.set(us, (sum.buckets.get(us) ?? 0) + count)
  }
  return null
}

function takeEvents(answer: NodeReplies, events: LatencyEvent[]): string | null {
  const { node, error, reply } = answerOf(answer, 1)
  if (error !== null) return error
  const parsed = parseLatestLatencies(reply)
  if ('error' in parsed) return parsed.error
  for (const { event, atSeconds, latestMs, mostMs } of parsed.value) events.push({ node, event, atMs: atSeconds * 1_000, latestMs, mostMs })
  return null
}

function settingsOf({ replies }: NodeReplies): Pick<LatencyNode, 'isTracking' | 'eventsFromMs'> {
  const config = parseConfig(replies[2])
  const tracking = 'value' in config ? config.value.get('latency-tracking') : undefined
  const threshold = 'value' in config ? config.value.get('latency-monitor-threshold') : undefined
  return {
    isTracking: tracking === undefined ? null : tracking === 'yes',
    eventsFromMs: threshold !== undefined && /^\d+$/.test(threshold) ? Number(threshold) : null
  }
}
