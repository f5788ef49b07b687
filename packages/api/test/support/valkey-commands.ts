import { readFileSync } from 'node:fs'
import type { CommandFacts } from '../../src/commands/command-facts.ts'

/**
 * Every command of Valkey 9.1 as its COMMAND describes it; a test against the real server compares. A line is
 * `name | arity | first, last and step of its keys | flags | categories`; `...` stands behind a name that has subcommands.
 */
export const valkeyCommands: readonly CommandFacts[] = readFileSync(new URL('commands-9.1.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => {
    const [name = '', arity, keys = '', flags = '', categories = ''] = line.split(/ \| ?/)
    const [first = 0, last = 0, step = 0] = keys.split(' ').map(Number)
    return {
      name: name.replace(' ...', ''),
      arity: Number(arity),
      flags: setOf(flags),
      categories: setOf(categories),
      keys: { first, last, step },
      isContainer: name.endsWith(' ...')
    }
  })

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(' ').filter((word) => word !== ''))
}
