import { latin1Text } from '../src/core/bytes.ts'
import type { Replication } from '../src/core/replication/replication.ts'

/** Tells what the node writes for its replicas, a command at a time, as if somebody followed: else commands are not even copied for the stream. */
export function hearStream(replication: Replication, hear: (database: number, parts: readonly string[]) => void): void {
  const text = (part: Uint8Array | string) => (typeof part === 'string' ? part : latin1Text(part))
  replication.stream.keep()
  const feed = replication.feed.bind(replication)
  replication.feed = (commands) => {
    for (const { database, parts } of commands) hear(database, parts.map(text))
    feed(commands)
  }
  const feedRequest = replication.feedRequest.bind(replication)
  replication.feedRequest = (database, args) => {
    hear(database, args.views().map(text))
    feedRequest(database, args)
  }
  const feedTail = replication.feedTail.bind(replication)
  replication.feedTail = (database, head, args, from) => {
    hear(database, [...head, ...args.views().slice(from)].map(text))
    feedTail(database, head, args, from)
  }
}
