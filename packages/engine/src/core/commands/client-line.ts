import type { Client } from '../client.ts'
import { formatAddress } from '../input.ts'
import type { Node } from '../node.ts'

/** What CLIENT LIST TYPE and the output-buffer limits tell apart. A link that moves slots to us counts as neither. */
export type ClientType = 'normal' | 'replica' | 'pubsub' | 'primary' | 'slot-import'

export function typeOfClient(client: Client): ClientType {
  if (client.origin === 'primary') return 'primary'
  if (client.origin === 'import') return 'slot-import'
  if (client.roleFlag.includes('S')) return 'replica'
  return client.subscriptions > 0 ? 'pubsub' : 'normal'
}

/** The letters of a client, in the order of the reference (`catClientInfoString`); `N` for none. */
export function flagsOfClient(client: Client): string {
  let flags = client.roleFlag
  if (client.monitors) flags += 'O'
  if (client.origin === 'primary') flags += 'M'
  if (client.subscriptions > 0) flags += 'P'
  if (client.transaction) flags += 'x'
  if (client.postponed || client.blocked) flags += 'b'
  if (client.tracking) flags += 't'
  if (client.tracking?.redirectBroken) flags += 'R'
  if (client.tracking?.broadcasts) flags += 'B'
  if (client.watchBroken) flags += 'd'
  if (client.closing) flags += 'c'
  if (client.isLocalSocket) flags += 'U'
  if (client.readsReplica) flags += 'r'
  if (client.noEvict) flags += 'e'
  if (client.noTouch) flags += 'T'
  if (client.importSource) flags += 'I'
  return flags || 'N'
}

/** Every letter that FLAGS filters know; the engine gives only some of them. */
export const CLIENT_FLAGS = 'bcdeirtuxABEIMNOPRSTU'

/**
 * One line of CLIENT LIST. `fd` is the link's number, which names the connection for its whole life. Fields that only the
 * reference's own buffers have (`qbuf-free`, `rbs`, `rbp`, `oll`) are left out.
 */
export function clientLine(node: Node, client: Client): string {
  const nowMs = node.now.wallMs
  const waitingBytes = client.output.length
  const unsentBytes = Math.max(0, node.links.unsentBytes(client.link) - waitingBytes)
  const transactionBytes = client.transaction?.bytes ?? 0
  const argumentBytes = client.postponed ? client.postponed.extent : 0
  const fields: readonly (readonly [string, string | number])[] = [
    ['id', client.id],
    ['addr', formatAddress(client.remote)],
    ['laddr', formatAddress(client.local)],
    ['fd', client.link],
    ['name', client.name],
    ['age', wholeSeconds(nowMs - client.connectedAtMs)],
    ['idle', wholeSeconds(nowMs - client.lastCommandAtMs)],
    ['flags', flagsOfClient(client)],
    ['capa', client.capabilities],
    ['db', client.database],
    ['sub', client.channels.size],
    ['psub', client.patterns.size],
    ['ssub', client.shardChannels.size],
    ['multi', client.transaction ? client.transaction.queue.length : -1],
    ['watch', node.watches.countOf(client)],
    ['qbuf', client.decoder.pendingBytes],
    ['argv-mem', argumentBytes],
    ['multi-mem', transactionBytes],
    ['obl', waitingBytes],
    ['omem', unsentBytes],
    ['tot-mem', client.decoder.pendingBytes + argumentBytes + transactionBytes + waitingBytes + unsentBytes],
    ['events', client.readingPaused ? '' : 'r'],
    ['cmd', client.lastCommand],
    ['user', client.origin === 'primary' ? '(superuser)' : client.user.name],
    ['redir', client.tracking?.redirect ?? -1],
    ['resp', client.protocol],
    ['lib-name', client.libraryName],
    ['lib-ver', client.libraryVersion],
    ['tot-net-in', client.bytesIn],
    ['tot-net-out', node.links.sentBytes(client.link)],
    ['tot-cmds', client.commands]
  ]
  return `${fields.map(([name, value]) => `${name}=${value}`).join(' ')}\n`
}

/** Whole seconds; never negative, though the wall clock may be set back. */
function wholeSeconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000))
}
