import type { Command } from './command-runs.ts'
import { digestOf, keysOf, stateCommands } from './digest.ts'
import { type Difference, Duel } from './duel.ts'
import { EngineSide } from './engine-side.ts'
import type { Explained } from './explained.ts'
import { Normalising } from './normalising.ts'
import { SequenceGenerator } from './random-sequence.ts'
import { shrink } from './shrink.ts'
import type { Side, Step } from './step.ts'

/** A difference that nothing explains, and the steps that lead to it. */
export type Find = { readonly seed: number; readonly difference: Difference; readonly steps: readonly Step[] }

type Listener = {
  /** Of every command, with the real server's reply. */
  readonly seen: (command: Command, reply: string) => void
  /** Of a difference of a new kind, once it is short. */
  readonly found: (find: Find) => void
  /** After some steps. */
  readonly progress: () => void
}

const CHUNK = 2_000
/** In the slot of most keys. */
const RESTORED = '{t}restored'

/** Random sequences, seed after seed, given to the engine and to a real server. */
export class LongRun {
  readonly normalising = new Normalising()
  readonly finds: Find[] = []
  /** Differences like one that has been shrunk already. */
  repeated = 0
  steps = 0
  readonly #ours: Side = new EngineSide()
  readonly #theirs: Side
  readonly #duel: Duel
  readonly #signatures = new Set<string>()
  readonly #listener: Listener

  constructor(theirs: Side, listener: Listener) {
    this.#theirs = theirs
    this.#listener = listener
    this.#duel = new Duel(this.#ours, theirs, this.normalising, listener.seen)
  }

  /** How often each explained difference was met. */
  get explained(): ReadonlyMap<Explained, number> {
    return this.#duel.explained
  }

  /** So many steps of a seed. Returns the digests of both datasets at its end. */
  async run(seed: number, steps: number): Promise<{ readonly ours: string; readonly theirs: string }> {
    const generator = new SequenceGenerator(seed)
    await this.#duel.reset()
    let history: Step[] = []
    for (let left = steps; left > 0; ) {
      const chunk = Array.from({ length: Math.min(CHUNK, left) }, () => generator.next())
      const found = await this.#duel.firstDifference(chunk)
      const done = found ? found.index + 1 : chunk.length
      left -= done
      this.steps += done
      history.push(...chunk.slice(0, done))
      if (found) {
        await this.#note(seed, found.difference, history)
        await this.#duel.reset()
        history = []
      }
      this.#listener.progress()
    }
    await this.#duel.settle()
    const state = await stateCommands(this.#ours)
    const found = await this.#duel.firstDifference(state)
    if (found) await this.#note(seed, found.difference, history)
    else await this.#exchange(seed, history)
    return { ours: await digestOf(this.#ours, state, this.normalising), theirs: await digestOf(this.#theirs, state, this.normalising) }
  }

  /** The real server takes what the engine dumps, and gives the same back. */
  async #exchange(seed: number, history: readonly Step[]): Promise<void> {
    for (const database of ['0', '1', '2']) {
      for (const side of [this.#ours, this.#theirs]) await side.commands([['SELECT', database]])
      for (const key of await keysOf(this.#ours)) {
        const [ours = ''] = await this.#ours.commands([['DUMP', key]])
        const payload = /^\$\d+\r\n(.*)\r\n$/s.exec(ours)?.[1] ?? ''
        const steps = [
          ['RESTORE', RESTORED, '0', payload, 'REPLACE'],
          ['DUMP', RESTORED],
          ['DEL', RESTORED]
        ]
        const [taken = '', again = ''] = await this.#theirs.commands(steps)
        if (taken === '+OK\r\n' && this.normalising.areAlike(['DUMP', key], ours, again)) continue
        this.#report(seed, { step: ['DUMP', key], ours, theirs: `${taken}${again}` }, history)
      }
    }
  }

  #report(seed: number, difference: Difference, steps: readonly Step[]): void {
    const find = { seed, difference, steps }
    this.finds.push(find)
    this.#listener.found(find)
  }

  async #note(seed: number, difference: Difference, history: readonly Step[]): Promise<void> {
    const signature = signatureOf(difference)
    if (this.#signatures.has(signature)) {
      this.repeated++
      return
    }
    this.#signatures.add(signature)
    let shortest = difference
    const fails = async (steps: readonly Step[]) => {
      const found = await differenceOf(new Duel(this.#ours, this.#theirs, new Normalising()), this.#ours, steps)
      if (!found || signatureOf(found) !== signature) return false
      shortest = found
      return true
    }
    const shrunk = (await fails(history)) ? await shrink(history, fails) : history
    await fails(shrunk)
    this.#report(seed, shortest, shrunk)
  }
}

/** The first difference of a sequence from the beginning, or of what it leaves behind. */
export async function differenceOf(duel: Duel, ours: Side, steps: readonly Step[]): Promise<Difference | undefined> {
  await duel.reset()
  const found = await duel.firstDifference(steps)
  if (found) return found.difference
  await duel.settle()
  return (await duel.firstDifference(await stateCommands(ours)))?.difference
}

function signatureOf({ step, ours, theirs }: Difference): string {
  const kind = (reply: string) => (reply.startsWith('-') ? reply.slice(0, 20) : reply.slice(0, 1))
  return [step[0], step[0]?.startsWith('@') ? step[1] : '', kind(ours), kind(theirs)].join(' ').toUpperCase()
}
