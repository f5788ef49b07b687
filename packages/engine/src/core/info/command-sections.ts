import type { Node } from '../node.ts'
import { latencyAtPercentile } from '../statistics.ts'
import type { InfoField } from './info.ts'

export function commandStatsSection(node: Node): readonly InfoField[] {
  const fields: InfoField[] = []
  for (const [name, { calls, us, rejected, failed }] of node.stats.commands) {
    if (calls + rejected + failed === 0) continue
    const perCall = calls === 0 ? 0 : us / calls
    fields.push([
      `cmdstat_${name}`,
      `calls=${calls},usec=${Math.round(us)},usec_per_call=${perCall.toFixed(2)},rejected_calls=${rejected},failed_calls=${failed}`
    ])
  }
  return fields
}

/** Error replies by their code. */
export function errorStatsSection(node: Node): readonly InfoField[] {
  return [...node.stats.errors].map(([code, count]) => [`errorstat_${code}`, `count=${count}`])
}

/**
 * Percentiles of the time that commands took, in microseconds. The histogram has a bucket per power of two, and what is told
 * is the upper end of the bucket: the true value is at most that, and more than half of it.
 */
export function latencyStatsSection(node: Node): readonly InfoField[] {
  if (!node.config.enabled('latency-tracking')) return []
  const percentiles = node.config.text('latency-tracking-info-percentiles').split(' ').filter(Boolean)
  const fields: InfoField[] = []
  for (const [name, { histogram }] of node.stats.commands) {
    const values = percentiles.map((percentile) => `p${percentile}=${(latencyAtPercentile(histogram, Number(percentile)) ?? 0).toFixed(3)}`)
    if (histogram.some((count) => count > 0)) fields.push([`latency_percentiles_usec_${name}`, values.join(',')])
  }
  return fields
}
