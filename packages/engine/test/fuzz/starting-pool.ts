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

/** What nodes say to each other in the beginning, as the engine itself writes it, and the same as messages of every other type. */
function busMessages(): string[] {
  const asking = new FuzzedNode(1, {}, undefined, true)
  const client = asking.accept('client')
  asking.takeOutput()
  asking.give(client, encodeCommand(['CLUSTER', 'MEET', '127.0.0.1', '7001']))
  const meeting = asking.takeOutput().head.replace('+OK\r\n', '')
  const asked = new FuzzedNode(2, {}, undefined, true)
  asked.takeOutput()
  asked.give(asked.accept('bus'), meeting)
  asked.pass(100)
  const answers = asked.takeOutput().head
  const types = Array.from({ length: 14 }, (_, type) => meeting.slice(0, TYPE_AT) + String.fromCharCode(type) + meeting.slice(TYPE_AT + 1))
  return [meeting, answers, ...types].filter((text) => text.startsWith('RCmb'))
}

/** The lower byte of a message's type. */
const TYPE_AT = 13

/** An RDB of one key, as a primary sends it in a full synchronisation. */
function snapshotOf(payload: string): string {
  return `REDIS0080\u00fe\u0000${payload.charAt(0)}\u0003{t}k${payload.slice(1, -10)}\u00ff${'\u0000'.repeat(8)}`
}
