import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { contrast } from '../model/contrast.ts'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')

function tokensOf(selector: string): Record<string, string> {
  const start = css.indexOf(`${selector} {`)
  if (start < 0) throw new Error(`no rule ${selector}`)
  const body = css.slice(start, css.indexOf('}', start))
  return Object.fromEntries([...body.matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6});/g)].map((match) => [match[1]!, match[2]!]))
}

const dark = tokensOf(':root')
const themes = { dark, light: { ...dark, ...tokensOf(':root[data-theme="light"]') } }

const surfaces = ['bg', 'panel', 'raise', 'well']
const shards = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => `shard-${index}`)

/** Text on what it stands on. */
const text: [string, string][] = [
  ...['ink', 'dim', 'faint', 'accent', 'ok', 'warn', 'bad'].flatMap((ink) => surfaces.map((under): [string, string] => [ink, under])),
  ['on-accent', 'accent-fill'],
  ['on-bad', 'bad-fill'],
  ...shards.map((under): [string, string] => ['on-shard', under]),
  ...shards.flatMap((ink) => ['panel', 'raise'].map((under): [string, string] => [ink, under]))
]

/** Shapes beside what surrounds them. */
const shapes: [string, string][] = [
  ...['edge', 'focus', 'ok', 'warn', 'bad', 'accent', 'selection', 'hatch', 'unassigned'].flatMap((ink) =>
    surfaces.map((under): [string, string] => [ink, under])
  ),
  ...shards.flatMap((ink) => ['bg', 'panel', 'well', 'raise'].map((under): [string, string] => [ink, under])),
  ...[0, 1, 2, 3, 4].flatMap((step) =>
    [`tint-${step}`, `time-${step}`].flatMap((ink) => ['panel', 'raise', 'well'].map((under): [string, string] => [ink, under]))
  ),
  ['selection', 'selection-case'],
  ...['accent-fill', 'bad-fill'].flatMap((ink) => ['panel', 'raise'].map((under): [string, string] => [ink, under]))
]

describe.each(Object.entries(themes))('%s theme', (_name, tokens) => {
  test('every pair of text and surface reaches 4.5:1', () => {
    const weak = text.map(([ink, under]) => weigh(tokens, ink, under)).filter((pair) => pair.ratio < 4.5)
    expect(weak).toEqual([])
  })

  test('every pair of shape and surface reaches 3:1', () => {
    const weak = shapes.map(([ink, under]) => weigh(tokens, ink, under)).filter((pair) => pair.ratio < 3)
    expect(weak).toEqual([])
  })

  test('the eight shard hues are eight different colours', () => {
    expect(new Set(shards.map((name) => tokens[name])).size).toBe(8)
  })
})

function weigh(tokens: Record<string, string>, ink: string, under: string) {
  const [top, below] = [tokens[ink], tokens[under]]
  if (top === undefined || below === undefined) throw new Error(`no token ${top === undefined ? ink : under}`)
  return { pair: `${ink} on ${under}`, ratio: Math.round(contrast(top, below) * 100) / 100 }
}
