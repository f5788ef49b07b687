import { type Caller, type Command, ErrorReply, type NodeAddress, type Reply, UnreachableError } from '../caller.ts'
import { integerOf, listOf } from '../replies/shape.ts'
import type { SampledBytes } from '../stream/core-state.ts'

/** MEMORY USAGE is asked of so many keys for one plan, over all its sources (interaction section 4). */
export const MOST_SAMPLED_KEYS = 200
/** Slots that are looked into for each key that is wanted: in several databases a slot may hold none of this one. */
const SLOTS_PER_KEY = 2
const TIMEOUT_MS = 5_000

/** Keys of one kind: how many there are, and the bytes of those that were measured. */
export type Stratum = { readonly keys: number; readonly sizes: readonly number[] }

/**
 * How many bytes the keys take, measured on some of them: servers up to 9.1 have no figure of bytes per slot. The range is two standard
 * deviations of the estimate to either side, never below what was measured; it is exact where every key was. Undefined when
 * nothing was measured.
 */
export function estimateBytes(strata: readonly Stratum[]): SampledBytes | undefined {
  const sizes = strata.flatMap((stratum) => stratum.sizes)
  if (sizes.length === 0) return undefined
  const measured = sum(sizes)
  const meanOfAll = measured / sizes.length
  let [total, variance] = [0, 0]
  for (const { keys, sizes: own } of strata) {
    const mean = own.length > 0 ? sum(own) / own.length : meanOfAll
    total += mean * keys
    // Of one key, or of none, nothing is known about how much they differ: by their whole size, then.
    const spread = own.length > 1 ? sum(own.map((size) => (size - mean) ** 2)) / (own.length - 1) : mean ** 2
    variance += (keys ** 2 * spread * Math.max(0, 1 - own.length / keys)) / Math.max(1, own.length)
  }
  const margin = 2 * Math.sqrt(variance)
  return { low: Math.round(Math.max(measured, total - margin)), high: Math.round(total + margin), sampledKeys: sizes.length }
}

/** What a key of one node takes on average, and how sure that is: the standard error of the mean. Bytes. */
export type BytesPerKey = { readonly mean: number; readonly error: number }

/**
 * The means of several nodes, each drawn towards the mean of all by as much as the samples may differ by chance (James and Stein): the
 * noise of small samples must not become moves, while nodes that really differ keep their own mean.
 */
export function settledMeans(nodes: readonly BytesPerKey[]): readonly number[] {
  if (nodes.length < 2) return nodes.map(({ mean }) => mean)
  const weights = nodes.map(({ error }) => 1 / Math.max(error ** 2, Number.EPSILON))
  const common = sum(nodes.map(({ mean }, index) => mean * (weights[index] as number))) / sum(weights)
  const between = sum(nodes.map(({ mean }) => (mean - common) ** 2)) / (nodes.length - 1)
  const chance = sum(nodes.map(({ error }) => error ** 2)) / nodes.length
  const real = Math.max(0, between - chance)
  return nodes.map(({ mean, error }) => {
    const own = real + error ** 2 === 0 ? 1 : real / (real + error ** 2)
    return common + own * (mean - common)
  })
}

/**
 * Measures at most `most` keys of these slots at the node that owns them, from each database in proportion. Null when the node does not
 * answer, may not be asked (NOPERM), or holds no keys there.
 */
export async function sampleBytes(
  caller: Caller,
  node: NodeAddress,
  {
    slots,
    byDatabase,
    most
  }: { readonly slots: readonly number[]; readonly byDatabase: readonly { database: number; keys: number }[]; readonly most: number }
): Promise<SampledBytes | null> {
  const keys = sum(byDatabase.map((one) => one.keys))
  if (keys === 0 || slots.length === 0) return null
  try {
    const strata: Stratum[] = []
    for (const { database, keys: ofDatabase } of byDatabase) {
      const wanted = Math.min(ofDatabase, Math.max(1, Math.floor((most * ofDatabase) / keys)))
      const sizes = await measure(caller, node, database, slots, wanted)
      if (!sizes) return null
      strata.push({ keys: ofDatabase, sizes })
    }
    return estimateBytes(strata) ?? null
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    return null
  }
}

/** Bytes of at most `wanted` keys of one database; undefined when that may not be asked. */
async function measure(
  caller: Caller,
  node: NodeAddress,
  database: number,
  slots: readonly number[],
  wanted: number
): Promise<readonly number[] | undefined> {
  const ask = async (commands: readonly Command[]): Promise<readonly Reply[] | undefined> => {
    const select: Command = ['SELECT', String(database)]
    const replies = await caller.pipeline(node, [select, ...commands], { purpose: 'work', cause: 'plan', timeoutMs: TIMEOUT_MS })
    return replies.some((reply) => reply instanceof ErrorReply) ? undefined : replies.slice(1)
  }
  const looked = evenSample(slots, wanted * SLOTS_PER_KEY)
  const perSlot = String(Math.max(1, Math.ceil(wanted / looked.length)))
  const lists = await ask(looked.map((slot) => ['CLUSTER', 'GETKEYSINSLOT', String(slot), perSlot]))
  if (!lists) return undefined
  const found = lists.flatMap((list) => listOf(list) ?? []).filter((key) => key instanceof Uint8Array || typeof key === 'string')
  const usages = await ask(evenSample(found, wanted).map((key) => ['MEMORY', 'USAGE', key]))
  // A key that is gone meanwhile is nil.
  return usages?.map((reply) => integerOf(reply)).filter((bytes) => bytes !== undefined)
}

/** At most `count` of the items, evenly spread. */
export function evenSample<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)] as T)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
