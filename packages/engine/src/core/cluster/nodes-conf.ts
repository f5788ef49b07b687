import { latin1Text } from '../bytes.ts'
import { formatNodeLine, type LineContext, lineOf, type NodeLine, parseNodeLine } from './node-line.ts'
import { SLOTS, type SlotRange } from './slot.ts'
import { NodeFlag } from './view.ts'

/** The content of nodes.conf: everything that a node must not forget over a restart. */
export type NodesConf = {
  readonly nodes: readonly NodeLine[]
  readonly myself: NodeLine
  readonly currentEpoch: number
  readonly lastVoteEpoch: number
}

/** Writes the file as the reference does: a line per node that is no handshake, then the epochs. */
export function writeNodesConf(context: LineContext): string {
  const { view } = context
  let text = ''
  for (const node of view.nodes.values()) if (!node.inHandshake) text += `${formatNodeLine(lineOf(context, node, 'file'), 'file')}\n`
  return `${text}vars currentEpoch ${view.currentEpoch} lastVoteEpoch ${view.lastVoteEpoch}\n`
}

/** Reads the file; a text says what is wrong with it. A node must not start from a file that it does not understand. */
export function parseNodesConf(bytes: Uint8Array): NodesConf | string {
  const nodes = new Map<string, NodeLine>()
  let myself: NodeLine | undefined
  let epochs: readonly [current: number, vote: number] | undefined
  const taken = new Uint8Array(SLOTS)
  const lines = latin1Text(bytes).split('\n')
  for (const [index, text] of lines.entries()) {
    if (text === '') continue
    if (text.startsWith('vars ')) {
      const match = /^vars currentEpoch (\d{1,15}) lastVoteEpoch (\d{1,15})$/.exec(text)
      if (!match) return `line ${index + 1}: "vars" without epochs`
      epochs = [Number(match[1]), Number(match[2])]
      continue
    }
    const line = parseNodeLine(text)
    if (typeof line === 'string') return `line ${index + 1}: ${line}`
    if (nodes.has(line.id)) return `line ${index + 1}: node ${line.id} stands there twice`
    nodes.set(line.id, line)
    if (line.flags & NodeFlag.myself) {
      if (myself) return `line ${index + 1}: a second node is "myself"`
      myself = line
    }
    for (const [first, last] of line.ranges) {
      for (let slot = first; slot <= last; slot++) {
        if (taken[slot]) return `line ${index + 1}: slot ${slot} has two owners`
        taken[slot] = 1
      }
    }
  }
  if (!myself) return 'no node is "myself"'
  if (!epochs) return 'the line with the epochs is missing'
  for (const line of nodes.values()) {
    const peers = [line.primaryId, ...line.migrating.map(([, id]) => id), ...line.importing.map(([, id]) => id)]
    const unknown = peers.find((id) => id !== '' && !nodes.has(id))
    if (unknown) return `node ${line.id} refers to ${unknown}, which is not there`
  }
  return { nodes: [...nodes.values()], myself, currentEpoch: epochs[0], lastVoteEpoch: epochs[1] }
}

/** One node of a cluster that is laid out before it starts. */
export type SeedNode = {
  /** 40 lower-case hex digits, as is `shardId`; replicas share their primary's. */
  readonly id: string
  readonly host: string
  readonly port: number
  readonly busPort: number
  readonly shardId: string
  /** Its `cluster-announce-human-nodename`: nodes that know it from the start have nothing to learn, and nothing to save. */
  readonly humanName?: string
  readonly role: 'primary' | 'replica'
  /** The primary that a replica follows. */
  readonly primaryId?: string | undefined
  readonly ranges: readonly SlotRange[]
  /** Distinct among primaries, 1 or more. */
  readonly configEpoch: number
}

/**
 * A nodes.conf for the node `myselfId` of a cluster laid out in advance: nodes that start from such files know each other,
 * so that no MEET is needed and the cluster is whole as soon as its links are up.
 */
export function renderNodesConf(nodes: readonly SeedNode[], myselfId: string): string {
  const epochOf = new Map(nodes.map((node) => [node.id, node.configEpoch]))
  const lines = nodes.map((node) =>
    formatNodeLine(
      {
        id: node.id,
        host: node.host,
        port: node.port,
        busPort: node.busPort,
        hostname: '',
        auxiliary: new Map([
          ['tls-port', '0'],
          ...(node.humanName === undefined ? [] : [['nodename', node.humanName] as const]),
          ['shard-id', node.shardId]
        ]),
        flags: (node.role === 'primary' ? NodeFlag.primary : NodeFlag.replica) | (node.id === myselfId ? NodeFlag.myself : 0),
        primaryId: node.role === 'replica' ? (node.primaryId ?? '') : '',
        pingSentAtMs: 0,
        pongReceivedAtMs: 0,
        configEpoch: epochOf.get(node.primaryId ?? '') ?? node.configEpoch,
        connected: true,
        ranges: node.role === 'primary' ? node.ranges : [],
        migrating: [],
        importing: []
      },
      'file'
    )
  )
  const currentEpoch = Math.max(0, ...nodes.map((node) => node.configEpoch))
  return `${lines.join('\n')}\nvars currentEpoch ${currentEpoch} lastVoteEpoch 0\n`
}
