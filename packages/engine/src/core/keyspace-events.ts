import type { EventClass } from './commands/context.ts'

/** What `notify-keyspace-events` asks for. */
export type KeyspaceEvents = {
  readonly classes: ReadonlySet<EventClass | 'd'>
  /** `K`: messages on `__keyspace@<db>__:<key>`. */
  readonly byKey: boolean
  /** `E`: messages on `__keyevent@<db>__:<event>`. */
  readonly byEvent: boolean
}

/** The classes that `A` stands for; misses (`m`) and new keys (`n`) must be named. */
const ALL = [...'g$lshzxetd'] as readonly (EventClass | 'd')[]

/** Reads the letters of `notify-keyspace-events`; undefined when one of them is none. */
export function parseKeyspaceEvents(text: string): KeyspaceEvents | undefined {
  const classes = new Set<EventClass | 'd'>()
  for (const letter of text) {
    if (letter === 'A') for (const one of ALL) classes.add(one)
    else if (letter === 'm' || letter === 'n' || ALL.includes(letter as EventClass)) classes.add(letter as EventClass)
    else if (letter !== 'K' && letter !== 'E') return undefined
  }
  return { classes, byKey: text.includes('K'), byEvent: text.includes('E') }
}

/**
 * The letters as CONFIG GET prints them (`keyspaceEventsFlagsToString`). Unlike the reference, `n` is also printed beside `A`:
 * what is in force must not be out of sight.
 */
export function formatKeyspaceEvents({ classes, byKey, byEvent }: KeyspaceEvents): string {
  const all = ALL.every((one) => classes.has(one))
  const named = all ? 'A' : ALL.filter((one) => classes.has(one)).join('')
  return `${named}${classes.has('n') ? 'n' : ''}${byKey ? 'K' : ''}${byEvent ? 'E' : ''}${classes.has('m') ? 'm' : ''}`
}
