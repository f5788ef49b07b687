import { encodeCommand } from '../differential/command-runs.ts'
import { PAYLOADS } from '../differential/dumped-payloads.ts'
import { SequenceGenerator } from '../differential/random-sequence.ts'
import corpus from './corpus.json' with { type: 'json' }
import { FuzzedNode } from './fuzzed-node.ts'
import type { FuzzInput } from './mutator.ts'

/** What is mutated first: what is kept, one command of each kind and form, payloads, messages of the bus, a primary's stream. */
export function startingPool(): FuzzInput[] {
  const commands = new SequenceGenerator(1)
  const requests = Array.from({ length: 3_000 }, () => commands.next()).filter(
    ([name = '']) => !name.startsWith('@') && name !== 'PFSELFTEST'
  )
  return [
    ...(corpus as FuzzInput[]),
    ...requests.map((command): FuzzInput => ({ target: 'client', text: encodeCommand(command) })),
    ...PAYLOADS.map((text): FuzzInput => ({ target: 'payload', text })),
    ...busMessages().map((text): FuzzInput => ({ target: 'bus', text })),
    ...PAYLOADS.map((text): FuzzInput => ({ target: 'replication', text: snapshotOf(text) })),
    ...requests.slice(0, 50).map((command): FuzzInput => ({ target: 'replication', text: encodeCommand(command) }))
  ]
}

/** What nodes say to each other in the beginning, as the engine itself writes it. */
function busMessages(): string[] {
  const node = new FuzzedNode(1, {}, undefined, true)
  node.give(node.accept('client'), encodeCommand(['CLUSTER', 'MEET', '127.0.0.1', '7001']))
  node.takeOutput()
  const messages: string[] = []
  for (let i = 0; i < 50; i++) {
    node.pass(100)
    messages.push(node.takeOutput().head)
  }
  return messages.filter((text) => text !== '')
}

/** An RDB of one key, as a primary sends it in a full synchronisation. */
function snapshotOf(payload: string): string {
  return `REDIS0080\u00fe\u0000${payload.charAt(0)}\u0003{t}k${payload.slice(1, -10)}\u00ff${'\u0000'.repeat(8)}`
}
