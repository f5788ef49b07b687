import type { Reply } from '@slotscope/observer'
import type { CommandArgumentDescription } from '@slotscope/observer/stream'
import { listOf, mapOf, numberOf, pairsOf, textOf } from '../keys/replies.ts'

/** What a server says of one command: COMMAND for the first part, COMMAND DOCS for the words. */
export type CommandFacts = {
  /** As COMMAND writes it, in lower case; a subcommand is `config|set`. */
  readonly name: string
  /** With the name; negative: at least so many. */
  readonly arity: number
  readonly flags: ReadonlySet<string>
  /** With their `@`. */
  readonly categories: ReadonlySet<string>
  /** Places of keys among the words: the first, the last (negative: from the end), every so many. First 0: none, or not in one place. */
  readonly keys: { readonly first: number; readonly last: number; readonly step: number }
  /** Has subcommands: alone it is no command. */
  readonly isContainer: boolean
}

export type CommandWords = {
  readonly summary: string
  readonly group: string
  readonly since: string
  readonly complexity: string
  readonly arguments: readonly CommandArgumentDescription[]
}

/** Every command and subcommand of a reply of COMMAND, by name. What is not shaped as expected is left out: it cannot be sent then. */
export function factsOf(reply: Reply | undefined): ReadonlyMap<string, CommandFacts> {
  const found = new Map<string, CommandFacts>()
  const take = (rows: readonly Reply[]) => {
    for (const row of rows) {
      const [name, arity, flags, first, last, step, categories, , , subcommands] = listOf(row)
      const lower = textOf(name).toLowerCase()
      const words = numberOf(arity)
      if (lower === '' || words === null) continue
      const under = listOf(subcommands)
      found.set(lower, {
        name: lower,
        arity: words,
        flags: new Set(listOf(flags).map(textOf)),
        categories: new Set(listOf(categories).map(textOf)),
        keys: { first: numberOf(first) ?? 0, last: numberOf(last) ?? 0, step: numberOf(step) ?? 0 },
        isContainer: under.length > 0
      })
      take(under)
    }
  }
  take(listOf(reply))
  return found
}

/** The words of a reply of COMMAND DOCS, by name. */
export function wordsOf(reply: Reply | undefined): ReadonlyMap<string, CommandWords> {
  const found = new Map<string, CommandWords>()
  const take = (flat: readonly Reply[]) => {
    for (const [name, doc] of pairsOf(flat)) {
      const facts = mapOf(doc)
      found.set(textOf(name).toLowerCase(), {
        summary: textOf(facts.get('summary')),
        group: textOf(facts.get('group')),
        since: textOf(facts.get('since')),
        complexity: textOf(facts.get('complexity')),
        arguments: argumentsOf(facts.get('arguments'))
      })
      take(listOf(facts.get('subcommands')))
    }
  }
  take(listOf(reply))
  return found
}

function argumentsOf(reply: Reply | undefined): readonly CommandArgumentDescription[] {
  return listOf(reply).map((one) => {
    const facts = mapOf(one)
    const flags = new Set(listOf(facts.get('flags')).map(textOf))
    return {
      name: textOf(facts.get('name')),
      type: textOf(facts.get('type')),
      token: facts.has('token') ? textOf(facts.get('token')) : null,
      optional: flags.has('optional'),
      multiple: flags.has('multiple') || flags.has('multiple_token'),
      arguments: argumentsOf(facts.get('arguments'))
    }
  })
}
