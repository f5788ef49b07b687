import { isSecret } from './acl/secrets.ts'
import { latin1Bytes } from './bytes.ts'
import type { Client } from './client.ts'
import type { CommandDefinition } from './commands/define-command.ts'
import type { Config, ParameterName } from './config.ts'
import { formatAddress } from './input.ts'
import type { Args } from './resp/args.ts'

/** The three logs: commands that took long, came large, or answered much. */
export const commandLogKinds = ['slow', 'large-request', 'large-reply'] as const
export type CommandLogKind = (typeof commandLogKinds)[number]

export type CommandLogEntry = {
  /** Counts up over the life of the node, in each log by itself. */
  readonly id: number
  readonly atMs: number
  /** Microseconds in the slow log, bytes in the others. */
  readonly value: number
  /** Shortened as the limits below say. */
  readonly args: readonly Uint8Array[]
  readonly address: string
  readonly clientName: string
}

const MAX_ARGUMENTS = 32
const MAX_ARGUMENT_BYTES = 128

const LENGTHS: Readonly<Record<CommandLogKind, ParameterName>> = {
  slow: 'commandlog-slow-execution-max-len',
  'large-request': 'commandlog-large-request-max-len',
  'large-reply': 'commandlog-large-reply-max-len'
}

/** COMMANDLOG and SLOWLOG. Whether a command belongs here is the caller's question: thresholds are read with every command. */
export class CommandLog {
  readonly #config: Config
  readonly #logs = new Map<CommandLogKind, { entries: CommandLogEntry[]; nextId: number }>()

  constructor(config: Config) {
    this.#config = config
    for (const kind of commandLogKinds) this.#logs.set(kind, { entries: [], nextId: 0 })
  }

  add(kind: CommandLogKind, atMs: number, value: number, client: Client, definition: CommandDefinition, args: Args): void {
    const log = this.#log(kind)
    const entry = {
      id: log.nextId++,
      atMs,
      value: Math.round(value),
      args: shortened(definition, args),
      address: formatAddress(client.remote),
      clientName: client.name
    }
    log.entries.unshift(entry)
    log.entries.length = Math.min(log.entries.length, this.#config.number(LENGTHS[kind]))
  }

  /** Newest first. */
  entries(kind: CommandLogKind): readonly CommandLogEntry[] {
    return this.#log(kind).entries
  }

  reset(kind: CommandLogKind): void {
    this.#log(kind).entries = []
  }

  #log(kind: CommandLogKind): { entries: CommandLogEntry[]; nextId: number } {
    return this.#logs.get(kind) as { entries: CommandLogEntry[]; nextId: number }
  }
}

/** At most 32 arguments of 128 bytes; what is left out is counted in their place (`commandlogCreateEntry`). */
function shortened(definition: CommandDefinition, args: Args): Uint8Array[] {
  const count = Math.min(args.length, MAX_ARGUMENTS)
  return Array.from({ length: count }, (_, index) => {
    if (index === count - 1 && args.length > count) return latin1Bytes(`... (${args.length - count + 1} more arguments)`)
    if (isSecret(definition, args, index)) return latin1Bytes('(redacted)')
    const bytes = args.bytes(index)
    if (bytes.length <= MAX_ARGUMENT_BYTES) return bytes.slice()
    const rest = latin1Bytes(`... (${bytes.length - MAX_ARGUMENT_BYTES} more bytes)`)
    const short = new Uint8Array(MAX_ARGUMENT_BYTES + rest.length)
    short.set(bytes.subarray(0, MAX_ARGUMENT_BYTES))
    short.set(rest, MAX_ARGUMENT_BYTES)
    return short
  })
}
