import type { Config } from '../config.ts'
import type { Random } from '../prng.ts'
import { portsFromBus } from './client-ports.ts'
import type { NodeLine } from './node-line.ts'
import type { NodesConf } from './nodes-conf.ts'
import { eachSlot } from './slot.ts'
import { ClusterNode, type ClusterView, NodeFlag } from './view.ts'

/** Where a node's knowledge begins: its file, and what its configuration says of itself. */

/** Fills the view of a node that has just started with what its file says. `random` makes up what an old file lacks, `tlsBus` says which port its lines show. */
export function restoreView(
  view: ClusterView,
  conf: NodesConf,
  { nowMs, random, tlsBus }: { readonly nowMs: number; readonly random: Random; readonly tlsBus: boolean }
): void {
  view.renameNode(view.myself, conf.myself.id)
  for (const line of conf.nodes) {
    let known = view.myself
    if (line !== conf.myself) {
      known = new ClusterNode(line.id, '', 0, 0, line.flags, random.hex(40), nowMs)
      view.addNode(known)
      if (known.failing) known.failedAtMs = nowMs
    }
    restoreNode(known, line, tlsBus)
    for (const slot of eachSlot(line.ranges)) view.assignSlot(slot, known)
  }
  for (const line of conf.nodes) {
    const known = view.nodes.get(line.id) as ClusterNode
    if (line.primaryId !== '') view.makeReplica(known, view.nodes.get(line.primaryId))
  }
  for (const [slot, id] of conf.myself.migrating) view.migratingTo.set(slot, view.nodes.get(id) as ClusterNode)
  for (const [slot, id] of conf.myself.importing) view.importingFrom.set(slot, view.nodes.get(id) as ClusterNode)
  view.currentEpoch = conf.currentEpoch
  view.currentEpoch = view.greatestEpoch
  view.lastVoteEpoch = conf.lastVoteEpoch
}

function restoreNode(node: ClusterNode, line: NodeLine, tlsBus: boolean): void {
  const { auxiliary } = line
  node.host = line.host
  const otherPort = Number(auxiliary.get(tlsBus ? 'tcp-port' : 'tls-port') ?? 0)
  Object.assign(node, portsFromBus({ port: line.port, otherPort }, tlsBus))
  node.busPort = line.busPort
  node.hostname = line.hostname
  node.shardId = auxiliary.get('shard-id') ?? node.shardId
  node.humanName = auxiliary.get('nodename') ?? ''
  node.availabilityZone = auxiliary.get('availability-zone') ?? ''
  node.clientIpv4 = auxiliary.get('client-ipv4') ?? ''
  node.clientIpv6 = auxiliary.get('client-ipv6') ?? ''
  node.clientPort = Number(auxiliary.get('client-tcp-port') ?? 0)
  node.clientTlsPort = Number(auxiliary.get('client-tls-port') ?? 0)
  // A replica's line shows its primary's epoch.
  if (line.primaryId === '') node.configEpoch = line.configEpoch
}

/** Takes over what the configuration says of this node; true when that changed something. */
export function describeMyself(myself: ClusterNode, config: Config): boolean {
  const [port, tlsPort] = [config.number('port'), config.number('tls-port')]
  const base = config.enabled('tls-cluster') ? tlsPort : port
  const described = {
    host: config.text('cluster-announce-ip') || myself.host,
    port: config.number('cluster-announce-port') || port,
    tlsPort: (tlsPort > 0 && config.number('cluster-announce-tls-port')) || tlsPort,
    busPort: config.number('cluster-announce-bus-port') || config.number('cluster-port') || base + 10_000,
    hostname: config.text('cluster-announce-hostname'),
    humanName: config.text('cluster-announce-human-nodename'),
    availabilityZone: config.text('availability-zone'),
    clientIpv4: config.text('cluster-announce-client-ipv4'),
    clientIpv6: config.text('cluster-announce-client-ipv6'),
    clientPort: config.number('cluster-announce-client-port'),
    clientTlsPort: config.number('cluster-announce-client-tls-port')
  }
  const noFailover = config.enabled('cluster-replica-no-failover')
  const same = (Object.keys(described) as (keyof typeof described)[]).every((field) => described[field] === myself[field])
  if (same && noFailover === myself.has(NodeFlag.noFailover)) return false
  Object.assign(myself, described)
  if (noFailover) myself.set(NodeFlag.noFailover)
  else myself.clear(NodeFlag.noFailover)
  return true
}
