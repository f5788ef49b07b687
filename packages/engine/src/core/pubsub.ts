import { ByteBuffer } from './byte-buffer.ts'
import { latin1Bytes, latin1Text } from './bytes.ts'
import type { Client } from './client.ts'
import { keySlot } from './cluster/slot.ts'
import type { EventClass } from './commands/context.ts'
import { Glob } from './keyspace/glob.ts'
import { type KeyspaceEvents, parseKeyspaceEvents } from './keyspace-events.ts'
import type { Node } from './node.ts'
import { ReplyWriter } from './resp/reply-writer.ts'

/** The three kinds of subscription, by the words that messages about them begin with. */
export type SubscriptionKind = 'channel' | 'pattern' | 'shardChannel'

const WORDS = {
  channel: { subscribe: 'subscribe', unsubscribe: 'unsubscribe' },
  pattern: { subscribe: 'psubscribe', unsubscribe: 'punsubscribe' },
  shardChannel: { subscribe: 'ssubscribe', unsubscribe: 'sunsubscribe' }
} as const

type Pattern = { readonly bytes: Uint8Array; readonly glob: Glob; readonly clients: Set<Client> }

/** A message in both protocols, made when the first client needs it. */
type Frame = { readonly parts: readonly (Uint8Array | string)[]; readonly encoded: (Uint8Array | undefined)[] }

/**
 * Channels and those who listen on this node. Names are bytes, kept one unit per byte. A message goes to local listeners
 * here; the cluster's bus carries it to the other nodes, which call `deliver`.
 *
 * Shard channels belong to the slot of their name: they are listened to and published at the slot's shard only, and when the
 * slot leaves, so do their listeners.
 */
export class PubSub {
  readonly #node: Node
  readonly #channels = new Map<string, Set<Client>>()
  readonly #patterns = new Map<string, Pattern>()
  readonly #shardChannels = new Map<number, Map<string, Set<Client>>>()
  /** Messages to the client whose command is running: they follow its reply. */
  #deferred: { readonly client: Client; readonly bytes: Uint8Array }[] = []
  #eventsText = ''
  #events: KeyspaceEvents = parseKeyspaceEvents('') as KeyspaceEvents
  readonly #scratch = new ReplyWriter(new ByteBuffer())

  constructor(node: Node) {
    this.#node = node
  }

  // ---- subscriptions -----------------------------------------------------------------------------------------------

  /** Subscribes, and confirms it to the client, also when it was subscribed before. */
  subscribe(client: Client, kind: SubscriptionKind, name: Uint8Array): void {
    const text = latin1Text(name)
    const own = this.#ownOf(client, kind)
    if (!own.has(text)) {
      own.add(text)
      this.#listeners(kind, name, text).add(client)
      // A reader that falls behind shows only in what the host has not sent yet.
      this.#node.links.pace(client.link)
    }
    this.#confirm(client, kind, WORDS[kind].subscribe, name)
  }

  /** Ends one subscription and confirms it, also when there was none. */
  unsubscribe(client: Client, kind: SubscriptionKind, name: Uint8Array): void {
    this.#remove(client, kind, latin1Text(name))
    this.#confirm(client, kind, WORDS[kind].unsubscribe, name)
  }

  /** Ends all subscriptions of a kind; without any, one confirmation with a null name is the answer. */
  unsubscribeAll(client: Client, kind: SubscriptionKind): void {
    const names = [...this.#ownOf(client, kind)]
    if (names.length === 0) this.#confirm(client, kind, WORDS[kind].unsubscribe, undefined)
    for (const name of names) this.unsubscribe(client, kind, latin1Bytes(name))
  }

  /** The client is gone, or begins anew: nothing is confirmed. */
  forget(client: Client): void {
    for (const kind of ['channel', 'pattern', 'shardChannel'] as const) {
      for (const name of [...this.#ownOf(client, kind)]) this.#remove(client, kind, name)
    }
    if (this.#deferred.length > 0) this.#deferred = this.#deferred.filter((one) => one.client !== client)
  }

  /** The slot is no longer served here: listeners of its shard channels are told and dropped. */
  slotLeft(slot: number): void {
    const channels = this.#shardChannels.get(slot)
    if (!channels) return
    for (const [name, clients] of [...channels]) {
      for (const client of [...clients]) {
        this.#remove(client, 'shardChannel', name)
        this.#send(client, frame('sunsubscribe', latin1Bytes(name)), client.shardChannels.size)
      }
    }
  }

  #ownOf(client: Client, kind: SubscriptionKind): Set<string> {
    if (kind === 'channel') return client.channels
    return kind === 'pattern' ? client.patterns : client.shardChannels
  }

  /** Those who listen to a name; made when there is nobody yet. */
  #listeners(kind: SubscriptionKind, name: Uint8Array, text: string): Set<Client> {
    if (kind === 'pattern') {
      let pattern = this.#patterns.get(text)
      if (!pattern) {
        const bytes = name.slice()
        pattern = { bytes, glob: new Glob(bytes), clients: new Set() }
        this.#patterns.set(text, pattern)
      }
      return pattern.clients
    }
    const channels = kind === 'channel' ? this.#channels : this.#channelsOfSlot(keySlot(name))
    let clients = channels.get(text)
    if (!clients) {
      clients = new Set()
      channels.set(text, clients)
    }
    return clients
  }

  #channelsOfSlot(slot: number): Map<string, Set<Client>> {
    let channels = this.#shardChannels.get(slot)
    if (!channels) {
      channels = new Map()
      this.#shardChannels.set(slot, channels)
    }
    return channels
  }

  #remove(client: Client, kind: SubscriptionKind, text: string): void {
    if (!this.#ownOf(client, kind).delete(text)) return
    if (kind === 'pattern') {
      const pattern = this.#patterns.get(text)
      pattern?.clients.delete(client)
      if (pattern?.clients.size === 0) this.#patterns.delete(text)
      return
    }
    const slot = kind === 'shardChannel' ? keySlot(latin1Bytes(text)) : -1
    const channels = slot < 0 ? this.#channels : this.#shardChannels.get(slot)
    const clients = channels?.get(text)
    if (!channels || !clients) return
    clients.delete(client)
    if (clients.size === 0) channels.delete(text)
    if (slot >= 0 && channels.size === 0) this.#shardChannels.delete(slot)
  }

  /** The count that follows is of channels and patterns together; shard channels are counted by themselves. */
  #confirm(client: Client, kind: SubscriptionKind, word: string, name: Uint8Array | undefined): void {
    const { reply } = client
    reply.push(3)
    reply.latin1(word)
    reply.bulkOrNull(name)
    reply.integer(kind === 'shardChannel' ? client.shardChannels.size : client.channels.size + client.patterns.size)
  }

  // ---- messages ----------------------------------------------------------------------------------------------------

  /** PUBLISH and SPUBLISH: local listeners and the other nodes. Returns how many local ones there were. */
  publish(channel: Uint8Array, message: Uint8Array, shard: boolean): number {
    this.#node.stats.pubsubMessages++
    const receivers = this.deliver(channel, message, shard)
    this.#node.cluster.publish(channel, message, shard)
    return receivers
  }

  /** Gives a message to those who listen on this node, however it came; returns how many times it was given. */
  deliver(channel: Uint8Array, message: Uint8Array, shard: boolean): number {
    const name = latin1Text(channel)
    const clients = shard ? this.#shardChannels.get(keySlot(channel))?.get(name) : this.#channels.get(name)
    let receivers = 0
    if (clients) {
      const one = frame(shard ? 'smessage' : 'message', channel, message)
      for (const client of [...clients]) this.#send(client, one)
      receivers += clients.size
    }
    if (shard || this.#patterns.size === 0) return receivers
    for (const { bytes, glob, clients: listeners } of [...this.#patterns.values()]) {
      if (!glob.matches(channel)) continue
      const one = frame('pmessage', bytes, channel, message)
      receivers += listeners.size
      for (const client of [...listeners]) this.#send(client, one)
    }
    return receivers
  }

  /** Tells local listeners what happened to a key, if `notify-keyspace-events` asks for it. */
  notifyKeyspace(eventClass: EventClass, event: string, key: Uint8Array, database: number): void {
    const events = this.#wantedEvents()
    if (!events.classes.has(eventClass)) return
    if (this.#channels.size === 0 && this.#patterns.size === 0) return
    if (events.byKey) this.deliver(latin1Bytes(`__keyspace@${database}__:${latin1Text(key)}`), latin1Bytes(event), false)
    if (events.byEvent) this.deliver(latin1Bytes(`__keyevent@${database}__:${event}`), key, false)
  }

  /** Hands over what waited for the end of the running command. Called by the dispatcher, once its reply is complete. */
  afterCommand(): void {
    if (this.#deferred.length === 0) return
    const deferred = this.#deferred
    this.#deferred = []
    for (const { client, bytes } of deferred) if (!client.closing) this.#write(client, bytes)
  }

  #wantedEvents(): KeyspaceEvents {
    const text = this.#node.config.text('notify-keyspace-events')
    if (text !== this.#eventsText) {
      this.#eventsText = text
      this.#events = parseKeyspaceEvents(text) ?? this.#events
    }
    return this.#events
  }

  #send(client: Client, { parts, encoded }: Frame, count?: number): void {
    if (client.closing) return
    let bytes = encoded[client.protocol]
    if (!bytes) {
      const writer = this.#scratch
      writer.protocol = client.protocol
      writer.out.clear()
      writer.push(parts.length + (count === undefined ? 0 : 1))
      for (const part of parts) {
        if (typeof part === 'string') writer.latin1(part)
        else writer.bulk(part)
      }
      if (count !== undefined) writer.integer(count)
      bytes = writer.out.copy()
      encoded[client.protocol] = bytes
    }
    if (client === this.#node.execution.running) this.#deferred.push({ client, bytes })
    else this.#write(client, bytes)
  }

  #write(client: Client, bytes: Uint8Array): void {
    client.output.bytes(bytes)
    this.#node.links.output(client.link)
    this.#node.outputLimits.check(client)
  }

  // ---- questions ---------------------------------------------------------------------------------------------------

  get channelCount(): number {
    return this.#channels.size
  }

  get patternCount(): number {
    return this.#patterns.size
  }

  get shardChannelCount(): number {
    let count = 0
    for (const channels of this.#shardChannels.values()) count += channels.size
    return count
  }

  /** Names of channels that somebody listens to, by a pattern or all. */
  *names(shard: boolean, pattern?: Uint8Array): Generator<Uint8Array> {
    const glob = pattern && new Glob(pattern)
    for (const channels of shard ? this.#shardChannels.values() : [this.#channels]) {
      for (const text of channels.keys()) {
        const name = latin1Bytes(text)
        if (!glob || glob.matches(name)) yield name
      }
    }
  }

  /** How many listen to a channel, those by pattern not counted. */
  listenersOf(name: Uint8Array, shard: boolean): number {
    const channels = shard ? this.#shardChannels.get(keySlot(name)) : this.#channels
    return channels?.get(latin1Text(name))?.size ?? 0
  }
}

/** `parts` may be views: a frame is encoded before they end, or not at all. */
function frame(...parts: readonly (Uint8Array | string)[]): Frame {
  return { parts, encoded: [] }
}
