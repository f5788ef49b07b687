import type { ReplicaLine } from '../replies/replication.ts'
import type { NodeState } from '../stream/core-state.ts'
import type { Report } from './health.ts'
import type { NodeRecord } from './node-record.ts'

/** A replica so many bytes behind: a fourth of what its primary cuts it off for in an instant by default (256 MiB). */
const LAG_BYTES = 64 * 1024 * 1024
/** A replica acknowledges each second; the primary gives it up after repl-timeout, 60 s by default. */
const LAG_SECONDS = 10

/** What is known of a node besides its state: `acknowledged` is what its primary says of it. */
type Known = { readonly record: NodeRecord | undefined; readonly acknowledged: ReplicaLine | undefined }

/** What is wrong with one node, its link to its primary included. */
export function reportNode(node: NodeState, shard: string, known: Known, report: Report): void {
  const { record } = known
  const what = `${node.role} of ${shard}`
  if (node.health === 'fail' || node.health === 'suspected')
    report({
      id: `failed:${node.id}`,
      severity: node.health === 'fail' ? 'critical' : 'warning',
      title: `${node.name} (${what}) ${node.health === 'fail' ? 'has failed' : 'is suspected to have failed'}`,
      evidence: node.error ?? 'the other nodes report it',
      node: node.id
    })
  else if (node.health === 'unreachable')
    report({
      id: `unreachable:${node.id}`,
      severity: 'warning',
      title: `${node.name} (${what}) does not answer us`,
      evidence: node.error ?? 'no reply',
      node: node.id
    })
  else if (record) reportSlowness(node, what, record, report)
  if (node.usedMemory !== null && node.maxMemory !== null && node.maxMemory > 0 && node.usedMemory > node.maxMemory * 0.85)
    report({
      id: `memory:${node.id}`,
      severity: 'warning',
      title: `${node.name} (${what}) uses over 85 % of its maxmemory`,
      evidence: `${((node.usedMemory * 100) / node.maxMemory).toFixed(1)} % of ${mebibytes(node.maxMemory)}`,
      node: node.id
    })
  if (node.role === 'replica' && node.health === 'online') reportLag(node, what, known, report)
}

function reportSlowness(node: NodeState, what: string, { link }: NodeRecord, report: Report): void {
  if (link.slowness === 1) return
  report({
    id: `slow:${node.id}`,
    severity: link.slowness >= 4 ? 'warning' : 'info',
    title: `${node.name} (${what}) answers us slowly`,
    evidence: `The last reply took ${link.tookMs} ms. It is asked ${link.slowness} times less often, so its figures are older than those of others.`,
    node: node.id
  })
}

function reportLag(node: NodeState, what: string, { record, acknowledged }: Known, report: Report): void {
  const primary = record?.figures?.replication?.primary
  if (primary && !primary.linkUp) {
    const since = primary.downSeconds === null || primary.downSeconds < 0 ? '' : ` for ${primary.downSeconds} s`
    report({
      id: `lag:${node.id}`,
      severity: 'warning',
      title: `${node.name} (${what}) has no link to its primary`,
      evidence: `master_link_status:down${since}; its primary is ${primary.host}:${primary.port}. A failover to it loses what came since.`,
      node: node.id
    })
    return
  }
  const silent = acknowledged?.lagSeconds ?? 0
  if (silent < LAG_SECONDS && (node.lagBytes ?? 0) < LAG_BYTES) return
  report({
    id: `lag:${node.id}`,
    severity: 'warning',
    title: `${node.name} (${what}) lags behind its primary`,
    evidence: `${node.lagBytes === null ? 'an unknown number of bytes' : mebibytes(node.lagBytes)} behind, last acknowledged ${silent} s ago, by the words of its primary. A failover to it loses that.`,
    node: node.id
  })
}

/** If the clocks of most nodes are off to the same side, ours is the one that is wrong. */
export function reportClocks(nodes: readonly NodeState[], report: Report): void {
  const off = nodes.filter((node) => node.clockSkewMs !== undefined)
  const ahead = off.filter((node) => (node.clockSkewMs as number) > 0).length
  if (Math.max(ahead, off.length - ahead) * 2 > nodes.length) {
    const skews = off.map((node) => node.clockSkewMs as number).sort((a, b) => a - b)
    report({
      id: 'clock',
      severity: 'warning',
      title: 'Our clock differs from the clocks of the nodes',
      evidence: `By their clocks it is ${seconds(skews[Math.floor(skews.length / 2)] as number)} than by ours (server_time_usec of INFO, corrected by the round trip). Deadlines and ages are off by that.`
    })
    return
  }
  for (const node of off)
    report({
      id: `clock:${node.id}`,
      severity: 'warning',
      title: `The clock of ${node.name} is off`,
      evidence: `By its clock it is ${seconds(node.clockSkewMs as number)} than by ours (server_time_usec of INFO, corrected by the round trip). Keys and fields expire there at other times than on other nodes.`,
      node: node.id
    })
}

function seconds(skewMs: number): string {
  return `${(Math.abs(skewMs) / 1000).toFixed(1)} s ${skewMs > 0 ? 'later' : 'earlier'}`
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`
}
