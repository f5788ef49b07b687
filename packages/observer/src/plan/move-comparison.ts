import { type Caller, type Command, ErrorReply, type Reply, UnreachableError } from '../caller.ts'
import { detourOf, resyncCommands } from '../node-plan/resync.ts'
import { parseInfo } from '../replies/info.ts'
import { databasesOf } from '../replies/keyspace.ts'
import { integerOf, listOf } from '../replies/shape.ts'
import type { CoreState, MoveComparison, NodeState, SlotRange, WrongReplica } from '../stream/core-state.ts'
import { countSlots, eachSlot, normalise } from '../stream/moves.ts'
import { shellOf } from '../stream/node-plans.ts'

/** Counts that one node is asked for at most, over all its databases and rounds of one comparison. */
const MOST_COUNTS = 2_000
const PIPELINE = 256
/** Keys that are compared byte by byte, at most. */
const MOST_KEYS = 64
/** Memory of a value that is still compared byte by byte: a DUMP keeps the node from everybody else as long as it takes. */
const MOST_VALUE_BYTES = 256 * 1024
/** A difference counts when it is there in every round: traffic and the lag of a replica come and go. */
const ROUNDS = 4

/**
 * Compares the target of a move with its replicas: keys per database in the moved slots and in a sample of its others, and some keys
 * byte by byte. Real 9.0 and 9.1 can apply writes of several databases in the wrong one on a replica (atomic-slot-migration.md,
 * section 6), which nothing else would show. `pause` lets replicas catch up between two rounds.
 */
export async function compareReplicas(
  caller: Caller,
  core: CoreState,
  move: { readonly targetShard: string; readonly targetNode: string; readonly slots: readonly SlotRange[] },
  pause: () => Promise<void>
): Promise<MoveComparison> {
  const shard = core.shards[move.targetShard]
  const target = core.nodes[move.targetNode]
  const replicas = (shard?.replicas ?? []).map((id) => core.nodes[id]).filter((node) => node !== undefined)
  if (!shard || !target || replicas.length === 0) return { text: 'The target has no replica to compare with.', wrongReplicas: [] }
  const wrongReplicas: WrongReplica[] = []
  const silent: string[] = []
  let compared = 0
  for (const replica of replicas) {
    const databases = await databasesIn(caller, [target, replica])
    if (databases === undefined) {
      silent.push(replica.name)
      continue
    }
    const each = Math.max(2, Math.floor(MOST_COUNTS / ROUNDS / Math.max(1, databases.length)))
    const slots = sampleOf(move.slots, shard.slots, each)
    const differences = await lastingDifferences(caller, target, replica, databases, slots, pause)
    if (differences === undefined) silent.push(replica.name)
    else {
      compared++
      if (differences.length > 0) wrongReplicas.push({ node: replica.id, differences, repair: repairOf(core, replica, target) })
    }
  }
  return { text: wordsOf(core, wrongReplicas, compared, silent), wrongReplicas }
}

type Place = { readonly database: number; readonly slot: number }

async function lastingDifferences(
  caller: Caller,
  target: NodeState,
  replica: NodeState,
  databases: readonly number[],
  slots: readonly number[],
  pause: () => Promise<void>
): Promise<WrongReplica['differences'] | undefined> {
  let places: readonly Place[] = databases.flatMap((database) => slots.map((slot) => ({ database, slot })))
  const sampled = places.filter((_, index) => index % Math.max(1, Math.floor((places.length * 4) / MOST_KEYS)) === 0)
  let keys: readonly (Place & { readonly key: Uint8Array })[] = await smallOnes(caller, target, await keysAt(caller, target, sampled))
  let [here, there]: (readonly number[])[] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0) await pause()
    const counts = await Promise.all([countsOf(caller, target, places), countsOf(caller, replica, places)])
    const dumps = await Promise.all([dumpsOf(caller, target, keys), dumpsOf(caller, replica, keys)])
    const [a, b] = counts
    const [x, y] = dumps
    if (!a || !b || !x || !y) return undefined
    const differ = places.map((_, index) => a[index] !== b[index])
    here = a.filter((_, index) => differ[index])
    there = b.filter((_, index) => differ[index])
    places = places.filter((_, index) => differ[index])
    keys = keys.filter((_, index) => !sameValue(x[index], y[index]))
    if (places.length === 0 && keys.length === 0) return []
  }
  return databases.flatMap((database) => {
    const sum = (counts: readonly number[] | undefined) =>
      places.reduce((total, place, index) => total + (place.database === database ? (counts?.[index] ?? 0) : 0), 0)
    const slotCount = places.filter((place) => place.database === database).length
    const wrongKeys = keys.filter((key) => key.database === database).length
    return slotCount + wrongKeys === 0 ? [] : [{ database, slotCount, keys: sum(here), keysThere: sum(there), wrongKeys }]
  })
}

async function databasesIn(caller: Caller, nodes: readonly NodeState[]): Promise<readonly number[] | undefined> {
  const found = new Set<number>()
  for (const node of nodes) {
    const replies = await ask(caller, node, [['INFO', 'keyspace']])
    const info = replies && parseInfo(replies[0])
    if (!info || 'error' in info) return undefined
    for (const [database, { keys }] of databasesOf(info.value)) if (keys > 0) found.add(database)
  }
  return [...found].sort((a, b) => a - b)
}

/** Half of the moved slots, half of the others: what a relayed SELECT does wrong shows in either. */
function sampleOf(moved: readonly SlotRange[], owned: readonly SlotRange[], count: number): readonly number[] {
  const mine = new Set(eachSlot(normalise(moved)))
  const others = countSlots(owned) === 0 ? [] : [...eachSlot(owned)].filter((slot) => !mine.has(slot))
  const half = Math.ceil(count / 2)
  return [...evenly([...mine], half), ...evenly(others, count - Math.min(half, mine.size))]
}

function evenly<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)] as T)
}

/** Keys per place; undefined when the node does not answer or refuses. */
async function countsOf(caller: Caller, node: NodeState, places: readonly Place[]): Promise<readonly number[] | undefined> {
  const replies = await askAt(caller, node, places, ({ slot }) => ['CLUSTER', 'COUNTKEYSINSLOT', String(slot)])
  const counts = replies?.map(integerOf)
  return counts?.every((count) => count !== undefined) ? (counts as number[]) : undefined
}

async function keysAt(caller: Caller, node: NodeState, places: readonly Place[]): Promise<(Place & { key: Uint8Array })[]> {
  const replies = await askAt(caller, node, places, ({ slot }) => ['CLUSTER', 'GETKEYSINSLOT', String(slot), '1'])
  const keys = (replies ?? []).flatMap((reply, index) => {
    const [key] = listOf(reply) ?? []
    return key instanceof Uint8Array ? [{ ...(places[index] as Place), key }] : []
  })
  return keys.slice(0, MOST_KEYS)
}

/** Those whose size is known and small. MEMORY USAGE samples a few elements by itself, so that it is quick for any size. */
async function smallOnes<P extends Place & { key: Uint8Array }>(
  caller: Caller,
  node: NodeState,
  keys: readonly P[]
): Promise<readonly P[]> {
  const sizes = await askAt(caller, node, keys, ({ key }) => ['MEMORY', 'USAGE', key])
  return keys.filter((_, index) => (integerOf(sizes?.[index]) ?? Number.POSITIVE_INFINITY) <= MOST_VALUE_BYTES)
}

async function dumpsOf(caller: Caller, node: NodeState, keys: readonly (Place & { key: Uint8Array })[]) {
  return askAt(caller, node, keys, ({ key }) => ['DUMP', key])
}

/** One question per place, each behind the SELECT of its database. A replica answers for its own keys only after READONLY. */
async function askAt<P extends Place>(
  caller: Caller,
  node: NodeState,
  places: readonly P[],
  question: (place: P) => Command
): Promise<readonly Reply[] | undefined> {
  const answers: Reply[] = []
  for (let at = 0; at < places.length; at += PIPELINE) {
    const part = places.slice(at, at + PIPELINE)
    const commands: Command[] = node.role === 'replica' ? [['READONLY']] : []
    const wanted: number[] = []
    let database: number | undefined
    for (const place of part) {
      if (place.database !== database) commands.push(['SELECT', String(place.database)])
      database = place.database
      wanted.push(commands.length)
      commands.push(question(place))
    }
    const replies = await ask(caller, node, commands)
    if (!replies || replies.some((reply, index) => reply instanceof ErrorReply && !wanted.includes(index))) return undefined
    for (const index of wanted) answers.push(replies[index] ?? null)
  }
  return answers
}

/** Hashes, sets and sorted sets are written in the order of a table that each node seeds for itself: then the length has to do. */
function sameValue(a: Reply | undefined, b: Reply | undefined): boolean {
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return (a ?? null) === (b ?? null)
  if (a.length !== b.length) return false
  const isOrdered = a[0] === 0 || a[0] === 18
  return !isOrdered || a.every((byte, index) => byte === b[index])
}

/** What makes the replica take its whole copy anew; null: there is no other primary that it could turn to for a moment. */
function repairOf(core: CoreState, replica: NodeState, target: NodeState): string | null {
  const detour = detourOf(core, target.id)
  if (!detour) return null
  return (
    shellOf({ to: [{ node: replica.id, host: replica.host, port: replica.port }], commands: resyncCommands(target.id, detour.node) })[0] ??
    null
  )
}

function wordsOf(core: CoreState, wrong: readonly WrongReplica[], compared: number, silent: readonly string[]): string {
  const parts = wrong.map(({ node, differences }) => {
    const where = differences.map(
      ({ database, keys, keysThere, wrongKeys }) =>
        `database ${database}: ${keysThere.toLocaleString('en-US')} keys in place of ${keys.toLocaleString('en-US')}${wrongKeys > 0 ? `, ${wrongKeys} of the sampled keys differ` : ''}`
    )
    return `${core.nodes[node]?.name ?? node.slice(0, 8)} is not like its primary: ${where.join('; ')}. A full resync repairs it.`
  })
  if (parts.length === 0 && compared > 0)
    parts.push(`${compared === 1 ? 'The replica holds' : `${compared} replicas hold`} the same keys in the sample.`)
  if (silent.length > 0) parts.push(`Not compared, no answer: ${silent.join(', ')}.`)
  return parts.join(' ')
}

async function ask(caller: Caller, node: NodeState, commands: readonly Command[]): Promise<readonly Reply[] | undefined> {
  try {
    return await caller.pipeline({ host: node.host, port: node.port }, commands, { purpose: 'work', cause: 'compare' })
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    return undefined
  }
}
