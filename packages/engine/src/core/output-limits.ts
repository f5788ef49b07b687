import type { Client } from './client.ts'
import { typeOfClient } from './commands/client-line.ts'
import { parseMemorySize } from './memory-size.ts'
import type { Node } from './node.ts'

/** Beyond `hardBytes` a client is ended at once, beyond `softBytes` after `softSeconds`; 0: no limit. */
export type OutputLimit = { readonly hardBytes: number; readonly softBytes: number; readonly softSeconds: number }

const CLASSES = ['normal', 'slave', 'pubsub'] as const
export type OutputLimitClass = (typeof CLASSES)[number]
export type OutputLimitTable = ReadonlyMap<OutputLimitClass, OutputLimit>

/**
 * Reads `client-output-buffer-limit`: one or more of `class hard soft seconds`. Classes that are not named keep what `current`
 * says. A text is what is wrong.
 */
export function parseOutputLimits(text: string, current: OutputLimitTable): OutputLimitTable | string {
  const words = text.split(' ').filter((word) => word !== '')
  if (words.length % 4 !== 0) return 'Wrong number of arguments in buffer limit configuration.'
  const table = new Map(current)
  for (let i = 0; i < words.length; i += 4) {
    const name = (words[i] as string).toLowerCase()
    const limitClass = CLASSES.find((one) => one === (name === 'replica' ? 'slave' : name))
    if (!limitClass) return 'Invalid client class specified in buffer limit configuration.'
    const hardBytes = parseMemorySize(words[i + 1] as string)
    const softBytes = parseMemorySize(words[i + 2] as string)
    const seconds = words[i + 3] as string
    if (hardBytes === undefined || softBytes === undefined || hardBytes < 0 || softBytes < 0 || !/^\d{1,9}$/.test(seconds)) {
      return 'Error in hard, soft or soft_seconds setting in buffer limit configuration.'
    }
    table.set(limitClass, { hardBytes, softBytes, softSeconds: Number(seconds) })
  }
  return table
}

/** As CONFIG GET prints it, in bytes. */
export function formatOutputLimits(table: OutputLimitTable): string {
  return CLASSES.map((name) => {
    const limit = table.get(name) ?? NO_LIMIT
    return `${name} ${limit.hardBytes} ${limit.softBytes} ${limit.softSeconds}`
  }).join(' ')
}

const NO_LIMIT: OutputLimit = { hardBytes: 0, softBytes: 0, softSeconds: 0 }

/** Ends clients that do not read what we send them, before it fills our memory. */
export class OutputLimits {
  readonly #node: Node
  #text = ''
  #table: OutputLimitTable = new Map()

  constructor(node: Node) {
    this.#node = node
  }

  /** To be called after something was written for a client. The client whose command is running ends after it. */
  check(client: Client): void {
    const unsentBytes = this.#node.links.unsentBytes(client.link)
    const limit = this.#limitOf(client)
    if (limit.hardBytes > 0 && unsentBytes >= limit.hardBytes) return this.#end(client, unsentBytes)
    if (limit.softBytes === 0 || unsentBytes < limit.softBytes) {
      client.overSoftLimitSinceMs = undefined
      return
    }
    const nowMs = this.#node.now.monotonicMs
    client.overSoftLimitSinceMs ??= nowMs
    if (nowMs - client.overSoftLimitSinceMs >= limit.softSeconds * 1000) this.#end(client, unsentBytes)
  }

  /** Once a second: nobody may have written to the slow ones since. */
  cron(): void {
    for (const client of [...this.#node.clients.values()]) if (client.overSoftLimitSinceMs !== undefined) this.check(client)
  }

  #limitOf(client: Client): OutputLimit {
    const text = this.#node.config.text('client-output-buffer-limit')
    if (text !== this.#text) {
      const table = parseOutputLimits(text, new Map())
      if (typeof table !== 'string') this.#table = table
      this.#text = text
    }
    const type = typeOfClient(client)
    // Replicas and links between nodes are watched by those who feed them.
    if (type !== 'normal' && type !== 'pubsub') return NO_LIMIT
    return this.#table.get(type) ?? NO_LIMIT
  }

  #end(client: Client, unsentBytes: number): void {
    const node = this.#node
    node.log('warning', `Client id=${client.id} does not read: ${unsentBytes} bytes wait for it, more than its output buffer limit`)
    node.stats.outputLimitDisconnections++
    // What it has not read by now it shall not get: the memory is needed back.
    client.output.clear()
    if (client === node.execution.running) client.closing = true
    else node.closeClient(client, 'output buffer limit')
  }
}
