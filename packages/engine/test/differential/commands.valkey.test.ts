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
  if (name === 'PEXPIRETIME' || name === 'HPEXPIRETIME') return reply.replace(/\d{13}/g, (time) => (isNearNow(time) ? '<near now>' : time))
  const inPairs = UNORDERED_PAIRS.has(name)
  if (!inPairs && !UNORDERED.has(name)) return reply
  const namesOnly = command.some((part) => /^no(values|scores)$/i.test(part))
  const needsPairs = inPairs && !namesOnly && (!/^[HZ]RAND/.test(name) || command.some((part) => /^with/i.test(part)))
  const frame = readFrame(reply, 0)
  return frame && frame.end === reply.length ? withoutOrder(frame.tree, needsPairs) : reply
}

/** Two servers that are given a time from now on make instants of it that differ by some milliseconds. */
function isNearNow(time: string): boolean {
  return Math.abs(Number(time) - Date.now()) < 200_000_000
}

/** An instant long gone. */
const PAST_MS = 1_700_000_000_000

const reason = hasValkey() ? '' : ` (skipped: there is no ${valkeyServer})`

describe.skipIf(!hasValkey())(`commands answer, notify and propagate as a real server does${reason}`, () => {
  let oracle: ValkeyOracle
  beforeAll(async () => {
    oracle = await ValkeyOracle.start()
  })
  afterAll(() => oracle.close())

  /** Both run the commands; what differs is shown as text that names the command. */
  async function compare(
    subject: EngineSubject,
    commands: readonly Command[],
    passedOn: (line: string) => boolean = () => true
  ): Promise<void> {
    const theirs = await oracle.run(commands)
    const ours = subject.run(commands)
    const shown = (replies: readonly string[]) =>
      commands.map((command, index) => `${JSON.stringify(command)} -> ${JSON.stringify(comparable(command, replies[index] ?? ''))}`)
    expect(shown(ours.replies)).toEqual(shown(theirs.replies))
    expect(sortedRuns(ours.events, / expired /), shown(ours.replies).join('\n')).toEqual(sortedRuns(theirs.events, / expired /))
    expect(sortedRuns(ours.stream.filter(passedOn), / UNLINK /)).toEqual(sortedRuns(theirs.stream.filter(passedOn), / UNLINK /))
  }

  /** Looks at every key of three databases: what it holds, in which form, until when. */
  async function compareState(subject: EngineSubject): Promise<void> {
    for (const database of ['0', '1', '2']) {
      await compare(subject, [['SELECT', database], ['KEYS', '*'], ['DBSIZE']])
      const commands: Command[] = []
      for (const key of textsOf(subject.run([['KEYS', '*']]).replies[0] ?? '').sort()) {
        const type = (subject.run([['TYPE', key]]).replies[0] ?? '').slice(1, -2)
        commands.push(['TYPE', key], ['OBJECT', 'ENCODING', key], ['PEXPIRETIME', key])
        if (type === 'string') commands.push(['GET', key])
        if (type === 'list') commands.push(['LRANGE', key, '0', '-1'])
        if (type === 'set') commands.push(['SMEMBERS', key])
        if (type === 'zset') commands.push(['ZRANGE', key, '0', '-1', 'WITHSCORES'])
        if (type !== 'hash') continue
        const fields = textsOf(subject.run([['HKEYS', key]]).replies[0] ?? '').sort()
        commands.push(['HGETALL', key], ['HLEN', key], ['HPEXPIRETIME', key, 'FIELDS', String(fields.length), ...fields])
      }
      await compare(subject, commands)
    }
  }

  /** Both begin empty, in database 0, with the given protocol. */
  async function fresh(protocol: number): Promise<EngineSubject> {
    const subject = new EngineSubject()
    await compare(subject, [['SELECT', '0'], ['FLUSHALL']])
    await oracle.run([['HELLO', String(protocol)]])
    subject.run([['HELLO', String(protocol)]])
    return subject
  }

  /** Gives a key or a field a deadline that has passed, and lets nobody remove it: the real server under `import-mode`. */
  async function hide(subject: EngineSubject, command: Command): Promise<void> {
    // A key that has expired already goes first: the real server would remove it now, and the engine's clock is set back.
    await compare(subject, [['TYPE', command[1] ?? '']])
    await oracle.run([['CONFIG', 'SET', 'import-mode', 'yes'], command, ['CONFIG', 'SET', 'import-mode', 'no']])
    subject.runAt(PAST_MS - 1, command)
  }

  test.each([2, 3])('random commands over RESP%i', async (protocol) => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const subject = await fresh(protocol)
      const generator = new CommandGenerator(new Random(seed * 2 + protocol))
      for (let batch = 0; batch < 4; batch++) {
        await compare(
          subject,
          Array.from({ length: 100 }, () => generator.next())
        )
      }
      await compareState(subject)
    }
  })

  test.each([2, 3])('[HFE1] random commands over RESP%i on keys and fields that have expired and are still there', async (protocol) => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const subject = await fresh(protocol)
      const generator = new CommandGenerator(new Random(seed * 2 + 1000 + protocol))
      for (let batch = 0; batch < 40; batch++) {
        const hidden = generator.chance(0.7)
          ? ['HPEXPIREAT', generator.key(), String(PAST_MS), ...generator.countedFields()]
          : ['PEXPIREAT', generator.key(), String(PAST_MS)]
        await hide(subject, hidden)
        // Of those that name fields, the engine passes on only the fields that it changed, so that none is brought back to life.
        // COPY makes an empty hash of one whose fields have all expired: a quirk that is not followed.
        const commands = Array.from({ length: 10 }, () => generator.next()).filter(([name]) => name !== 'COPY')
        await compare(subject, commands, (line) => !/^\d+ (HDEL|HPERSIST|HPEXPIREAT|HGETDEL) /.test(line))
      }
    }
  })
})

/** Seeds per test. */
const RUNS = Number(process.env.DIFFERENTIAL_RUNS ?? 15)

/** Neighbouring lines of one kind in one order: SCAN removes what has expired in the order of its walk. */
function sortedRuns(lines: readonly string[], kind: RegExp): string[] {
  const sorted: string[] = []
  for (let at = 0; at < lines.length; ) {
    let end = at + 1
    while (end < lines.length && kind.test(lines[at] ?? '') && kind.test(lines[end] ?? '')) end++
    sorted.push(...lines.slice(at, end).sort())
    at = end
  }
  return sorted
}

/** The elements of an array or a set reply. */
function textsOf(reply: string): string[] {
  const tree = readFrame(reply, 0)?.tree
  return tree === undefined || typeof tree === 'string' ? [] : tree.items.map((item) => (typeof item === 'string' ? item.slice(1) : ''))
}
