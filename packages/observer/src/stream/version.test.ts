import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { STREAM_VERSION } from './frames.ts'
import { encodeSlotsPatch } from './slot-frames.ts'

/** Where the types of what travels are declared. */
const FILES = ['frames.ts', 'core-state.ts', 'figures.ts', 'node-plans.ts']

/** Their declarations without comments and layout, so that only what they say counts, and the bytes of one binary frame. */
function schemaHash(): string {
  const hash = createHash('sha256')
  for (const file of FILES) {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8').replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, ' ')
    hash.update(`${file}\n${typesOf(text).replace(/\s+/g, ' ').trim()}\n`)
  }
  hash.update(encodeSlotsPatch({ topic: 'slots:keys', base: 1, version: 2, atMs: 3, perSecond: false }, [4, 16_383], [5, 0.5]))
  return hash.digest('hex').slice(0, 16)
}

/** Type declarations of a formatted source: from `type` at the left margin to the next line that begins there and does not close it. */
function typesOf(text: string): string {
  return (text.match(/^(?:export )?type [\s\S]*?(?=^(?:export|import|const|function|type|class)\b|(?![\s\S]))/gm) ?? []).join('')
}

/**
 * A page and an api of different builds meet when the api is updated while a page is open. When this fails, what travels has changed: raise
 * STREAM_VERSION unless an older page still reads everything that is sent, and a newer one everything that an older api sends; then pin anew.
 */
test('what travels is pinned beside the version of the stream', () => {
  expect({ version: STREAM_VERSION, schema: schemaHash() }).toEqual({ version: 2, schema: '8ee1c07edb202840' })
})
