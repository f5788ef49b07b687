import { isPlainWord } from './bus/fields.ts'
import type { SlotRange } from './slot.ts'
import { type ClusterNode, type ClusterView, NodeFlag, rangesIn } from './view.ts'

/** One line of CLUSTER NODES and nodes.conf, as data (cluster bus specification, section 15). */
export type NodeLine = {
  readonly id: string
  readonly host: string
  readonly port: number
  readonly busPort: number
  readonly hostname: string
  /** `shard-id`, `nodename` ...; in nodes.conf only. */
  readonly auxiliary: ReadonlyMap<string, string>
  readonly flags: number
  /** '' for a primary. */
  readonly primaryId: string
  /** Unix milliseconds, 0: none. */
  readonly pingSentAtMs: number
  readonly pongReceivedAtMs: number
  readonly configEpoch: number
  readonly connected: boolean
  readonly ranges: readonly SlotRange[]
  /** Slots open for key by key migration, with the other side's id; on one's own line only. */
  readonly migrating: readonly (readonly [slot: number, id: string])[]
  readonly importing: readonly (readonly [slot: number, id: string])[]
}

const FLAG_NAMES: readonly (readonly [flag: number, name: string])[] = [
  [NodeFlag.myself, 'myself'],
  [NodeFlag.primary, 'master'],
  [NodeFlag.replica, 'slave'],
  [NodeFlag.pfail, 'fail?'],
  [NodeFlag.fail, 'fail'],
  [NodeFlag.handshake, 'handshake'],
  [NodeFlag.noAddress, 'noaddr'],
  [NodeFlag.noFailover, 'nofailover']
]

/** `where` chooses between CLUSTER NODES, which has no auxiliary fields, and the file, which does. */
export function formatNodeLine(line: NodeLine, where: 'reply' | 'file'): string {
  let address = `${line.host}:${line.port}@${line.busPort}`
  if (where === 'file') {
    address += `,${line.hostname}`
    for (const [key, value] of line.auxiliary) address += `,${key}=${value}`
  } else if (line.hostname !== '') address += `,${line.hostname}`
  const flags = FLAG_NAMES.filter(([flag]) => line.flags & flag).map(([, name]) => name)
  const words = [
    line.id,
    address,
    flags.join(',') || 'noflags',
    line.primaryId || '-',
    line.pingSentAtMs,
    line.pongReceivedAtMs,
    line.configEpoch,
    line.connected ? 'connected' : 'disconnected',
    ...line.ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)),
    ...line.migrating.map(([slot, id]) => `[${slot}->-${id}]`),
    ...line.importing.map(([slot, id]) => `[${slot}-<-${id}]`)
  ]
  return words.join(' ')
}

/** Reads a line of the file; a text says what is wrong with it. */
export function parseNodeLine(text: string): NodeLine | string {
  const [id = '', address = '', flagWords = '', primary = '', ping = '', pong = '', epoch = '', linkState = '', ...slots] = text.split(' ')
  if (!ID.test(id)) return `"${clip(id)}" is no node id`
  const [place = '', hostname = '', ...auxiliaryWords] = address.split(',')
  const match = /^(.*):(\d{1,5})(?:@(\d{1,5}))?$/.exec(place)
  if (!match || !isPlainWord(match[1] as string)) return `node ${id}: "${clip(place)}" is no address`
  if (!isPlainWord(hostname)) return `node ${id}: "${clip(hostname)}" is no host name`
  const port = Number(match[2])
  const auxiliary = new Map<string, string>()
  for (const word of auxiliaryWords) {
    const equals = word.indexOf('=')
    const key = word.slice(0, equals)
    if (equals < 0 || !AUXILIARY_KEYS.has(key) || !isPlainWord(word.slice(equals + 1)))
      return `node ${id}: "${clip(word)}" is no auxiliary field`
    auxiliary.set(key, word.slice(equals + 1))
  }
  const shardId = auxiliary.get('shard-id')
  if (shardId !== undefined && !ID.test(shardId)) return `node ${id}: "${clip(shardId)}" is no shard id`
  let flags = 0
  if (flagWords !== 'noflags') {
    for (const word of flagWords.split(',')) {
      const named = FLAG_NAMES.find(([, name]) => name === word)
      if (!named) return `node ${id}: "${clip(word)}" is no flag`
      flags |= named[0]
    }
  }
  if (primary !== '-' && !ID.test(primary)) return `node ${id}: "${clip(primary)}" is no primary's id`
  if (![ping, pong, epoch].every((number) => /^\d{1,15}$/.test(number))) return `node ${id}: times and epoch are no numbers`
  if (linkState !== 'connected' && linkState !== 'disconnected') return `node ${id}: "${clip(linkState)}" is no link state`
  const ranges: SlotRange[] = []
  const migrating: [number, string][] = []
  const importing: [number, string][] = []
  for (const word of slots) {
    const open = /^\[(\d{1,5})-([<>])-([0-9a-f]{40})\]$/.exec(word)
    const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(word)
    if (open && Number(open[1]) < 16_384) (open[2] === '>' ? migrating : importing).push([Number(open[1]), open[3] as string])
    else if (range && Number(range[1]) <= Number(range[2] ?? range[1]) && Number(range[2] ?? range[1]) < 16_384) {
      ranges.push([Number(range[1]), Number(range[2] ?? range[1])])
    } else return `node ${id}: "${clip(word)}" is no range of slots`
  }
  return {
    id,
    host: match[1] as string,
    port,
    busPort: match[3] === undefined ? port + 10_000 : Number(match[3]),
    hostname,
    auxiliary,
    flags,
    primaryId: primary === '-' ? '' : primary,
    pingSentAtMs: Number(ping),
    pongReceivedAtMs: Number(pong),
    configEpoch: Number(epoch),
    connected: linkState === 'connected',
    ranges,
    migrating,
    importing
  }
}

const ID = /^[0-9a-f]{40}$/

const AUXILIARY_KEYS = new Set([
  'shard-id',
  'nodename',
  'tcp-port',
  'tls-port',
  'client-ipv4',
  'client-ipv6',
  'client-tcp-port',
  'client-tls-port',
  'availability-zone'
])

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text
}

/** How a node's line is asked for. */
export type LineContext = {
  readonly view: ClusterView
  /** Times are kept on the monotonic clock and shown on the wall's. */
  readonly wallMs: (monotonicMs: number | undefined) => number
  /** Show the port of TLS: to a client that came over it, and in the file where nodes talk over it. */
  readonly isSecure: boolean
}

/** A node of the view as a line; `where` as in `formatNodeLine`: clients are shown the announced client address. */
export function lineOf({ view, wallMs, isSecure }: LineContext, node: ClusterNode, where: 'reply' | 'file'): NodeLine {
  const mine = node === view.myself
  const reply = where === 'reply'
  const bySlot = (a: readonly [number, string], b: readonly [number, string]) => a[0] - b[0]
  return {
    id: node.id,
    host: (reply && (node.clientIpv4 || node.clientIpv6)) || node.host,
    port: isSecure ? (reply && node.clientTlsPort) || node.tlsPort : (reply && node.clientPort) || node.port,
    busPort: node.busPort,
    hostname: node.hostname,
    auxiliary: reply ? NO_AUXILIARY : auxiliaryOf(node, isSecure),
    flags: node.flags,
    primaryId: node.primary?.id ?? '',
    pingSentAtMs: wallMs(node.pingSentAtMs),
    pongReceivedAtMs: wallMs(node.pongReceivedAtMs),
    configEpoch: node.effectiveEpoch,
    connected: mine || (node.outbound?.open ?? false),
    ranges: node.slotCount === 0 ? [] : rangesIn(node.slots),
    migrating: mine ? [...view.migratingTo].map(([slot, peer]) => [slot, peer.id] as const).sort(bySlot) : [],
    importing: mine ? [...view.importingFrom].map(([slot, peer]) => [slot, peer.id] as const).sort(bySlot) : []
  }
}

const NO_AUXILIARY: ReadonlyMap<string, string> = new Map()

/** In the reference's order. */
function auxiliaryOf(node: ClusterNode, isSecure: boolean): Map<string, string> {
  const fields = new Map<string, string>()
  if (node.availabilityZone) fields.set('availability-zone', node.availabilityZone)
  if (node.clientTlsPort) fields.set('client-tls-port', String(node.clientTlsPort))
  if (node.clientPort) fields.set('client-tcp-port', String(node.clientPort))
  if (node.clientIpv6) fields.set('client-ipv6', node.clientIpv6)
  if (node.clientIpv4) fields.set('client-ipv4', node.clientIpv4)
  if (isSecure) fields.set('tcp-port', String(node.port))
  else fields.set('tls-port', String(node.tlsPort))
  if (node.humanName) fields.set('nodename', node.humanName)
  fields.set('shard-id', node.shardId)
  return fields
}
