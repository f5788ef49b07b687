import { encodeUtf8, fromBase64, slotOfKey, toBase64 } from '../bytes.ts'
import { type Command, ErrorReply, type Reply } from '../caller.ts'
import { parseIntegers, parseScan } from '../replies/scan.ts'
import { integerOf, textOf } from '../replies/shape.ts'
import type { HashFieldState, HashState } from '../stream/figures.ts'
import type { AskNode } from './ask-node.ts'

const FIELDS = 1_000
const VALUE_BYTES = 256
const BATCH = 100
/** HSCAN calls for one reading; a hash that needs more is shown in part. */
const SCAN_CALLS = 5

/** Fields kept by name, so that a huge hash whose fields come and go does not fill the memory of who looks at it. */
const MOST_SEEN = 2 * FIELDS

/** The two parts of `hash:<database>:<key>`; undefined when the topic is not one. */
export function hashTopicOf(topic: string): { readonly database: number; readonly key: Uint8Array; readonly keyText: string } | undefined {
  const match = /^hash:(\d{1,10}):([A-Za-z0-9_-]*)$/.exec(topic)
  const key = match ? fromBase64(match[2] as string) : undefined
  return match && key ? { database: Number(match[1]), key, keyText: match[2] as string } : undefined
}

/**
 * The fields of one hash with their deadlines, read again and again while somebody looks. An expired field is hidden from
 * HSCAN at once but counted by HLEN until it is reclaimed: fields that were seen before are kept by name for that while.
 */
export class HashWatch {
  readonly #database: number
  readonly #key: Uint8Array
  readonly #keyText: string
  readonly slot: number
  readonly #seen = new Map<string, HashFieldState>()
  running = false
  startedAtMs = Number.NEGATIVE_INFINITY

  constructor(topic: { readonly database: number; readonly key: Uint8Array; readonly keyText: string }) {
    this.#database = topic.database
    this.#key = topic.key
    this.#keyText = topic.keyText
    this.slot = slotOfKey(topic.key)
  }

  /** Reads the hash once from the slot's owner. Undefined: the node did not answer. */
  async read(
    owner: { readonly node: string; readonly shard: string } | undefined,
    ask: AskNode,
    now: () => number
  ): Promise<HashState | undefined> {
    if (!owner) return this.#without(null, 'No node owns the slot of this key.', now())
    const select: Command = ['SELECT', String(this.#database)]
    const replies = await ask(owner.node, 'hash', [
      select,
      ['TYPE', this.#key],
      ['HLEN', this.#key],
      ['PEXPIRETIME', this.#key],
      ['HSCAN', this.#key, '0', 'COUNT', String(FIELDS)]
    ])
    if (!replies) return undefined
    const refusal = replies.slice(0, 2).find((reply) => reply instanceof ErrorReply)
    if (refusal instanceof ErrorReply) return this.#without(owner, refusal.message, now())
    const type = textOf(replies[1])
    if (type === 'none') return this.#without(owner, null, now())
    if (type !== 'hash') return this.#without(owner, `The key holds a ${type ?? 'value of unknown type'}, not a hash.`, now())
    const length = integerOf(replies[2])
    if (length === undefined) return this.#without(owner, messageOf(replies[2]), now())
    const listed = await this.#list(owner.node, replies[4], ask)
    if (!listed) return undefined
    if (typeof listed === 'string') return this.#without(owner, listed, now())
    const deadlines = await this.#deadlines(owner.node, [...listed.fields.keys()], ask)
    if (!deadlines) return undefined
    if (typeof deadlines === 'string') return this.#without(owner, deadlines, now())
    const atMs = now()
    const keyDeadline = integerOf(replies[3]) ?? -1
    const fields = this.#fields(listed.fields, deadlines)
    const unnamed = listed.complete ? Math.max(0, length - listed.fields.size) : null
    return {
      ...this.#base(owner, atMs),
      exists: true,
      problem: null,
      length,
      unnamed,
      keyDeadlineMs: keyDeadline >= 0 ? keyDeadline : null,
      fields: { ...fields, ...this.#awaitingReclaim(fields, unnamed, atMs) },
      truncated: !listed.complete
    }
  }

  /** All fields that HSCAN lists, at most a thousand, in as few calls as it takes. A text: the server's refusal. */
  async #list(
    node: string,
    first: Reply | undefined,
    ask: AskNode
  ): Promise<{ readonly fields: ReadonlyMap<string, Listed>; readonly complete: boolean } | string | undefined> {
    const fields = new Map<string, Listed>()
    let reply = first
    for (let calls = 1; ; calls++) {
      const step = parseScan('HSCAN', reply)
      if ('error' in step) return step.error
      const { cursor, items } = step.value
      for (let i = 0; i + 1 < items.length; i += 2) {
        const name = items[i] as Uint8Array
        fields.set(toBase64(name), { name, value: items[i + 1] as Uint8Array })
      }
      if (cursor === '0' && fields.size <= FIELDS) return { fields, complete: true }
      if (cursor === '0' || fields.size >= FIELDS || calls >= SCAN_CALLS) {
        return { fields: new Map([...fields].slice(0, FIELDS)), complete: false }
      }
      const replies = await ask(node, 'hash', [
        ['SELECT', String(this.#database)],
        ['HSCAN', this.#key, cursor, 'COUNT', String(FIELDS)]
      ])
      if (!replies) return undefined
      reply = replies[1]
    }
  }

  /** Deadline by field; null: none, or a server without field expiry. */
  async #deadlines(node: string, names: readonly string[], ask: AskNode): Promise<ReadonlyMap<string, number | null> | string | undefined> {
    const deadlines = new Map<string, number | null>()
    if (names.length === 0) return deadlines
    const batches: string[][] = []
    for (let at = 0; at < names.length; at += BATCH) batches.push(names.slice(at, at + BATCH))
    const commands: Command[] = [['SELECT', String(this.#database)]]
    for (const batch of batches)
      commands.push([
        'HPEXPIRETIME',
        this.#key,
        'FIELDS',
        String(batch.length),
        ...batch.map((name) => fromBase64(name) ?? encodeUtf8(name))
      ])
    const replies = await ask(node, 'hash', commands)
    if (!replies) return undefined
    for (const [index, batch] of batches.entries()) {
      const reply = replies[index + 1]
      if (reply instanceof ErrorReply && /unknown command/i.test(reply.message)) {
        for (const name of batch) deadlines.set(name, null)
        continue
      }
      const times = parseIntegers('HPEXPIRETIME', reply)
      if ('error' in times) return times.error
      for (const [position, name] of batch.entries()) {
        const time = times.value[position] ?? -2
        // -2: gone between the two questions; it is left out.
        if (time !== -2) deadlines.set(name, time === -1 ? null : time)
      }
    }
    return deadlines
  }

  #fields(listed: ReadonlyMap<string, Listed>, deadlines: ReadonlyMap<string, number | null>): Record<string, HashFieldState> {
    const fields: Record<string, HashFieldState> = {}
    for (const [id, { value }] of listed) {
      const deadlineMs = deadlines.get(id)
      if (deadlineMs === undefined) continue
      const field: HashFieldState = {
        name: id,
        value: toBase64(value.subarray(0, VALUE_BYTES)),
        valueBytes: value.length,
        deadlineMs,
        awaitingReclaim: false
      }
      fields[id] = field
      // Again at the end: what was not listed for longest is forgotten first.
      this.#seen.delete(id)
      this.#seen.set(id, field)
    }
    for (const id of this.#seen.keys()) {
      if (this.#seen.size <= MOST_SEEN) break
      this.#seen.delete(id)
    }
    return fields
  }

  /** Fields seen before that passed their deadline; as many as HLEN still counts, the latest deadlines, since reclaim goes in order. */
  #awaitingReclaim(listed: Readonly<Record<string, HashFieldState>>, unnamed: number | null, atMs: number): Record<string, HashFieldState> {
    const hidden: HashFieldState[] = []
    for (const [id, field] of this.#seen) {
      if (Object.hasOwn(listed, id)) continue
      if (field.deadlineMs !== null && field.deadlineMs <= atMs) hidden.push(field)
      else if (unnamed !== null) this.#seen.delete(id)
    }
    hidden.sort((a, b) => (b.deadlineMs as number) - (a.deadlineMs as number))
    const waiting = unnamed === null ? [] : hidden.slice(0, unnamed)
    for (const field of unnamed === null ? [] : hidden.slice(unnamed)) this.#seen.delete(field.name)
    return Object.fromEntries(waiting.map((field) => [field.name, { ...field, awaitingReclaim: true }]))
  }

  #base(owner: { readonly node: string; readonly shard: string } | null, atMs: number) {
    return { database: this.#database, key: this.#keyText, slot: this.slot, shard: owner?.shard ?? null, node: owner?.node ?? null, atMs }
  }

  #without(owner: { readonly node: string; readonly shard: string } | null, problem: string | null, atMs: number): HashState {
    if (problem === null) this.#seen.clear()
    return {
      ...this.#base(owner, atMs),
      exists: false,
      problem,
      length: 0,
      unnamed: null,
      keyDeadlineMs: null,
      fields: {},
      truncated: false
    }
  }
}

type Listed = { readonly name: Uint8Array; readonly value: Uint8Array }

function messageOf(reply: Reply | undefined): string {
  return reply instanceof ErrorReply ? reply.message : 'The server gave no length for this hash.'
}
