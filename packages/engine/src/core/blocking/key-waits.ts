import { latin1Bytes, latin1Text } from '../bytes.ts'
import type { Client } from '../client.ts'
import { redirectionOfBlocked } from '../cluster/redirect.ts'
import { keySlot } from '../cluster/slot.ts'
import type { CommandContext } from '../commands/context.ts'
import type { CommandDefinition } from '../commands/define-command.ts'
import type { ValueType } from '../keyspace/entry.ts'
import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'

/** What a command says when it finds nothing and wants to wait. */
export type KeyWaitRequest = {
  /** Only a value of this type is worth a try. */
  readonly type: ValueType
  readonly keys: readonly Uint8Array[]
  /** 0: as long as it takes. */
  readonly timeoutMs: number
  /** Try also when a key is gone or has become something else, as XREADGROUP wants to. */
  readonly whenGone?: boolean
  /**
   * Runs as the command itself, with its arguments, whenever one of the keys holds the type: true when it has written the
   * reply; false, and nothing written, to wait on.
   */
  readonly retry: (ctx: CommandContext, args: Args) => boolean
  /** Writes the reply of a wait that brought nothing; a null array by default. */
  readonly timedOut?: () => void
}

/** A command that waits for keys. */
export type KeyWait = KeyWaitRequest & {
  readonly client: Client
  readonly definition: CommandDefinition
  /** As statistics spell the command. */
  readonly name: string
  readonly args: Args
}

type AwaitedKey = {
  readonly database: number
  readonly bytes: Uint8Array
  /** In order of arrival. */
  readonly waits: Set<KeyWait>
  /** How many of them want to hear when the key is gone. */
  whenGone: number
  /** Among those to be looked at after the running command. */
  isReady: boolean
}

/**
 * Clients that wait for keys. A key that changes is noted; when the command or the whole transaction is done, those who wait for
 * it are tried in order of arrival, and what that changes may serve others in turn.
 */
export class KeyWaits {
  readonly #node: Node
  /** By database, then by name. */
  readonly #keys = new Map<number, Map<string, AwaitedKey>>()
  readonly #waits = new Set<KeyWait>()
  /** Does anybody wait? Asked with every change. */
  isOn = false
  /** Of them, by the type that they wait for. */
  readonly #counts = new Map<ValueType, number>()
  #ready: AwaitedKey[] = []
  /** Some keys are to be looked at: asked after every command. */
  hasReady = false
  #serving = false

  constructor(node: Node) {
    this.#node = node
  }

  /** Keys that somebody waits for: INFO's `total_blocking_keys`. */
  get keyCount(): number {
    let count = 0
    for (const keys of this.#keys.values()) count += keys.size
    return count
  }

  /** Those of them whose disappearance somebody waits for too. */
  get whenGoneCount(): number {
    let count = 0
    for (const keys of this.#keys.values()) for (const key of keys.values()) if (key.whenGone > 0) count++
    return count
  }

  /** Lets the running command wait. It must not be part of another (`ctx.mayBlock`), and writes no reply now. */
  begin(ctx: CommandContext, args: Args, request: KeyWaitRequest): void {
    const { client, node } = ctx
    const keys = request.keys.map((key) => key.slice())
    const wait = { ...request, keys, client, definition: ctx.definition, name: ctx.commandName, args: args.kept() }
    this.#waits.add(wait)
    this.isOn = true
    this.#counts.set(wait.type, this.#countOf(wait.type) + 1)
    for (const key of keys) {
      const awaited = this.#awaited(client.database, key)
      if (awaited.waits.has(wait)) continue
      awaited.waits.add(wait)
      if (wait.whenGone) awaited.whenGone++
    }
    node.blocked.begin(client, {
      endsAtMs: request.timeoutMs > 0 ? node.now.monotonicMs + request.timeoutMs : Number.POSITIVE_INFINITY,
      timedOut: request.timedOut ?? (() => client.reply.nullArray()),
      forget: () => this.#forget(wait)
    })
  }

  /**
   * A key has changed: who waits for it is looked at once the running command is done. Keys have their turn in the order in which
   * they first held something that anybody waits for, here or elsewhere (`signalKeyAsReady`).
   */
  touched(database: number, key: Uint8Array): void {
    const awaited = this.#keys.get(database)?.get(latin1Text(key))
    if (!awaited || awaited.isReady) return
    const type = this.#node.keyspace.database(database).peek(key)?.value.type
    if (awaited.whenGone > 0 || (type !== undefined && this.#countOf(type) > 0)) this.#makeReady(awaited)
  }

  #countOf(type: ValueType): number {
    return this.#counts.get(type) ?? 0
  }

  /** A database, or all of them, is about to be emptied. */
  flushed(database: number | 'all'): void {
    for (const [index, keys] of this.#keys) {
      if (database !== 'all' && database !== index) continue
      for (const key of keys.values()) if (key.whenGone > 0) this.#makeReady(key)
    }
  }

  /** A database has other keys now: some of them may be what somebody waits for, others may have gone. */
  swapped(database: number): void {
    for (const key of this.#keys.get(database)?.values() ?? []) this.touched(database, key.bytes)
  }

  /** Tries those whose keys have changed. Called between commands; what is served here is not served by another call inside. */
  serve(): void {
    // During a pause whoever is served would write, and would have had to wait.
    if (!this.hasReady || this.#serving || this.#node.pause.mode) return
    this.#serving = true
    while (this.#ready.length > 0) {
      const ready = this.#ready
      this.#ready = []
      for (const key of ready) {
        key.isReady = false
        this.#serveKey(key)
      }
    }
    this.hasReady = false
    this.#serving = false
  }

  /** Slots may have changed hands: who waits for keys that are not served here any more is sent to where they are. */
  review(): void {
    for (const { client, definition, keys } of [...this.#waits]) {
      for (const key of keys) {
        const error = redirectionOfBlocked(this.#node, client, keySlot(key), definition)
        if (error === undefined) continue
        this.#node.blocked.fail(client, error)
        break
      }
    }
  }

  #serveKey(key: AwaitedKey): void {
    const database = this.#node.keyspace.database(key.database)
    // Who waits again meanwhile has its turn the next time.
    let left = key.waits.size
    for (const wait of key.waits) {
      if (left-- === 0) break
      const entry = database.peek(key.bytes)
      if (!entry && key.whenGone === 0) break
      if (entry?.value.type === wait.type || wait.whenGone) this.#node.dispatcher.tryAgain(wait)
    }
  }

  #makeReady(key: AwaitedKey): void {
    if (key.isReady) return
    key.isReady = true
    this.#ready.push(key)
    this.hasReady = true
  }

  #awaited(database: number, bytes: Uint8Array): AwaitedKey {
    let keys = this.#keys.get(database)
    if (!keys) {
      keys = new Map()
      this.#keys.set(database, keys)
    }
    const name = latin1Text(bytes)
    let key = keys.get(name)
    if (!key) {
      key = { database, bytes: latin1Bytes(name), waits: new Set(), whenGone: 0, isReady: false }
      keys.set(name, key)
    }
    return key
  }

  #forget(wait: KeyWait): void {
    this.#waits.delete(wait)
    this.isOn = this.#waits.size > 0
    this.#counts.set(wait.type, this.#countOf(wait.type) - 1)
    const keys = this.#keys.get(wait.client.database)
    for (const bytes of wait.keys) {
      const name = latin1Text(bytes)
      const key = keys?.get(name)
      if (!keys || !key?.waits.delete(wait)) continue
      if (wait.whenGone) key.whenGone--
      if (key.waits.size === 0) keys.delete(name)
    }
  }
}
