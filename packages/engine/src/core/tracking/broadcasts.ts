import { latin1Bytes } from '../bytes.ts'
import type { Client } from '../client.ts'

/** Who listens to keys that begin so, and those that have changed since they were told, with who changed them last. */
type Prefix = { readonly clients: Set<Client>; readonly changed: Map<string, Client | undefined> }

/** CLIENT TRACKING BCAST: clients that want to hear of every change under a prefix, whether they read the key or not. */
export class Broadcasts {
  readonly #prefixes = new Map<string, Prefix>()
  readonly #own = new Map<Client, Set<string>>()
  #isDue = false

  get prefixCount(): number {
    return this.#prefixes.size
  }

  /** In order of their bytes. */
  prefixesOf(client: Client): readonly string[] {
    return [...(this.#own.get(client) ?? [])].sort()
  }

  /** No prefix at all means every key. */
  listen(client: Client, prefixes: readonly string[]): void {
    const own = this.#own.get(client) ?? new Set()
    this.#own.set(client, own)
    for (const text of prefixes.length === 0 ? [''] : prefixes) {
      own.add(text)
      let prefix = this.#prefixes.get(text)
      if (!prefix) {
        prefix = { clients: new Set(), changed: new Map() }
        this.#prefixes.set(text, prefix)
      }
      prefix.clients.add(client)
    }
  }

  forget(client: Client): void {
    for (const text of this.#own.get(client) ?? []) {
      const prefix = this.#prefixes.get(text)
      prefix?.clients.delete(client)
      if (prefix?.clients.size === 0) this.#prefixes.delete(text)
    }
    this.#own.delete(client)
  }

  touched(key: string, by: Client | undefined): void {
    for (const [text, { changed }] of this.#prefixes) {
      if (!key.startsWith(text)) continue
      changed.set(key, by)
      this.#isDue = true
    }
  }

  /** Hands over what has changed, a list per prefix; who wants no echo is spared what it changed itself. */
  tell(send: (client: Client, keys: readonly Uint8Array[]) => void): void {
    if (!this.#isDue) return
    this.#isDue = false
    for (const text of [...this.#prefixes.keys()].sort()) {
      const { clients, changed } = this.#prefixes.get(text) as Prefix
      if (changed.size === 0) continue
      const names = [...changed.keys()].sort()
      const keys = names.map(latin1Bytes)
      for (const client of [...clients]) {
        const heard = client.tracking?.noLoop ? keys.filter((_, index) => changed.get(names[index] as string) !== client) : keys
        if (heard.length > 0) send(client, heard)
      }
      changed.clear()
    }
  }
}
