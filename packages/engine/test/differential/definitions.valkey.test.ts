import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { registerCommands } from '../../src/core/commands/all-commands.ts'
import { categoryNames } from '../../src/core/commands/command-entry.ts'
import type { CommandDefinition } from '../../src/core/commands/define-command.ts'
import { commandTable } from '../../src/core/commands/table.ts'
import { EngineSubject } from './engine-subject.ts'
import { type ReplyTree, readFrame } from './reply-frame.ts'
import { ValkeyOracle } from './valkey-oracle.ts'
import { hasValkey, valkeyServer } from './valkey-process.ts'

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

  test.each(definitions.map(({ name }) => name.toLowerCase()))('the entry of %s', async (name) => {
    const subject = new EngineSubject()
    const ours = readFrame(subject.run([['COMMAND', 'INFO', name]]).replies[0] ?? '', 0)?.tree
    expect(entryOf(ours)).toBe(entryOf(await oracle.call(['COMMAND', 'INFO', name])))
  })

  test.each(categoryNames)('ACL CAT %s', async (category) => {
    const known = new Set(definitions.map(({ name }) => name.toLowerCase()))
    const names = (tree: ReplyTree | undefined) => itemsOf(tree).map(textOf)
    const ours = readFrame(new EngineSubject().run([['ACL', 'CAT', category]]).replies[0] ?? '', 0)?.tree
    const theirs = names(await oracle.call(['ACL', 'CAT', category])).filter((name) => known.has(name))
    expect(names(ours).sort()).toEqual(theirs.sort())
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

/** An entry of COMMAND as text: its flags, categories, hints and keys in any order, without subcommands and notes for people. */
function entryOf(tree: ReplyTree | undefined): string {
  const [entry] = itemsOf(tree)
  return JSON.stringify(itemsOf(entry).slice(0, 9).map(anyOrder))
}

function anyOrder(tree: ReplyTree): string {
  if (typeof tree === 'string') return tree
  const at = tree.items.indexOf('$notes')
  const items = at < 0 ? tree.items : [...tree.items.slice(0, at), ...tree.items.slice(at + 2)]
  return `(${items.map(anyOrder).sort().join(' ')})`
}

function itemsOf(tree: ReplyTree | undefined): readonly ReplyTree[] {
  return tree === undefined || typeof tree === 'string' ? [] : tree.items
}

function textOf(tree: ReplyTree | undefined): string {
  return typeof tree === 'string' ? tree.slice(1) : ''
}
