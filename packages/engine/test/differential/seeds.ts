import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Difference } from './duel.ts'
import type { Step } from './step.ts'

/** A sequence that once made the engine answer otherwise than a real server, as short as it gets. */
export type SeedFile = {
  /** What differed, in a sentence. */
  readonly found: string
  readonly steps: readonly Step[]
}

/** Where those are that are replayed with every test. */
export const seedsFolder = fileURLToPath(new URL('../seeds', import.meta.url))

/** Writes one and returns the name of its file. */
export function keepSeed(folder: string, difference: Difference, steps: readonly Step[]): string {
  const found = `${shown(difference.step)} answered ${JSON.stringify(cut(difference.ours))} where a real server answers ${JSON.stringify(cut(difference.theirs))}`
  const hash = createHash('sha256').update(JSON.stringify(steps)).digest('hex').slice(0, 8)
  const name = `${(difference.step.find((part) => !part.startsWith('@')) ?? 'step').toLowerCase().replace(/\W/g, '')}-${hash}.json`
  mkdirSync(folder, { recursive: true })
  const lines = steps.map((step) => `    ${JSON.stringify(step)}`).join(',\n')
  writeFileSync(join(folder, name), `{\n  "found": ${JSON.stringify(found)},\n  "steps": [\n${lines}\n  ]\n}\n`)
  return name
}

/** All that are kept, by name. */
export function keptSeeds(folder: string): readonly (readonly [name: string, seed: SeedFile])[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return names.sort().map((name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8'))])
}

/** A step as a person reads it. */
export function shown(step: Step): string {
  return step.map((part) => (part === '' || /[^\x21-\x7e]/.test(part) ? JSON.stringify(part) : cut(part))).join(' ')
}

function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
