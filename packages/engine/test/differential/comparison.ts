import { expect } from 'vitest'
import type { Command } from './command-runs.ts'
import { EngineSubject } from './engine-subject.ts'
import { Normalising } from './normalising.ts'
import { readFrame } from './reply-frame.ts'
import { PAST_MS } from './step.ts'
import type { ValkeyOracle } from './valkey-oracle.ts'

/** Some fifty commands and their replies take a fraction of it. */
const HELD_UP_MS = 8

/** Ids that the clock gave may lie in other nodes. */
function lookInto(stream: string): Command[] {
  return stream === '{t}now'
    ? [['XLEN', stream]]
    : [
        ['XINFO', 'STREAM', stream, 'FULL', 'COUNT', '0'],
        ['XRANGE', stream, '-', '+']
      ]
}

/** The engine and a real server, given the same commands. */
export class Comparison {
  readonly #oracle: ValkeyOracle
  readonly #normalising = new Normalising()
  readonly subject: EngineSubject
  #slowestRunMs = 0

  private constructor(oracle: ValkeyOracle) {
    this.#oracle = oracle
    this.subject = new EngineSubject(oracle.mode)
  }

  /** Both begin empty, in database 0, with the given protocol. */
  static async begin(oracle: ValkeyOracle, protocol = 2): Promise<Comparison> {
    const comparison = new Comparison(oracle)
    await comparison.run([['SELECT', '0'], ['FLUSHALL']])
    await oracle.run([['HELLO', String(protocol)]])
    comparison.subject.run([['HELLO', String(protocol)]])
    return comparison
  }

  /** Both run the commands; what differs is shown as text that names the command. `passedOn` picks lines of the stream. */
  async run(commands: readonly Command[], passedOn: (line: string) => boolean = () => true): Promise<void> {
    const startedAtMs = performance.now()
    const theirs = await this.#oracle.run(commands)
    this.#slowestRunMs = Math.max(this.#slowestRunMs, performance.now() - startedAtMs)
    const ours = this.subject.run(commands)
    const shown = (replies: readonly string[]) =>
      commands.map((command, index) => {
        const [reply = '', their = ''] = [replies[index], theirs.replies[index]]
        return `${JSON.stringify(command)} -> ${JSON.stringify(this.#normalising.areAlike(command, reply, their) ? their : reply)}`
      })
    expect(shown(ours.replies)).toEqual(shown(theirs.replies))
    expect(sortedRuns(ours.events, / expired /), shown(ours.replies).join('\n')).toEqual(sortedRuns(theirs.events, / expired /))
    expect(sortedRuns(ours.stream.filter(passedOn), / UNLINK /)).toEqual(sortedRuns(theirs.stream.filter(passedOn), / UNLINK /))
  }

  /**
   * Was the real server held up in the middle of some commands? The engine's clock stands still during them: idle times, and what depends on
   * them, are then not comparable.
   */
  get wasHeldUp(): boolean {
    return this.#slowestRunMs > HELD_UP_MS
  }

  /** Looks at every key of three databases: what it holds, in which form, until when. */
  async compareState(): Promise<void> {
    for (const database of ['0', '1', '2']) {
      await this.run([['SELECT', database], ['KEYS', '*'], ['DBSIZE']])
      const commands: Command[] = []
      for (const key of textsOf(this.subject.run([['KEYS', '*']]).replies[0] ?? '').sort()) {
        const type = (this.subject.run([['TYPE', key]]).replies[0] ?? '').slice(1, -2)
        commands.push(['TYPE', key], ['OBJECT', 'ENCODING', key], ['PEXPIRETIME', key])
        if (type === 'string') commands.push(['GET', key])
        if (type === 'list') commands.push(['LRANGE', key, '0', '-1'])
        if (type === 'set') commands.push(['SMEMBERS', key])
        if (type === 'zset') commands.push(['ZRANGE', key, '0', '-1', 'WITHSCORES'])
        if (type === 'stream') commands.push(...lookInto(key))
        if (type !== 'hash') continue
        const fields = textsOf(this.subject.run([['HKEYS', key]]).replies[0] ?? '').sort()
        commands.push(['HGETALL', key], ['HLEN', key], ['HPEXPIRETIME', key, 'FIELDS', String(fields.length), ...fields])
      }
      await this.run(commands)
    }
  }

  /** Gives a key or a field a deadline that has passed, and lets nobody remove it: the real server under `import-mode`. */
  async hide(command: Command): Promise<void> {
    // A key that has expired already goes first: the real server would remove it now, and the engine's clock is set back.
    await this.run([['TYPE', command[1] ?? '']])
    await this.#oracle.run([['CONFIG', 'SET', 'import-mode', 'yes'], command, ['CONFIG', 'SET', 'import-mode', 'no']])
    this.subject.runAt(PAST_MS - 1, command)
  }
}

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
