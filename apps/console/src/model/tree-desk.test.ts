import { expect, test } from 'vitest'
import { toBase64Url } from './bytes.ts'
import { TreeDesk } from './tree-desk.ts'

const keys = (...names: string[]) => names.map((name) => toBase64Url(new TextEncoder().encode(name))).join(' ')

test('only the lines around what is looked at are sent, and all of them are counted', () => {
  const desk = new TreeDesk()
  desk.receive({ type: 'begin', delimiter: ':' })
  desk.receive({ type: 'add', keys: keys(...Array.from({ length: 1_000 }, (_, index) => `item:${index}`), 'other') })
  expect(desk.window()).toMatchObject({ total: 2, from: 0 })
  desk.receive({ type: 'toggle', path: 'item:', open: true })
  desk.receive({ type: 'look', from: 500, to: 520 })
  const { total, from, lines } = desk.window()
  expect([total, from, lines.length]).toEqual([1_002, 440, 140])
  expect(lines[61]).toMatchObject({ kind: 'key', label: '500', index: 500, parent: 0 })
  desk.receive({ type: 'toggle', path: 'item:', open: false })
  // What is looked at may be gone.
  expect(desk.window()).toMatchObject({ total: 2, from: 2, lines: [] })
})

test('another delimiter begins anew; a name that is no text is in the tree as it reads', () => {
  const desk = new TreeDesk()
  desk.receive({ type: 'add', keys: keys('a:b') })
  desk.receive({ type: 'begin', delimiter: '/' })
  desk.receive({ type: 'add', keys: `${toBase64Url(Uint8Array.of(0xff, 0x2f, 0x61))} ${keys('a:b')}` })
  desk.receive({ type: 'look', from: 0, to: 10 })
  expect(desk.window().lines.map(({ label }) => label)).toEqual(['\\xff/', 'a:b'])
})
