import { encodeUtf8 } from '../bytes.ts'
import type { Reply } from '../caller.ts'
import { integerOf, listOf, malformed, type Parsed, textOf } from './shape.ts'

/** One entry of a log of commands. The arguments are bytes: what people name is no text. */
export type LogEntry = {
  readonly id: number
  readonly atSeconds: number
  /** Microseconds of the slow log, bytes of the others. */
  readonly value: number
  readonly arguments: readonly Uint8Array[]
  readonly address: string | null
  readonly clientName: string | null
}

/** Parses COMMANDLOG GET and SLOWLOG GET (Valkey `commandlog.c`, `commandlogGetReply`); servers before 4.0 do not name the client. */
export function parseCommandLog(reply: Reply | undefined): Parsed<readonly LogEntry[]> {
  const list = listOf(reply)
  if (!list) return malformed('COMMANDLOG GET', reply, 'a list')
  const entries: LogEntry[] = []
  for (const one of list) {
    const [id, at, value, words, address, name] = listOf(one) ?? []
    const [number, atSeconds, size] = [integerOf(id), integerOf(at), integerOf(value)]
    const given = listOf(words)
    if (number === undefined || atSeconds === undefined || size === undefined || !given)
      return { error: `COMMANDLOG GET: entry ${entries.length + 1} is none` }
    entries.push({
      id: number,
      atSeconds,
      value: size,
      arguments: given.map(bytesOfWord),
      address: textOf(address) ?? null,
      clientName: textOf(name) ?? null
    })
  }
  return { value: entries }
}

function bytesOfWord(word: Reply): Uint8Array {
  return word instanceof Uint8Array ? word : encodeUtf8(textOf(word) ?? '')
}
