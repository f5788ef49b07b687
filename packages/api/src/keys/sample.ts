import { type Command, ErrorReply, type Reply } from '@slotscope/observer'
import type { KeySampleAnswer, KeySampleRequest, SampledKey } from '@slotscope/observer/stream'
import { type AskedCluster, askNode, sound } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import { inTurns } from '../in-turns.ts'
import { base64url, bytesOf, numberOf, sizeCommand, textOf } from './replies.ts'

/** Elements of a value that MEMORY USAGE weighs: the rest is taken for their mean, so that no value holds a node up. */
const ELEMENTS = '5'
/** Nodes that are asked at the same time. */
const AT_ONCE = 16

/** Keys of the database on a shard, as the stream last heard; null: not known. */
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
  const holders = among.map(({ key, label, primary }): Holder => {
    if (primary === null) throw new ApiFailure('CLUSTER_UNREACHABLE', `shard ${label} has no primary to ask`)
    return { shard: key, node: primary }
  })
  const told = holders.map((holder) => keysOn(holder.shard))
  // The stream may be older than the keys: before it is said that there is nothing to draw from, the nodes are asked.
  const isTold = told.some((keys) => keys !== 0) && !told.includes(null)
  const counted = isTold ? [] : await inTurns(holders, AT_ONCE, ({ node }) => keysNow(cluster, node, database))
  const keysOfEach = isTold ? told.map(Number) : counted.map(({ keys }) => keys)
  const draws = drawn(keysOfEach, count)
  const asked = holders.flatMap((holder, index): Draw[] => {
    const wanted = draws[index] ?? 0
    return wanted === 0 ? [] : [{ ...holder, wanted }]
  })
  const answers = await inTurns(asked, AT_ONCE, (one) => drawOn(cluster, database, one))
  return {
    keys: answers.flatMap(({ keys }) => keys),
    total: keysOfEach.reduce((sum, keys) => sum + keys, 0),
    commands: [...counted, ...answers].reduce((sum, { commands }) => sum + commands, 0),
    atMs: nowMs
  }
}

async function keysNow(cluster: AskedCluster, node: string, database: number) {
  const asked: readonly Command[] = [['SELECT', String(database)], ['DBSIZE']]
  const [selected, size] = await askNode(cluster, node, asked, 'key sample')
  sound(selected, node)
  return { keys: numberOf(sound(size, node)) ?? 0, commands: asked.length }
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

type Holder = { readonly shard: string; readonly node: string }
type Draw = Holder & { readonly wanted: number }

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
