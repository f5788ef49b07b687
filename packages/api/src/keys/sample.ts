import { type Command, ErrorReply, type Reply } from '@slotscope/observer'
import type { KeySampleAnswer, KeySampleRequest, SampledKey } from '@slotscope/observer/stream'
import { type AskedCluster, askNode, sound } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import { base64url, bytesOf, numberOf, sizeCommand, textOf } from './replies.ts'

/** Elements of a value that MEMORY USAGE weighs: the rest is taken for their mean, so that no value holds a node up. */
const ELEMENTS = '5'
/** Nodes that are asked at the same time. */
const AT_ONCE = 16

/** Keys of the database on a shard; null: not known, and its slots count in their place. */
export type KeysOn = (shard: string) => number | null

/**
 * Keys of a database drawn at random, each with what it takes. Every key is as likely as every other one, whatever its shard: a shard gets as many
 * of the draws as chance gives it by its keys. A key may be drawn twice; one that is gone before it was weighed is left out. Four commands a
 * key at most. Throws `NOT_FOUND` for a shard that is not there.
 */
export async function sampleKeys(
  cluster: AskedCluster,
  { database, shard, count }: KeySampleRequest,
  keysOn: KeysOn,
  nowMs: number
): Promise<KeySampleAnswer> {
  const { shards } = cluster.core()
  if (shard !== null && shards[shard] === undefined) throw new ApiFailure('NOT_FOUND', `no shard ${shard} in this cluster`)
  const among = (shard === null ? Object.values(shards) : [shards[shard]]).flatMap((one) => (one && one.slotCount > 0 ? [one] : []))
  const known = among.map(({ key }) => keysOn(key))
  const weights = known.includes(null) ? among.map(({ slotCount }) => slotCount) : known.map(Number)
  const draws = drawn(weights, count)
  const asked = among.flatMap(({ key, label, primary }, index) => {
    const wanted = draws[index] ?? 0
    if (wanted === 0) return []
    if (primary === null) throw new ApiFailure('CLUSTER_UNREACHABLE', `shard ${label} has no primary to ask`)
    return [{ shard: key, node: primary, wanted }]
  })
  const answers = []
  for (let at = 0; at < asked.length; at += AT_ONCE)
    answers.push(...(await Promise.all(asked.slice(at, at + AT_ONCE).map((one) => drawOn(cluster, database, one)))))
  return {
    keys: answers.flatMap(({ keys }) => keys),
    total: known.includes(null) ? null : known.reduce((sum: number, keys) => sum + (keys ?? 0), 0),
    commands: answers.reduce((sum, { commands }) => sum + commands, 0),
    atMs: nowMs
  }
}

/** How many of `count` draws fall on each, as chance has it. */
function drawn(weights: readonly number[], count: number): readonly number[] {
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  const draws = weights.map(() => 0)
  if (all === 0) return draws
  for (let draw = 0; draw < count; draw++) {
    let place = Math.random() * all
    const index = weights.findIndex((weight) => {
      place -= weight
      return place < 0
    })
    if (index >= 0) draws[index] = (draws[index] ?? 0) + 1
  }
  return draws
}

type Draw = { readonly shard: string; readonly node: string; readonly wanted: number }

async function drawOn(cluster: AskedCluster, database: number, { shard, node, wanted }: Draw) {
  let commands = 0
  const ask = async (asked: readonly Command[]): Promise<readonly Reply[]> => {
    if (asked.length === 0) return []
    commands += asked.length + 1
    const [selected, ...replies] = await askNode(cluster, node, [['SELECT', String(database)], ...asked], 'key sample')
    sound(selected, node)
    return replies
  }
  const names = (await ask(Array.from({ length: wanted }, (): Command => ['RANDOMKEY']))).map((reply) => sound(reply, node))
  const drawnKeys = names.filter((reply) => reply !== null).map(bytesOf)
  const facts = await ask(
    drawnKeys.flatMap((key): Command[] => [
      ['TYPE', key],
      ['MEMORY', 'USAGE', key, 'SAMPLES', ELEMENTS]
    ])
  )
  const found = drawnKeys.flatMap((key, index) => {
    const type = textOf(unlessMoved(facts[2 * index], node))
    const bytes = numberOf(unlessMoved(facts[2 * index + 1], node) ?? null)
    return type === 'none' || type === '' || bytes === null ? [] : [{ key, type, bytes, sizeCommand: sizeCommand(type, key) }]
  })
  const sized = found.filter((one) => one.sizeCommand !== undefined)
  const sizes = await ask(sized.flatMap(({ sizeCommand: command }): Command[] => (command ? [command] : [])))
  const sizeOf = new Map(sized.map((one, index) => [one, numberOf(sizes[index])]))
  const keys = found.map(
    (one): SampledKey => ({ key: base64url(one.key as Reply), type: one.type, shard, bytes: one.bytes, size: sizeOf.get(one) ?? null })
  )
  return { keys, commands }
}

/** A slot that has just moved takes its keys along: they are drawn where they are now. */
function unlessMoved(reply: Reply | undefined, node: string): Reply | undefined {
  return reply instanceof ErrorReply && (reply.code === 'MOVED' || reply.code === 'ASK') ? undefined : sound(reply, node)
}
