import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Random } from '../../src/core/prng.ts'
import type { Command } from './command-runs.ts'
import { EngineSubject } from './engine-subject.ts'
import { CommandGenerator } from './random-commands.ts'
import { readFrame, withoutOrder } from './reply-frame.ts'
import { hasValkey, ValkeyOracle, valkeyServer } from './valkey-oracle.ts'

/** Replies that promise no order; of those in pairs, each pair belongs together. */
const UNORDERED = new Set(['SMEMBERS', 'SINTER', 'SUNION', 'SDIFF', 'SPOP', 'SRANDMEMBER', 'HKEYS', 'HVALS', 'SCAN', 'SSCAN', 'KEYS'])
const UNORDERED_PAIRS = new Set(['HGETALL', 'HRANDFIELD', 'HSCAN', 'ZRANDMEMBER', 'ZSCAN'])

function comparable(command: Command, reply: string): string {
  const name = command[0]?.toUpperCase() ?? ''
  const inPairs = UNORDERED_PAIRS.has(name)
  if (!inPairs && !UNORDERED.has(name)) return reply
  const namesOnly = command.some((part) => /^no(values|scores)$/i.test(part))
  const needsPairs = inPairs && !namesOnly && (!/^[HZ]RAND/.test(name) || command.some((part) => /^with/i.test(part)))
  const frame = readFrame(reply, 0)
  return frame && frame.end === reply.length ? withoutOrder(frame.tree, needsPairs) : reply
}

const reason = hasValkey() ? '' : ` (skipped: there is no ${valkeyServer})`

describe.skipIf(!hasValkey())(`commands answer, notify and propagate as a real server does${reason}`, () => {
  let oracle: ValkeyOracle
  beforeAll(async () => {
    oracle = await ValkeyOracle.start()
  })
  afterAll(() => oracle.close())

  /** Both run the commands; what differs is shown as text that names the command. */
  async function compare(subject: EngineSubject, commands: readonly Command[]): Promise<void> {
    const theirs = await oracle.run(commands)
    const ours = subject.run(commands)
    const shown = (replies: readonly string[]) =>
      commands.map((command, index) => `${JSON.stringify(command)} -> ${JSON.stringify(comparable(command, replies[index] ?? ''))}`)
    expect(shown(ours.replies)).toEqual(shown(theirs.replies))
    expect(ours.events).toEqual(theirs.events)
    expect(ours.stream).toEqual(theirs.stream)
  }

  test.each([2, 3])('random commands over RESP%i', async (protocol) => {
    for (let seed = Number(process.env.FIRST ?? 1); seed <= Number(process.env.SEEDS ?? 20); seed++) {
      const subject = new EngineSubject()
      const generator = new CommandGenerator(new Random(seed * 2 + protocol))
      await compare(subject, [['SELECT', '0'], ['FLUSHALL']])
      await oracle.run([['HELLO', String(protocol)]])
      subject.run([['HELLO', String(protocol)]])
      const commands = Array.from({ length: 400 }, () => generator.next())
      await compare(subject, commands)
    }
  })
})
