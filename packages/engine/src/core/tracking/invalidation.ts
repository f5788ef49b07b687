import { latin1Bytes } from '../bytes.ts'
import type { Client } from '../client.ts'
import type { Node } from '../node.ts'

const CHANNEL = latin1Bytes('__redis__:invalidate')

/**
 * Tells a client, or the one that it named, that these keys have changed; null: all. RESP3 has a message for it; in RESP2 only a
 * subscriber can be told, on a channel of this purpose, so a client without one hears nothing.
 */
export function sendInvalidation(node: Node, tracker: Client, keys: readonly Uint8Array[] | null): void {
  const { tracking } = tracker
  if (!tracking || tracker.closing) return
  const client = tracking.redirect === 0 ? tracker : node.clientsById.get(tracking.redirect)
  if (!client) return reportBroken(node, tracker)
  const { reply } = client
  if (client.protocol === 3) {
    reply.push(2)
    reply.latin1('invalidate')
  } else if (client !== tracker && client.subscriptions > 0) {
    reply.push(3)
    reply.latin1('message')
    reply.bulk(CHANNEL)
  } else return
  if (keys) {
    reply.array(keys.length)
    for (const key of keys) reply.bulk(key)
  } else reply.null()
  sent(node, client)
}

/** The client that was to be told is gone. */
function reportBroken(node: Node, tracker: Client): void {
  const { tracking, reply } = tracker
  if (!tracking) return
  tracking.redirectBroken = true
  if (tracker.protocol !== 3) return
  reply.push(2)
  reply.latin1('tracking-redir-broken')
  reply.integer(tracking.redirect)
  sent(node, tracker)
}

function sent(node: Node, client: Client): void {
  node.links.output(client.link)
  node.outputLimits.check(client)
}
