import { toBase64 } from '../bytes.ts'
import type { Command } from '../caller.ts'
import { parseIntegers, parseScan } from '../replies/scan.ts'
import { integerOf } from '../replies/shape.ts'
import type { ExpiryState, SoonestEntry } from '../stream/figures.ts'
import type { AskNode } from './ask-node.ts'
import { forecast, type SampledHash, type Stratum } from './expiry-forecast.ts'
import type { NodeFigures } from './node-figures.ts'

/** One round looks into so many hashes of a node at most, and into so many fields of each. */
const HASHES_PER_ROUND = 16
const AGAIN_PER_ROUND = 4
const FIELDS_PER_HASH = 100
const KEYS_PER_ROUND = 40
const SCAN_COUNT = 200
const HASHES_KEPT = 3_000
const KEYS_KEPT = 5_000
/** What was seen longer ago than that says little about now. */
const SAMPLE_LIFE_MS = 120_000
const SOONEST = 50

/** A primary, as far as sampling needs it. */
export type SampledNode = { readonly node: string; readonly shard: string; readonly figures: NodeFigures }

/**
 * Looks for what expires soon. Nothing lists it, so hashes and keys are sampled: SCAN in small steps, database by database,
 * then the fields' deadlines. It runs only while somebody watches the topic, with a budget per node and second.
 */
export class ExpirySampler {
  readonly #hashes = new Map<string, HashSample>()
  readonly #keys = new Map<string, KeySample>()
  readonly #cursors = new Map<string, { hashes: string; keys: string }>()
  readonly #turns = new Map<string, number>()
  /** Hashes looked into whose fields have no deadline, and when: they tell how much was looked at. */
  readonly #plain = new Map<string, number>()
  #sampledAtMs: number | null = null

  /** One round on one node. Resolves when its questions are answered or the node is lost. */
  async round(node: SampledNode, ask: AskNode, now: () => number): Promise<void> {
    const volatile = [...node.figures.databases].filter(([, figures]) => figures.withVolatileFields > 0).map(([database]) => database)
    const expiring = [...node.figures.databases].filter(([, figures]) => figures.expires > 0).map(([database]) => database)
    const turn = this.#turns.get(node.node) ?? 0
    this.#turns.set(node.node, turn + 1)
    if (volatile.length > 0) await this.#sampleHashes(node, volatile[turn % volatile.length] as number, ask, now)
    if (expiring.length > 0) await this.#sampleKeys(node, expiring[turn % expiring.length] as number, ask, now)
    if (volatile.length > 0 || expiring.length > 0) this.#sampledAtMs = now()
    this.#trim(now())
  }

  /** The topic's state from the sample and from what INFO of the primaries says. */
  state(primaries: readonly SampledNode[], nowMs: number): ExpiryState {
    const strata = new Map<string, Stratum & { hashes: SampledHash[] }>()
    let hashesWithVolatileFields = 0
    let keysWithExpiry = 0
    const rates = { fields: 0, keys: 0, known: false }
    for (const { shard, figures } of primaries) {
      for (const [database, cell] of figures.databases) {
        hashesWithVolatileFields += cell.withVolatileFields
        if (cell.withVolatileFields > 0) strata.set(`${shard} ${database}`, { database, population: cell.withVolatileFields, hashes: [] })
        keysWithExpiry += cell.expires
      }
      if (!figures.rates) continue
      rates.known = true
      rates.fields += figures.rates.expiredFields
      rates.keys += figures.rates.expiredKeys
    }
    const samples = [...this.#hashes.values()]
    for (const { shard, database, fields, looked, length } of samples)
      strata.get(`${shard} ${database}`)?.hashes.push({ deadlinesMs: fields.map((field) => field.deadlineMs), looked, length })
    const keys = [...this.#keys.values()]
    const keyDeadlinesMs = keys.map((sample) => sample.deadlineMs)
    return {
      expiredFieldsPerSecond: rates.known ? Math.round(rates.fields * 10) / 10 : null,
      expiredKeysPerSecond: rates.known ? Math.round(rates.keys * 10) / 10 : null,
      hashesWithVolatileFields,
      keysWithExpiry,
      soonest: this.#soonest(nowMs),
      sampledHashes: samples.length + this.#plain.size,
      sampledKeys: keys.length,
      sampledAtMs: this.#sampledAtMs,
      forecast: this.#sampledAtMs === null ? null : forecast({ strata: [...strata.values()], keyDeadlinesMs, keysWithExpiry }, nowMs)
    }
  }

  /** The viewers have gone; a later look begins anew. */
  forget(): void {
    this.#hashes.clear()
    this.#keys.clear()
    this.#cursors.clear()
    this.#plain.clear()
    this.#sampledAtMs = null
  }

  async #sampleHashes(node: SampledNode, database: number, ask: AskNode, now: () => number): Promise<void> {
    const place = this.#place(node.node, database)
    const select: Command = ['SELECT', String(database)]
    const scan = await ask(node.node, 'expiry', [select, ['SCAN', place.hashes, 'COUNT', String(SCAN_COUNT), 'TYPE', 'hash']])
    const step = scan ? parseScan('SCAN', scan[1]) : undefined
    if (!step || 'error' in step) return
    place.hashes = step.value.cursor
    const again = this.#soonestKeys(node, database, now())
    const keys = new Map<string, Uint8Array>()
    for (const key of [...again, ...this.#leastKnown(database, step.value.items)]) keys.set(toBase64(key), key)
    if (keys.size === 0) return
    const commands: Command[] = [select]
    for (const key of keys.values()) commands.push(['HSCAN', key, '0', 'COUNT', String(FIELDS_PER_HASH), 'NOVALUES'], ['HLEN', key])
    const listed = await ask(node.node, 'expiry', commands)
    if (!listed) return
    const looks: { id: string; key: Uint8Array; names: readonly Uint8Array[]; length: number; complete: boolean }[] = []
    for (const [index, [id, key]] of [...keys].entries()) {
      const fields = parseScan('HSCAN', listed[1 + index * 2])
      if ('error' in fields || fields.value.items.length === 0) {
        this.#hashes.delete(nameOf(database, id))
        this.#plain.delete(nameOf(database, id))
        continue
      }
      const names = fields.value.items.slice(0, FIELDS_PER_HASH)
      const length = integerOf(listed[2 + index * 2]) ?? names.length
      looks.push({ id, key, names, length, complete: fields.value.cursor === '0' && names.length === fields.value.items.length })
    }
    await this.#readDeadlines(node, database, looks, ask, now)
  }

  /** Of the hashes that SCAN met: those never looked into, then those looked into longest ago. */
  #leastKnown(database: number, met: readonly Uint8Array[]): readonly Uint8Array[] {
    if (met.length <= HASHES_PER_ROUND) return met
    const known = met.map((key) => {
      const name = nameOf(database, toBase64(key))
      return { key, atMs: this.#hashes.get(name)?.atMs ?? this.#plain.get(name) ?? 0 }
    })
    return known
      .sort((a, b) => a.atMs - b.atMs)
      .slice(0, HASHES_PER_ROUND)
      .map((entry) => entry.key)
  }

  async #readDeadlines(
    node: SampledNode,
    database: number,
    looks: readonly { id: string; key: Uint8Array; names: readonly Uint8Array[]; length: number; complete: boolean }[],
    ask: AskNode,
    now: () => number
  ): Promise<void> {
    if (looks.length === 0) return
    const commands: Command[] = [['SELECT', String(database)]]
    for (const look of looks) commands.push(['HPEXPIRETIME', look.key, 'FIELDS', String(look.names.length), ...look.names])
    const replies = await ask(node.node, 'expiry', commands)
    if (!replies) return
    for (const [index, look] of looks.entries()) {
      const times = parseIntegers('HPEXPIRETIME', replies[index + 1])
      if ('error' in times) continue
      const fields: HashSample['fields'] = look.names.flatMap((name, position) => {
        const deadlineMs = times.value[position] ?? -2
        return deadlineMs >= 0 ? [{ field: toBase64(name), deadlineMs }] : []
      })
      const name = nameOf(database, look.id)
      this.#hashes.delete(name)
      this.#plain.delete(name)
      if (fields.length === 0) {
        this.#plain.set(name, now())
        continue
      }
      const looked = look.names.length
      const length = look.complete ? looked : Math.max(looked, look.length)
      this.#hashes.set(name, { database, shard: node.shard, key: look.key, keyText: look.id, fields, looked, length, atMs: now() })
    }
  }

  async #sampleKeys(node: SampledNode, database: number, ask: AskNode, now: () => number): Promise<void> {
    const place = this.#place(node.node, database)
    const select: Command = ['SELECT', String(database)]
    const scan = await ask(node.node, 'expiry', [select, ['SCAN', place.keys, 'COUNT', String(KEYS_PER_ROUND)]])
    const step = scan ? parseScan('SCAN', scan[1]) : undefined
    if (!step || 'error' in step) return
    place.keys = step.value.cursor
    const keys = spread(step.value.items, KEYS_PER_ROUND)
    if (keys.length === 0) return
    const replies = await ask(node.node, 'expiry', [select, ...keys.map((key) => ['PEXPIRETIME', key] as const)])
    if (!replies) return
    for (const [index, key] of keys.entries()) {
      const id = toBase64(key)
      const name = nameOf(database, id)
      const deadlineMs = integerOf(replies[index + 1]) ?? -2
      this.#keys.delete(name)
      if (deadlineMs >= 0) this.#keys.set(name, { database, shard: node.shard, keyText: id, deadlineMs, atMs: now() })
    }
  }

  /** Where the two walks through a database of a node have come to. */
  #place(node: string, database: number): { hashes: string; keys: string } {
    const id = `${node} ${database}`
    const place = this.#cursors.get(id) ?? { hashes: '0', keys: '0' }
    this.#cursors.set(id, place)
    return place
  }

  /** Hashes on top of the list are read again, so that a deadline that was changed does not stand there for long. */
  #soonestKeys(node: SampledNode, database: number, nowMs: number): readonly Uint8Array[] {
    return [...this.#hashes.values()]
      .filter((sample) => sample.shard === node.shard && sample.database === database && nowMs - sample.atMs > 3_000)
      .map((sample) => ({ key: sample.key, deadlineMs: Math.min(...sample.fields.map((field) => field.deadlineMs)) }))
      .sort((a, b) => a.deadlineMs - b.deadlineMs)
      .slice(0, AGAIN_PER_ROUND)
      .map((sample) => sample.key)
  }

  #soonest(nowMs: number): readonly SoonestEntry[] {
    const entries: SoonestEntry[] = []
    for (const { database, shard, keyText, fields } of this.#hashes.values())
      for (const { field, deadlineMs } of fields) if (deadlineMs > nowMs) entries.push({ database, shard, key: keyText, field, deadlineMs })
    for (const { database, shard, keyText, deadlineMs } of this.#keys.values())
      if (deadlineMs > nowMs) entries.push({ database, shard, key: keyText, field: null, deadlineMs })
    return entries.sort((a, b) => a.deadlineMs - b.deadlineMs || (a.key < b.key ? -1 : 1)).slice(0, SOONEST)
  }

  /** Old samples go, and the oldest of too many; a sample is put last when it is read again. */
  #trim(nowMs: number): void {
    for (const [name, atMs] of this.#plain) {
      if (nowMs - atMs <= SAMPLE_LIFE_MS && this.#plain.size <= HASHES_KEPT) break
      this.#plain.delete(name)
    }
    for (const [samples, kept] of [
      [this.#hashes, HASHES_KEPT],
      [this.#keys, KEYS_KEPT]
    ] as const) {
      for (const [name, sample] of samples) {
        const lastMs = 'deadlineMs' in sample ? sample.deadlineMs : Math.max(...sample.fields.map((field) => field.deadlineMs))
        const over = lastMs <= nowMs
        if (over || nowMs - sample.atMs > SAMPLE_LIFE_MS || samples.size > kept) samples.delete(name)
      }
    }
  }
}

type HashSample = {
  readonly database: number
  readonly shard: string
  readonly key: Uint8Array
  readonly keyText: string
  readonly fields: readonly { readonly field: string; readonly deadlineMs: number }[]
  /** Fields that were looked at, of so many. */
  readonly looked: number
  readonly length: number
  readonly atMs: number
}

type KeySample = {
  readonly database: number
  readonly shard: string
  readonly keyText: string
  readonly deadlineMs: number
  readonly atMs: number
}

/** Without the shard: a hash that moves stays one sample. */
function nameOf(database: number, key: string): string {
  return `${database} ${key}`
}

/** At most `count` of the items, evenly spread: neighbours in a SCAN reply are no better than others. */
function spread<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)] as T)
}
