import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { registerCommands } from '../../src/core/commands/all-commands.ts'
import type { CommandDefinition } from '../../src/core/commands/define-command.ts'
import { commandTable } from '../../src/core/commands/table.ts'
import type { ReplyTree } from './reply-frame.ts'
import { hasValkey, ValkeyOracle, valkeyServer } from './valkey-oracle.ts'

registerCommands()
const definitions = [...commandTable.all()].flatMap((definition) => [definition, ...(definition.subcommands ?? [])])

const reason = hasValkey() ? '' : ` (skipped: there is no ${valkeyServer})`

describe.skipIf(!hasValkey())(`commands are described as a real server describes them${reason}`, () => {
  let oracle: ValkeyOracle
  beforeAll(async () => {
    oracle = await ValkeyOracle.start()
  })
  afterAll(() => oracle.close())

  test.each(definitions.map((definition) => [definition.name, definition] as const))('%s', async (name, definition) => {
    const [info] = itemsOf(await oracle.call(['COMMAND', 'INFO', name]))
    expect(described(definition)).toEqual(itemsOf(info).length === 0 ? 'unknown to the real server' : infoOf(itemsOf(info)))
    const docs = itemsOf(itemsOf(await oracle.call(['COMMAND', 'DOCS', name]))[1])
    expect({ since: definition.since, group: definition.group }).toEqual({
      since: documented(docs, 'since'),
      group: documented(docs, 'group')
    })
    expect(definition.summary).toMatch(/^[A-Z].*\.$/)
  })
})

/** Where keys are is only known here when they stand at fixed places. */
function described({ arity, flags, keys }: CommandDefinition) {
  const places = keys === undefined ? [0, 0, 0] : typeof keys === 'function' ? undefined : [keys.first, keys.last, keys.step]
  return { arity, flags: [...flags].sort(), places: flags.includes('movablekeys') ? undefined : places }
}

function infoOf(info: readonly ReplyTree[]) {
  const [, arity, flags, first, last, step] = info
  const names = itemsOf(flags).map((flag) => textOf(flag))
  const places = names.includes('movablekeys') ? undefined : [first, last, step].map((number) => Number(textOf(number)))
  return { arity: Number(textOf(arity)), flags: names.sort(), places }
}

function documented(pairs: readonly ReplyTree[], name: string): string {
  return textOf(pairs[pairs.findIndex((item) => textOf(item) === name) + 1])
}

function itemsOf(tree: ReplyTree | undefined): readonly ReplyTree[] {
  return tree === undefined || typeof tree === 'string' ? [] : tree.items
}

function textOf(tree: ReplyTree | undefined): string {
  return typeof tree === 'string' ? tree.slice(1) : ''
}
