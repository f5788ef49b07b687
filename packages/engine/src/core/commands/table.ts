import { latin1Text } from '../bytes.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandDefinition } from './define-command.ts'

/** `name` is as statistics and errors spell it: `get`, `cluster|info`. */
export type FoundCommand =
  | { readonly kind: 'found'; readonly definition: CommandDefinition; readonly name: string }
  | { readonly kind: 'missing'; readonly error: string }

type Row = {
  readonly found: Extract<FoundCommand, { kind: 'found' }>
  readonly subcommands: ReadonlyMap<string, Extract<FoundCommand, { kind: 'found' }>> | undefined
}

/** All commands that exist. A command that is listed works; what is absent answers `unknown command`. */
export class CommandTable {
  readonly #rows = new Map<string, Row>()
  /** How commands were spelt lately, by a hash of the spelling. */
  readonly #spellings: ({ readonly bytes: Uint8Array; readonly row: Row } | undefined)[] = new Array(256).fill(undefined)
  /** Commands and subcommands are numbered, so that a user's rights are bits. */
  readonly #numbers = new Map<CommandDefinition, number>()

  add(definitions: readonly CommandDefinition[]): void {
    for (const definition of definitions) {
      const name = definition.name.toLowerCase()
      for (const one of [definition, ...(definition.subcommands ?? [])]) this.#numbers.set(one, this.#numbers.size)
      const subcommands = definition.subcommands?.map((sub): [string, Extract<FoundCommand, { kind: 'found' }>] => {
        const subName = sub.name.toLowerCase()
        return [subName.slice(name.length + 1), { kind: 'found', definition: sub, name: subName }]
      })
      this.#rows.set(name, { found: { kind: 'found', definition, name }, subcommands: subcommands && new Map(subcommands) })
    }
  }

  /** The command that these arguments name, or the error that Valkey would give. */
  find(args: Args): FoundCommand {
    const row = this.#recent(args) ?? this.#rows.get(lowerCase(args.bytes(0)))
    if (!row) {
      const rest = Array.from({ length: Math.min(args.length - 1, 64) }, (_, index) => args.text(index + 1))
      return { kind: 'missing', error: errors.unknownCommand(args.text(0), rest) }
    }
    if (!row.subcommands) return row.found
    if (args.length < 2) return row.found.definition.run ? row.found : { kind: 'missing', error: errors.wrongArity(row.found.name) }
    const sub = row.subcommands.get(lowerCase(args.bytes(1)))
    if (sub) return sub
    return row.found.definition.run
      ? row.found
      : { kind: 'missing', error: errors.unknownSubcommand(args.text(1), row.found.definition.name) }
  }

  /** A command that was found under the same bytes before: names are looked up by a few of them, and compared. */
  #recent(args: Args): Row | undefined {
    const length = args.size(0)
    if (length === 0 || length > LONGEST_REMEMBERED) return undefined
    const { source } = args
    const start = args.offset(0)
    const place =
      (length * 31 +
        (source[start] as number) * 7 +
        (source[start + length - 1] as number) * 13 +
        (source[start + (length >>> 1)] as number)) &
      255
    const known = this.#spellings[place]
    if (known && known.bytes.length === length) {
      let at = 0
      while (at < length && known.bytes[at] === source[start + at]) at++
      if (at === length) return known.row
    }
    const row = this.#rows.get(lowerCase(args.bytes(0)))
    if (row) this.#spellings[place] = { bytes: args.copy(0), row }
    return row
  }

  /** Top-level command by its name in any case; `parent|sub` finds a subcommand. */
  byName(name: string): CommandDefinition | undefined {
    const [parent = '', sub] = name.toLowerCase().split('|')
    const row = this.#rows.get(parent)
    return sub === undefined ? row?.found.definition : row?.subcommands?.get(sub)?.definition
  }

  /** Top-level commands, in the order of their groups. */
  *all(): Generator<CommandDefinition> {
    for (const row of this.#rows.values()) yield row.found.definition
  }

  /** The number of a command in the table, 0 up to `numbers`. */
  numberOf(definition: CommandDefinition): number {
    return this.#numbers.get(definition) as number
  }

  get numbers(): number {
    return this.#numbers.size
  }

  get size(): number {
    return this.#rows.size
  }
}

const LONGEST_REMEMBERED = 24

function lowerCase(bytes: Uint8Array): string {
  return bytes.length > 64 ? latin1Text(bytes.subarray(0, 65)) : latin1Text(bytes).toLowerCase()
}

/** Filled by `all-commands.ts`, so that a command that prints the table (COMMAND) can be in it. */
export const commandTable = new CommandTable()
