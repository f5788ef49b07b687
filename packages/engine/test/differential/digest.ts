import { createHash } from 'node:crypto'
import type { Command } from './command-runs.ts'
import type { Normalising } from './normalising.ts'
import { elementsOf, readFrame } from './reply-frame.ts'
import type { Side, Step } from './step.ts'

/** The commands that show all that a side, which is settled, holds in three databases: each key with its type, form, deadline and content. */
export async function stateCommands(side: Side): Promise<Step[]> {
  const commands: Step[] = []
  for (const database of ['0', '1', '2']) {
    commands.push(['SELECT', database], ['DBSIZE'], ['KEYS', '*'])
    await side.commands([['SELECT', database]])
    const keys = await keysOf(side)
    const types = await side.commands(keys.map((key) => ['TYPE', key]))
    for (const [index, key] of keys.entries()) commands.push(...(await lookInto(side, key, types[index]?.slice(1, -2) ?? '')))
  }
  return commands
}

/** The keys of the database that is selected. */
export async function keysOf(side: Side): Promise<string[]> {
  return textsOf((await side.commands([['KEYS', '*']]))[0]).sort()
}

async function lookInto(side: Side, key: string, type: string): Promise<Command[]> {
  const outside: Command[] = [
    ['TYPE', key],
    ['OBJECT', 'ENCODING', key],
    ['PEXPIRETIME', key]
  ]
  switch (type) {
    case 'string':
      return [...outside, ['GET', key]]
    case 'list':
      return [...outside, ['LRANGE', key, '0', '-1']]
    case 'set':
      return [...outside, ['SMEMBERS', key]]
    case 'zset':
      return [...outside, ['ZRANGE', key, '0', '-1', 'WITHSCORES']]
    case 'stream':
      // Ids that the clock gave may lie in other nodes.
      return key === '{t}now' ? [['XLEN', key]] : [...outside, ['XINFO', 'STREAM', key, 'FULL', 'COUNT', '0']]
    case 'hash': {
      const fields = textsOf((await side.commands([['HKEYS', key]]))[0]).sort()
      return [...outside, ['HGETALL', key], ['HLEN', key], ['HPEXPIRETIME', key, 'FIELDS', String(fields.length), ...fields]]
    }
    default:
      return outside
  }
}

/** One number for what a side answers to them. */
export async function digestOf(side: Side, commands: readonly Step[], normalising: Normalising): Promise<string> {
  const hash = createHash('sha256')
  for (let at = 0; at < commands.length; at += 300) {
    const part = commands.slice(at, at + 300)
    for (const [index, reply] of (await side.commands(part)).entries()) hash.update(normalising.alike(part[index] as Step, reply), 'latin1')
  }
  return hash.digest('hex').slice(0, 16)
}

function textsOf(reply = ''): string[] {
  return (elementsOf(reply) ?? []).map((element) => {
    const tree = readFrame(element, 0)?.tree
    return typeof tree === 'string' ? tree.slice(1) : ''
  })
}
