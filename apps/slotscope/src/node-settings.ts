import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { splitWords } from '@slotscope/engine'

/** One parameter as it was given: its name, its words, of which one unit is one byte, and where it stands. */
export type Directive = {
  readonly name: string
  readonly words: readonly string[]
  readonly file: string
  readonly line: number
  readonly text: string
}

/** What was given cannot be used: the words of the reference (`loadServerConfigFromString`), for standard error; the process ends with 1. */
export class SettingsError extends Error {
  constructor(at: Pick<Directive, 'file' | 'line' | 'text'>, problem: string) {
    const where = at.file === '' ? 'Reading the command line' : `Reading the configuration file, at line ${at.line} of ${at.file}`
    super(`\n*** FATAL CONFIG FILE ERROR ***\n${where}\n>>> '${textOf(at.text)}'\n${problem}`)
  }
}

/** Files that include files, at most so deep: one that includes itself would never end. */
const DEEPEST_INCLUDE = 16

/**
 * Reads `[valkey.conf | -] [--name word ...]` as the reference does: the file first, then what the command line says, each in order, so
 * that the last of one name holds. Throws `SettingsError`.
 */
export function readDirectives(argv: readonly string[]): { readonly directives: readonly Directive[]; readonly configFile?: string } {
  const [first] = argv
  if (first === undefined || first.startsWith('--')) return { directives: readOptions(argv.map(bytesOf)) }
  const directives = [...readFile(first, 0), ...readOptions(argv.slice(1).map(bytesOf))]
  return first === '-' ? { directives } : { directives, configFile: resolve(first) }
}

/** A word of the command line as parameters have it: a password, say, is the bytes that a client sends. */
export function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/** A parameter as people and the system read it: the name of a file. */
export function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString()
}

/** Of these each line says its part. */
const ADDS_UP: ReadonlySet<string> = new Set(['client-output-buffer-limit'])

/** Values by name; the words of one line belong together, and the last line of a name holds. */
export function valuesOf(directives: readonly Directive[]): Readonly<Record<string, string>> {
  const values: Record<string, string> = {}
  for (const { name, words } of directives) {
    const before = ADDS_UP.has(name) && values[name] !== undefined ? `${values[name]} ` : ''
    values[name] = before + words.join(' ')
  }
  return values
}

function readFile(file: string, depth: number): readonly Directive[] {
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : file, 'latin1')
  } catch (error) {
    throw new SettingsError({ file, line: 0, text: bytesOf(file) }, `can't open config file: ${(error as Error).message}`)
  }
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) return []
    const at = { file, line: index + 1, text: line }
    const words = splitWords(line)
    if (words === undefined) throw new SettingsError(at, 'Unbalanced quotes in configuration line')
    const [name, ...rest] = words
    if (name === undefined) return []
    if (name.toLowerCase() !== 'include') return [{ ...at, name: name.toLowerCase(), words: rest }]
    if (rest.length !== 1 || rest[0] === undefined) throw new SettingsError(at, 'include takes one file')
    if (depth === DEEPEST_INCLUDE) throw new SettingsError(at, `files include each other more than ${DEEPEST_INCLUDE} deep`)
    return readFile(textOf(rest[0]), depth + 1)
  })
}

/** `--save 900 1 --port 7000`: all words up to the next name belong to a name. */
function readOptions(argv: readonly string[]): readonly Directive[] {
  const directives: { name: string; words: string[] }[] = []
  for (const word of argv) {
    const last = directives.at(-1)
    // `--save --port 7000`: no word means none, as the reference has it for this one name.
    if (last?.name === 'save' && last.words.length === 0 && word.startsWith('--')) last.words.push('')
    if (word.startsWith('--') && (last === undefined || last.words.length > 0))
      directives.push({ name: word.slice(2).toLowerCase(), words: [] })
    else if (last !== undefined) last.words.push(word)
    else throw new SettingsError({ file: '', line: 0, text: word }, 'Parameters are given as --name value')
  }
  return directives.map(({ name, words }) => {
    const directive = { name, words, file: '', line: 0, text: [`--${name}`, ...words].join(' ') }
    if (words.length === 0) throw new SettingsError(directive, 'wrong number of arguments')
    return directive
  })
}
