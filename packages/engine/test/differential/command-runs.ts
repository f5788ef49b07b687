/** What a server made of some commands: replies in order, keyspace events, and what it passed on to replicas. */
export type Run = {
  /** One raw reply per command. */
  readonly replies: readonly string[]
  /** `<database> <event> <key>`. */
  readonly events: readonly string[]
  /** `<database> NAME arg ...`, without SELECT, MULTI and EXEC. */
  readonly stream: readonly string[]
}

export type Command = readonly string[]

export function encodeCommand(command: Command): string {
  return `*${command.length}\r\n${command.map((part) => `$${part.length}\r\n${part}\r\n`).join('')}`
}

/**
 * A propagated command in one spelling: names in capitals, instants near now alike (two servers differ by milliseconds), and
 * SET without the conditions that have been met already, which the reference passes on in some forms and not in others.
 */
export function streamLine(database: number, parts: readonly string[], nowMs: number): string {
  const [given = '', ...rest] = parts
  const name = given.toUpperCase()
  const shown = rest
    .map((part) => (OPTION_WORDS.has(part.toUpperCase()) ? part.toUpperCase() : part))
    .map((part) => (/^\d{13}(-\d+)?$/.test(part) && Math.abs(Number.parseInt(part, 10) - nowMs) < 200_000_000 ? '<near now>' : part))
  if (name !== 'SET') return [database, name, ...shown].join(' ')
  const [key, value, ...options] = shown
  const kept = options.filter(
    (part, index) => part !== 'NX' && part !== 'XX' && part !== 'GET' && part !== 'IFEQ' && options[index - 1] !== 'IFEQ'
  )
  return [database, name, key, value, ...kept].join(' ')
}

const OPTION_WORDS = new Set(['PXAT', 'KEEPTTL', 'FIELDS', 'NX', 'XX', 'GT', 'LT', 'GET', 'IFEQ'])
