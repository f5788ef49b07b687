import type { Reply } from '../caller.ts'
import type { InfoSection } from '../stream/node-questions.ts'
import { bodyOf, malformed, type Parsed } from './shape.ts'

/** INFO and CLUSTER INFO: `name:value` lines. Sections are not kept apart, since no name occurs in two of them. */
export class Info {
  readonly #values: ReadonlyMap<string, string>

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values
  }

  text(name: string): string | undefined {
    return this.#values.get(name)
  }

  /** A finite number; undefined when it is absent or not one. */
  number(name: string): number | undefined {
    const text = this.#values.get(name)
    if (text === undefined || text === '') return undefined
    const value = Number(text)
    return Number.isFinite(value) ? value : undefined
  }

  /** Entries whose name begins so, with that beginning cut off: `entries('errorstat_')`. */
  *entries(prefix: string): Generator<readonly [name: string, value: string]> {
    for (const [name, value] of this.#values) if (name.startsWith(prefix)) yield [name.slice(prefix.length), value]
  }
}

/** Parses the reply of INFO with its sections, `# Server` and those below it. Lines before the first head are none of a server's. */
export function parseInfoSections(reply: Reply | undefined): Parsed<readonly InfoSection[]> {
  const text = bodyOf(reply)
  if (text === undefined) return malformed('INFO', reply, 'a text')
  const sections: { readonly name: string; readonly fields: (readonly [string, string])[] }[] = []
  for (const row of text.split('\n')) {
    const line = row.endsWith('\r') ? row.slice(0, -1) : row
    const colon = line.indexOf(':')
    if (line.startsWith('#')) sections.push({ name: line.slice(1).trim(), fields: [] })
    else if (colon > 0) sections.at(-1)?.fields.push([line.slice(0, colon), line.slice(colon + 1)])
  }
  return { value: sections }
}

/** Parses the reply of INFO or CLUSTER INFO. */
export function parseInfo(reply: Reply | undefined): Parsed<Info> {
  const text = bodyOf(reply)
  if (text === undefined) return malformed('INFO', reply, 'a text')
  const values = new Map<string, string>()
  for (const row of text.split('\n')) {
    const line = row.endsWith('\r') ? row.slice(0, -1) : row
    const colon = line.indexOf(':')
    if (line.startsWith('#') || colon <= 0) continue
    values.set(line.slice(0, colon), line.slice(colon + 1))
  }
  return { value: new Info(values) }
}

/** The figures inside one value: `calls=3,usec=41` -> calls 3, usec 41. */
export function figuresOf(value: string): ReadonlyMap<string, number> {
  const figures = new Map<string, number>()
  for (const part of value.split(',')) {
    const equals = part.indexOf('=')
    const figure = Number(part.slice(equals + 1))
    if (equals > 0 && Number.isFinite(figure)) figures.set(part.slice(0, equals), figure)
  }
  return figures
}
