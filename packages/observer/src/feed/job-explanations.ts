/**
 * Failure messages of a migration job (atomic-slot-migration.md sections 4 and 9) and what they mean, in words a person can act
 * on. A message is matched by its beginning or by a part; the first match speaks.
 */
const EXPLANATIONS: readonly (readonly [pattern: RegExp, text: string])[] = [
  [
    /may have succeeded with lost writes/,
    'The write pause ran out before the source heard that the target took the slots. The target may own them now, and writes that the source accepted after the pause are then lost. Compare the keys on both nodes.'
  ],
  [/^Data was flushed/, 'FLUSHDB or FLUSHALL ran on this node during the move, in whichever database. Nothing moved; start again.'],
  [
    /Ran out of memory/,
    'The target reached its maxmemory and could not evict. The slots stayed on the source. Give the target more memory or move fewer slots.'
  ],
  [
    /^Failed to process command/,
    'A command of the copy failed on the target, most often because the target has fewer databases (cluster-databases) or a key of another type in the way. The target log has the command.'
  ],
  [
    /^Timed out after too long with no interaction/,
    'The other node was silent for longer than repl-timeout. Check that it runs and that both nodes reach each other on the client port.'
  ],
  [
    /^(Timed out before streaming completed|Unpaused before failover completed)/,
    'The write pause ran out before the target had caught up: writes came faster than they could be copied. Try at a quieter time, or raise cluster-manual-failover-timeout.'
  ],
  [
    /^Slots are no longer owned by (myself|source node)/,
    'The slots changed owner during the move, by a failover or by another operator. Look at who owns them now and plan again.'
  ],
  [
    /^Failed to (perform|start) snapshot/,
    'The source could not fork or finish the snapshot child. Its log says why; memory for the fork is the usual cause.'
  ],
  [
    /^Unable to connect to target node/,
    'The source could not open a connection to the client port of the target. Check the announced address and the firewall between the two.'
  ],
  [/can only be used on primary nodes/, 'The target was a replica when the source called. Plan again: the shard has another primary now.'],
  [
    /NOAUTH|WRONGPASS|Failed to AUTH/,
    'The target refused the login of the source. Set primaryuser and primaryauth on the source to a user that may run cluster|syncslots and write all keys.'
  ],
  [/NOPERM/, 'The user of the migration link may not run cluster|syncslots or the write commands on the target.'],
  [
    /does not agree about current slot ownership/,
    'The target believes that somebody else owns these slots. Wait until the nodes agree on the topology, then plan again.'
  ],
  [/does not know the source node/, 'The target has not met the source: the two are not in one cluster view yet.'],
  [/already being imported on the target/, 'Another job is bringing one of these slots to the target. Wait for it to end.'],
  [
    /manually (imported|migrated)/,
    'Slots of that node are half way in a legacy move (CLUSTER SETSLOT). Finish or cancel it with CLUSTER SETSLOT ... STABLE first.'
  ],
  [
    /^A failover occurred during slot import/,
    'The target shard changed its primary during the copy. Nothing moved; start again towards the new primary.'
  ],
  [/^Process restarted/, 'The target was restarted during the copy. Nothing moved; start again.'],
  [/^Full resynchronization occurred/, 'The replica that tracked this job was synchronised anew; the job itself is not affected.'],
  [
    /^Unexpected state machine transition/,
    'One side sent a message that did not fit the state of the other: the two servers disagree about the protocol. Look at both logs and versions.'
  ],
  [/^Unknown SYNCSLOTS subcommand/, 'The two servers speak different versions of the migration protocol.'],
  [/^Received error during handshake to target/, 'The target refused the job. Its words are in the message.'],
  [
    /^Connection lost to (source|target)/,
    'The link between the two nodes broke. If the other side gives no cause of its own, it was killed, restarted or cut off, or an output buffer limit closed the link.'
  ]
]

/** The cause in words; undefined for a message that is not known. */
export function explainFailure(message: string): string | undefined {
  return EXPLANATIONS.find(([pattern]) => pattern.test(message))?.[1]
}

/** A pointer to the other side rather than a cause: the other side's message says more. */
export function isPointer(message: string): boolean {
  return message.startsWith('Connection lost to')
}

/** Why a source has waited to fork for long. `child`: what its INFO says is running; null: nothing. */
export function explainWait(child: string | null): string {
  const leftover =
    'A move that failed may have left its snapshot child behind: on Valkey 9.0 and 9.1 that blocks every later move of the node for ever, while CLUSTER INFO looks healthy (valkey issue 4546). End that child process, or fail over and restart the node.'
  if (child === null) return `The source has waited to fork for 30 s, though its INFO tells of no child at work. ${leftover}`
  if (child === 'slot snapshot')
    return `The source has waited to fork for 30 s: it says that another slot snapshot runs. If no other move is copying there: ${leftover}`
  return `The source has waited to fork for 30 s: it runs one child at a time, and ${child === 'AOF rewrite' ? 'an AOF rewrite' : 'an RDB save'} is at work there. The move goes on when that ends.`
}
