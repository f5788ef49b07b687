import type { Reply } from '../caller.ts'
import { fieldsOf, malformed, type Parsed, textOf } from './shape.ts'

/** Parses CONFIG GET: settings by name. A setting that the server does not know is absent. */
export function parseConfig(reply: Reply | undefined): Parsed<ReadonlyMap<string, string>> {
  const fields = fieldsOf(reply)
  if (!fields) return malformed('CONFIG GET', reply, 'a map')
  const settings = new Map<string, string>()
  for (const [name, value] of fields) {
    const text = textOf(value)
    if (text !== undefined) settings.set(name, text)
  }
  return { value: settings }
}
