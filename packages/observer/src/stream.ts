/**
 * The stream: what the api sends to every viewer, and the only thing the console draws from.
 *
 * A viewer holds, per topic, one state. It arrives as `snapshot@v` and goes on as `patch base->v`; a patch whose base is
 * not the held version is a gap, and a gap means `resume`, never a guess. `fold` is the whole of a viewer's memory.
 *
 * This file imports nothing of the observer's inside, because the console may import it and nothing else.
 */

export type * from './stream/audit-questions.ts'
export type * from './stream/bulk-questions.ts'
export type * from './stream/command-questions.ts'
export * from './stream/core-state.ts'
export * from './stream/csv.ts'
export * from './stream/figures.ts'
export * from './stream/fold.ts'
export * from './stream/frames.ts'
export type * from './stream/key-questions.ts'
export * from './stream/moves.ts'
export * from './stream/node-plans.ts'
export type * from './stream/node-questions.ts'
export type * from './stream/questions.ts'
export * from './stream/recording.ts'
export * from './stream/slot-frames.ts'
export * from './stream/split-line.ts'
export * from './stream/traffic-questions.ts'
export * from './stream/viewer.ts'
