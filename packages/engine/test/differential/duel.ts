import type { Command } from './command-runs.ts'
import { EXPLAINED, type Explained } from './explained.ts'
import type { Normalising } from './normalising.ts'
import { elementsOf } from './reply-frame.ts'
import { isBlocking, type Side, type Step } from './step.ts'

export type Difference = { readonly step: Step; readonly ours: string; readonly theirs: string }

/** Steps in one go; less than what a socket holds, so that neither side waits for the other. */
const BATCH = 400
const MOST_BLOCKING = 30

/** The engine and a real server are given the same steps; their replies are compared. */
export class Duel {
  readonly #ours: Side
  readonly #theirs: Side
  readonly #normalising: Normalising
  readonly #seen: (command: Command, reply: string) => void
  /** How often each explained difference was met. */
  readonly explained = new Map<Explained, number>()
  /** Commands of the transaction that is open. */
  #queued: Command[] | undefined

  /** `seen` is told of every command and the real server's reply; inside a transaction, when it is executed. */
  constructor(ours: Side, theirs: Side, normalising: Normalising, seen: (command: Command, reply: string) => void = () => {}) {
    this.#ours = ours
    this.#theirs = theirs
    this.#normalising = normalising
    this.#seen = seen
  }

  async reset(): Promise<void> {
    this.#queued = undefined
    await Promise.all([this.#ours.reset(), this.#theirs.reset()])
  }

  /** Ends what is open: a transaction, another protocol. Nothing is compared. */
  async settle(): Promise<void> {
    this.#queued = undefined
    const steps = [['DISCARD'], ['UNWATCH'], ['HELLO', '2'], ['SELECT', '0']]
    await Promise.all([this.#ours.commands(steps), this.#theirs.commands(steps)])
  }

  /** Up to the first difference, and the index of its step. Steps behind it may have been done too. */
  async firstDifference(steps: readonly Step[]): Promise<{ readonly index: number; readonly difference: Difference } | undefined> {
    for (let at = 0; at < steps.length; ) {
      const end = batchEnd(steps, at)
      const batch = steps.slice(at, end)
      const [ours, theirs] = await this.#run(batch)
      for (let index = 0; index < batch.length; index++) {
        const difference = this.#compare(batch[index] as Step, ours[index] ?? '', theirs[index] ?? '')
        if (difference) return { index: at + index, difference }
      }
      at = end
    }
    return undefined
  }

  async #run(batch: readonly Step[]): Promise<readonly [readonly string[], readonly string[]]> {
    const [first = []] = batch
    const [client, ...rest] = first
    if (client === '@listener') return [[await this.#ours.listener(rest)], [await this.#theirs.listener(rest)]]
    if (client === '@past') {
      const [database = '0', ...command] = rest
      return [[await this.#ours.past(database, command)], [await this.#theirs.past(database, command)]]
    }
    const theirs = this.#theirs.commands(batch)
    // While the real server works on what it was given.
    const ours = this.#ours.commands(batch)
    return Promise.all([ours, theirs])
  }

  #compare(step: Step, ours: string, theirs: string): Difference | undefined {
    const command = step[0] === '@listener' ? step.slice(1) : step[0] === '@past' ? step.slice(2) : step
    const queued = this.#queued
    const difference = { step, ours, theirs }
    if (command === step && theirs === '+QUEUED\r\n') {
      queued?.push(command)
      return ours === theirs ? undefined : difference
    }
    this.#seen(command, theirs)
    if (command !== step) return this.#judge(command, ours, theirs)
    const name = (command[0] ?? '').toUpperCase()
    if (name === 'MULTI' && theirs.startsWith('+')) this.#queued = []
    if (name !== 'EXEC' && name !== 'DISCARD' && name !== 'RESET') return this.#judge(command, ours, theirs)
    if (!theirs.startsWith('-ERR wrong number')) this.#queued = undefined
    const ourElements = elementsOf(ours)
    const theirElements = elementsOf(theirs)
    if (!queued || !theirElements || ourElements?.length !== theirElements.length) return ours === theirs ? undefined : difference
    for (const [index, inner] of queued.entries()) {
      const theirElement = theirElements[index] ?? ''
      this.#seen(inner, theirElement)
      const ourElement = ourElements[index] ?? ''
      const found = this.#judge(inner, ourElement, theirElement)
      if (found) return found
    }
    return undefined
  }

  #judge(step: Step, ours: string, theirs: string): Difference | undefined {
    if (this.#normalising.areAlike(step, ours, theirs)) return undefined
    const difference = { step, ours, theirs }
    const explanation = EXPLAINED.find((one) => one.is(difference))
    if (!explanation) return difference
    this.explained.set(explanation, (this.explained.get(explanation) ?? 0) + 1)
    return undefined
  }
}

function batchEnd(steps: readonly Step[], start: number): number {
  if (isOfOtherClient(steps[start])) return start + 1
  let blocking = 0
  let end = start
  while (end < steps.length && end - start < BATCH && blocking < MOST_BLOCKING && !isOfOtherClient(steps[end])) {
    if (isBlocking(steps[end] as Step)) blocking++
    end++
  }
  return end
}

function isOfOtherClient(step: Step | undefined): boolean {
  return step?.[0]?.startsWith('@') ?? false
}
