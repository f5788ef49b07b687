import { ErrorReply } from '../caller.ts'
import { parseConfig } from '../replies/config.ts'
import { figuresOf, parseInfo } from '../replies/info.ts'
import { isName, textOf } from '../replies/shape.ts'
import type { Asker } from './asker.ts'
import { foldInfo, INFO_SECTIONS } from './node-figures.ts'
import type { NodeLink } from './node-links.ts'
import type { NodeRecord } from './node-record.ts'
import { type ShareOfProbe, withoutProbe } from './probe-share.ts'
import type { TopologyPolls } from './topology-polls.ts'

/** Who a node is and how it is configured: asked at first sight and then once in a while. */
export async function pollIdentity(asker: Asker, places: TopologyPolls, record: NodeRecord): Promise<void> {
  const { link } = record
  const settings = ['CONFIG', 'GET', 'cluster-databases', 'cluster-announce-human-nodename', 'cluster-slot-stats-enabled'] as const
  const replies = places.standalone
    ? await asker.call(link, 'identity', [['CONFIG', 'GET', 'databases']])
    : await asker.call(link, 'identity', [settings, ['CLUSTER', 'MYID'], ['CLUSTER', 'MYSHARDID']])
  if (!replies) return
  const [, myId, myShard] = replies
  const id = myId instanceof ErrorReply ? undefined : textOf(myId)
  if (id !== undefined && id !== link.id) {
    asker.lose(link, `another node answers at ${link.address.host}:${link.address.port}: ${id.slice(0, 8)}`)
    return
  }
  const shard = myShard instanceof ErrorReply ? undefined : textOf(myShard)
  if (isName(shard)) places.topology.foldShardId(link.id, shard)
  const config = parseConfig(replies[0])
  asker.unreadable(link.id, 'CONFIG GET', 'error' in config ? config.error : null, replies[0])
  if ('value' in config) {
    const limit = Number(config.value.get(places.standalone ? 'databases' : 'cluster-databases'))
    record.databaseLimit = Number.isInteger(limit) && limit > 0 ? limit : null
    record.humanName = config.value.get('cluster-announce-human-nodename') ?? ''
    const enabled = config.value.get('cluster-slot-stats-enabled')
    record.slotStatsEnabled = enabled === undefined ? null : enabled === 'yes'
  }
  asker.changed()
}

/** `probe`: what of the figures is a probe's, and so left out. */
export async function pollInfo(asker: Asker, record: NodeRecord, probe: () => ShareOfProbe): Promise<void> {
  const askedAtMs = asker.now()
  const replies = await asker.call(record.link, 'info', [['INFO', ...INFO_SECTIONS]])
  if (!replies) return
  const info = parseInfo(replies[0])
  asker.unreadable(record.link.id, 'INFO', 'error' in info ? info.error : null, replies[0])
  if ('error' in info) return
  record.figures = withoutProbe(foldInfo(record.figures, info.value, asker.now(), askedAtMs), record.figures, probe())
  asker.changed()
}

/** What each of our commands costs there, by the node's own count. */
export async function pollCommandStats(asker: Asker, link: NodeLink): Promise<void> {
  const replies = await asker.call(link, 'info', [['INFO', 'commandstats']])
  const info = replies ? parseInfo(replies[0]) : undefined
  if (!info || 'error' in info) return
  const costs = new Map<string, number>()
  for (const [name, value] of info.value.entries('cmdstat_')) costs.set(name, figuresOf(value).get('usec_per_call') ?? 0)
  asker.meter.priced(link.id, costs)
}
