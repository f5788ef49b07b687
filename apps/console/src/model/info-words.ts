import type { NodeInfoAnswer } from '@slotscope/observer/stream'
import { formatBytes, formatCount, formatDuration } from './format.ts'
import { type InfoUnit, infoFields } from './info-fields.ts'

/** One line of INFO as a person reads it: what it is, how much, and under which name the server has it. */
export type InfoLine = { readonly name: string; readonly words: string; readonly value: string; readonly raw: string }

export type InfoGroup = { readonly name: string; readonly lines: readonly InfoLine[] }

/** Headings that say more than the server's own. */
const sectionWords: Readonly<Record<string, string>> = {
  Stats: 'Counters since the start',
  CPU: 'Processor time',
  Errorstats: 'Errors that were answered',
  Keyspace: 'Databases'
}

/**
 * The sections of INFO in words. What says the same twice (`used_memory_human`) is left out.
 *
 * @param find words of a search, upper and lower case alike: a line stays when name, words or value hold each of them
 */
export function infoGroups(sections: NodeInfoAnswer['sections'], find: string): readonly InfoGroup[] {
  const wanted = find.toLowerCase().split(/\s+/).filter(Boolean)
  return sections
    .map(({ name, fields }) => {
      const lines = fields.filter(([field]) => !field.endsWith('_human')).map(([field, raw]) => infoLine(field, raw))
      return { name: sectionWords[name] ?? name, lines: lines.filter((line) => fits(line, wanted)) }
    })
    .filter(({ lines }) => lines.length > 0)
}

function fits(line: InfoLine, wanted: readonly string[]): boolean {
  const text = `${line.name} ${line.words} ${line.value}`.toLowerCase()
  return wanted.every((word) => text.includes(word))
}

function infoLine(name: string, raw: string): InfoLine {
  const [unit, words] = Object.hasOwn(infoFields, name) ? (infoFields[name] as [InfoUnit, string]) : (numbered(name) ?? ['text', ''])
  return { name, words, value: infoValue(unit, raw), raw }
}

/** Names that carry a number or a code. */
function numbered(name: string): readonly [InfoUnit, string] | null {
  const [, kind, rest = ''] = /^(errorstat_|db|slave|listener|module)(.*)$/.exec(name) ?? []
  switch (kind) {
    case 'errorstat_':
      return ['text', `errors that begin with ${rest}`]
    case 'db':
      return ['text', `database ${rest}: times to live are averages in milliseconds`]
    case 'slave':
      return ['text', `replica ${rest}: its lag in seconds, its offset in bytes`]
    case 'listener':
      return ['text', 'where it listens']
    case 'module':
      return ['text', 'a module']
    default:
      return null
  }
}

/** A value with its unit. What is not a number, or says that there is none (-1), stands as it is or as a dash. */
export function infoValue(unit: InfoUnit, raw: string): string {
  if (raw === '') return '–'
  const number = Number(raw.replace(/%$/, ''))
  if (unit === 'text' || Number.isNaN(number)) return inParts(raw)
  if (number < 0) return '–'
  switch (unit) {
    case 'bytes':
      return formatBytes(number)
    case 'seconds':
      return formatDuration(number * 1_000)
    case 'cpu':
      return number < 1 ? `${(number * 1_000).toFixed(1)} ms` : formatDuration(number * 1_000)
    case 'milliseconds':
      return formatDuration(number)
    case 'microseconds':
      // Clocks count from 1970; durations do not come near.
      if (number > 1e15) return utc(number / 1_000)
      return number < 1_000 ? `${number} µs` : formatDuration(number / 1_000)
    case 'unixtime':
      return utc(number * 1_000)
    case 'count':
      return formatCount(number)
    case 'per-second':
      return `${formatCount(number)}/s`
    case 'kibibytes-per-second':
      return `${formatBytes(number * 1_024)}/s`
    case 'percent':
      return `${number} %`
    case 'ratio':
      return `× ${raw}`
    case 'flag':
      return number === 0 ? 'no' : 'yes'
  }
}

/** `keys=14,expires=2` -> `keys 14 · expires 2`; brackets may hold commas of their own. */
function inParts(raw: string): string {
  if (!/^\w+=/.test(raw)) return raw
  return raw.replace(/,(?=\w+=)/g, ' · ').replace(/(^|· )(\w+)=/g, '$1$2 ')
}

function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
