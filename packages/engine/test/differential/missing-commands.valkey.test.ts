import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EngineSubject } from './engine-subject.ts'
import { partsOf } from './keyevent.ts'
import { readFrame } from './reply-frame.ts'
import { ValkeyOracle } from './valkey-oracle.ts'
import { hasValkey, valkeyServer } from './valkey-process.ts'

/** The commands in the first column of the README's table of what is missing: `SCRIPT LOAD`. */
function documentedAsMissing(): string[] {
  const text = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8')
  const [, section = ''] = text.split('## What does not exist yet')
  const [table = ''] = section.split('\n## ')
  const cells = table.split('\n').flatMap((line) => (line.startsWith('| `') ? [line.split('|')[1] ?? ''] : []))
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''))
}

const missing = documentedAsMissing()
const subject = new EngineSubject()
const reason = hasValkey() ? '' : ` (skipped: there is no ${valkeyServer})`

describe.skipIf(!hasValkey())(`what the README says is missing${reason}`, () => {
  let oracle: ValkeyOracle
  beforeAll(async () => {
    oracle = await ValkeyOracle.start()
  })
  afterAll(() => oracle.close())

  test('is what COMMAND LIST of a real server has and ours has not, and ours has nothing of its own', async () => {
    const theirs = partsOf(await oracle.call(['COMMAND', 'LIST']))
    const ours = partsOf(readFrame(subject.run([['COMMAND', 'LIST']]).replies[0] ?? '', 0)?.tree ?? '')
    expect(theirs.length).toBeGreaterThan(390)
    const named = missing.map((name) => name.toLowerCase().replace(' ', '|'))
    expect([...named].sort()).toEqual(theirs.filter((name) => !ours.includes(name)).sort())
    expect(ours.filter((name) => !theirs.includes(name))).toEqual([])
  })
})

test.each(missing)('%s is unknown', (name) => {
  const [parent = '', sub] = name.split(' ')
  const [reply] = subject.run([[parent, ...(sub === undefined ? [] : [sub]), 'x', 'y']]).replies
  const isKnownParent = sub !== undefined && !missing.includes(parent)
  expect(reply).toMatch(isKnownParent ? `-ERR unknown subcommand '${sub}'. Try ${parent} HELP.` : `-ERR unknown command '${parent}'`)
})
