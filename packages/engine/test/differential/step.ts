import type { Command } from './command-runs.ts'

/**
 * One step of a sequence that both servers are given. Most are commands of one client. A first word that begins with @ names
 * another one: `@listener` listens to channels, and `@past` sets a deadline that has passed in the database that it names,
 * while nobody removes what has expired.
 */
export type Step = Command

/** What a server answers to a step, byte for byte; for the listener everything that it has received. */
export type Side = {
  /** Forgets everything: no keys, RESP2, default parameters, database 0. */
  reset(): Promise<void>
  /** Does these steps, all of which are commands of the one client. */
  commands(steps: readonly Step[]): Promise<readonly string[]>
  /** What the listener receives in answer to a command, and before that. */
  listener(command: Command): Promise<string>
  past(database: string, command: Command): Promise<string>
}

/** Parameters that steps change, and what they are otherwise. */
export const DEFAULT_PARAMETERS: Readonly<Record<string, string>> = {
  'stream-node-max-entries': '100',
  'stream-node-max-bytes': '4096',
  'maxmemory-policy': 'noeviction'
}

/** An instant long gone. */
export const PAST_MS = 1_700_000_000_000

export const isBlocking = (step: Step): boolean => /^(B[LRZ](POP|MOVE|MPOP)|WAIT)/i.test(step[0] ?? '') || step.includes('BLOCK')
