import type { Difference } from './duel.ts'

/** A difference that stays, and why. There may be ten. */
export type Explained = {
  readonly title: string
  readonly why: string
  readonly is: (difference: Difference) => boolean
}

export const EXPLAINED: readonly Explained[] = [
  {
    title: 'GEOSEARCH BYPOLYGON with a corner at the edge of the world',
    why: 'Asked the same of the same key twice, a valkey-server 9.1.2 finds a place the first time and not the second. The engine finds it both times.',
    is: ({ step }) => /^GEOSEARCH/.test(step[0] ?? '') && step.includes('BYPOLYGON') && (step.includes('180') || step.includes('-180'))
  }
]
