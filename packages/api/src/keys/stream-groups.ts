import type { Command, Reply } from '@slotscope/observer'
import type { KeyPlace, PendingAnswer, StreamAnswer } from '@slotscope/observer/stream'
import { type AskedCluster, askNode, askOwner, sound } from '../clusters/node-questions.ts'
import { keySlot } from './key-slot.ts'
import { base64url, listOf, mapOf, numberOf, textOf } from './replies.ts'
import { entryIdOf } from './value.ts'

const MOST_GROUPS = 100
const PAGE_ENTRIES = 200

/** Length, ids, groups and their consumers. The server's own error where the key holds no stream, or is not there. */
export async function readStream(cluster: AskedCluster, place: KeyPlace, nowMs: number): Promise<StreamAnswer> {
  const key = Buffer.from(place.key, 'base64url')
  const select: Command = ['SELECT', String(place.database)]
  const asked: Command[] = [select, ['XINFO', 'STREAM', key], ['XINFO', 'GROUPS', key]]
  const { node, replies } = await askOwner(cluster, keySlot(key), asked, 'value')
  sound(replies[0], node)
  const facts = mapOf(sound(replies[1], node))
  const all = listOf(sound(replies[2], node)).map(mapOf)
  const groups = all.slice(0, MOST_GROUPS)
  const consumers =
    groups.length === 0
      ? []
      : await askNode(
          cluster,
          node,
          [select, ...groups.map((group): Command => ['XINFO', 'CONSUMERS', key, bytesIn(group, 'name')])],
          'value'
        )
  return {
    length: numberOf(facts.get('length')) ?? 0,
    firstId: textOf(listOf(facts.get('first-entry'))[0]) || null,
    lastId: textOf(facts.get('last-generated-id')),
    entriesAdded: numberOf(facts.get('entries-added')),
    groups: groups.map((group, index) => ({
      name: base64url(group.get('name')),
      lastDeliveredId: textOf(group.get('last-delivered-id')),
      pending: numberOf(group.get('pending')) ?? 0,
      lag: numberOf(group.get('lag')),
      consumers: listOf(sound(consumers[index + 1], node)).map((one) => {
        const consumer = mapOf(one)
        return {
          name: base64url(consumer.get('name')),
          pending: numberOf(consumer.get('pending')) ?? 0,
          idleMs: numberOf(consumer.get('idle')) ?? 0
        }
      })
    })),
    moreGroups: all.length - groups.length,
    atMs: nowMs
  }
}

/** One page of what a group was given and has not acknowledged, by id. `offset`: the last id of the page before. */
export async function readPending(
  cluster: AskedCluster,
  { database, key, group, offset }: KeyPlace & { readonly group: string; readonly offset: string | null },
  nowMs: number
): Promise<PendingAnswer> {
  const name = Buffer.from(key, 'base64url')
  const from = offset === null ? '-' : `(${entryIdOf(offset)}`
  const command: Command = ['XPENDING', name, Buffer.from(group, 'base64url'), from, '+', String(PAGE_ENTRIES)]
  const { node, replies } = await askOwner(cluster, keySlot(name), [['SELECT', String(database)], command], 'value')
  sound(replies[0], node)
  const items = listOf(sound(replies[1], node)).map((one) => {
    const [id, consumer, idle, deliveries] = listOf(one)
    return { id: textOf(id), consumer: base64url(consumer), idleMs: numberOf(idle) ?? 0, deliveries: numberOf(deliveries) ?? 0 }
  })
  return { items, next: items.length < PAGE_ENTRIES ? null : (items.at(-1)?.id ?? null), atMs: nowMs }
}

function bytesIn(map: ReadonlyMap<string, Reply>, name: string): Uint8Array {
  const bytes = map.get(name)
  return bytes instanceof Uint8Array ? bytes : Buffer.from(textOf(bytes))
}
