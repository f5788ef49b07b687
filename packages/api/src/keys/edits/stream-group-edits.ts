import type { Command, Reply } from '@slotscope/observer'
import type { ChangedDetails, KeyEdits } from '@slotscope/observer/stream'
import type { EditPlan } from '../compare-and-set.ts'
import { bytesOf, listOf, mapOf, numberOf, textOf } from '../replies.ts'
import { decoded, keyOf } from './edit-bytes.ts'

/** Every change of a group reads the groups first: one that was made anew under the same name is another group. */

export function streamAck(edit: KeyEdits['stream-ack']): EditPlan {
  const { key, database } = keyOf(edit)
  const group = decoded(edit.group)
  return {
    key,
    database,
    type: 'stream',
    reads: edit.ids.map((id) => ['XPENDING', key, group, id, id, '1']),
    conflict: (seen) => {
      const gone = edit.ids.filter((_, index) => listOf(seen[index]).length === 0)
      return gone.length === 0 ? undefined : { expected: gone, current: null }
    },
    effects: () => [['XACK', key, group, ...edit.ids]]
  }
}

export function groupCreate(edit: KeyEdits['stream-group-create']): EditPlan {
  const { key, database } = keyOf(edit)
  const group = decoded(edit.group)
  return {
    ...onGroup(key, database, group, (now) => (now === undefined ? undefined : { expected: null, current: factsOf(now) })),
    effects: () => [['XGROUP', 'CREATE', key, group, edit.startId]]
  }
}

export function groupStart(edit: KeyEdits['stream-group-start']): EditPlan {
  const { key, database } = keyOf(edit)
  const group = decoded(edit.group)
  return {
    ...onGroup(key, database, group, (now) =>
      now && textOf(now.get('last-delivered-id')) === edit.expected
        ? undefined
        : { expected: { lastDeliveredId: edit.expected }, current: factsOf(now) }
    ),
    effects: () => [['XGROUP', 'SETID', key, group, edit.startId]]
  }
}

export function groupDestroy(edit: KeyEdits['stream-group-destroy']): EditPlan {
  const { key, database } = keyOf(edit)
  const group = decoded(edit.group)
  return {
    ...onGroup(key, database, group, (now) =>
      now && numberOf(now.get('pending')) === edit.expected ? undefined : { expected: { pending: edit.expected }, current: factsOf(now) }
    ),
    effects: () => [['XGROUP', 'DESTROY', key, group]]
  }
}

export function consumerDelete(edit: KeyEdits['stream-consumer-delete']): EditPlan {
  const { key, database } = keyOf(edit)
  const group = decoded(edit.group)
  const consumer = decoded(edit.consumer)
  return {
    key,
    database,
    type: 'stream',
    reads: [['XINFO', 'CONSUMERS', key, group]],
    conflict: ([reply]) => {
      const now = named(reply, consumer)
      const pending = numberOf(now?.get('pending'))
      return pending === edit.expected ? undefined : { expected: { pending: edit.expected }, current: now ? { pending } : null }
    },
    effects: () => [['XGROUP', 'DELCONSUMER', key, group, consumer]]
  }
}

type Facts = ReadonlyMap<string, Reply>

function onGroup(
  key: Uint8Array,
  database: number,
  group: Uint8Array,
  differs: (now: Facts | undefined) => ChangedDetails | undefined
): Omit<EditPlan, 'effects'> {
  const reads: Command[] = [['XINFO', 'GROUPS', key]]
  return { key, database, type: 'stream', reads, conflict: ([reply]) => differs(named(reply, group)) }
}

function named(reply: Reply | undefined, name: Uint8Array): Facts | undefined {
  return listOf(reply)
    .map(mapOf)
    .find((facts) => Buffer.compare(bytesOf(facts.get('name')), name) === 0)
}

function factsOf(now: Facts | undefined): unknown {
  return now === undefined ? null : { lastDeliveredId: textOf(now.get('last-delivered-id')), pending: numberOf(now.get('pending')) }
}
