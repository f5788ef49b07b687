import { describe, expect, test } from 'vitest'
import { type AppliedEdit, expiryCommand, nothingStaged, readyEdits, type StagedAction, type StagedState, stage } from './staged-expiry.ts'

const run = (...actions: StagedAction[]): StagedState => actions.reduce(stage, nothingStaged)
const edit = (change: Partial<AppliedEdit> = {}): AppliedEdit => ({
  field: 'f',
  fromMs: 100,
  toMs: 200,
  command: ['HPEXPIREAT'],
  node: 'n',
  reply: 1,
  undone: false,
  ...change
})

describe('staged deadlines', () => {
  test('dropping stages, and back where it was is nothing', () => {
    const staged = run({ type: 'stage', field: 'f', fromMs: 100, toMs: 200 })
    expect(readyEdits(staged)).toMatchObject([{ field: 'f', fromMs: 100, toMs: 200 }])
    expect(readyEdits(stage(staged, { type: 'stage', field: 'f', fromMs: 100, toMs: 100 }))).toEqual([])
  })

  test('a second drag keeps the deadline that was seen first', () => {
    const twice = run({ type: 'stage', field: 'f', fromMs: 100, toMs: 200 }, { type: 'stage', field: 'f', fromMs: 100, toMs: null })
    expect(readyEdits(twice)).toMatchObject([{ fromMs: 100, toMs: null }])
  })

  test('what is on its way is neither changed nor discarded', () => {
    const sending = run({ type: 'stage', field: 'f', fromMs: 100, toMs: 200 }, { type: 'sending', field: 'f' })
    expect(stage(sending, { type: 'stage', field: 'f', fromMs: 100, toMs: 300 })).toBe(sending)
    expect(stage(sending, { type: 'discard-all' }).staged.size).toBe(1)
    expect(readyEdits(sending)).toEqual([])
  })

  test('a change that was taken stays drawn until the stream shows it, and no longer than three seconds', () => {
    const taken = run({ type: 'stage', field: 'f', fromMs: 100, toMs: 200 }, { type: 'taken', edit: edit(), undoes: null, atMs: 1_000 })
    const seen = (deadline: number | null, atMs: number) => stage(taken, { type: 'seen', deadlineOf: () => deadline, atMs }).staged.size
    expect(seen(100, 1_500)).toBe(1)
    expect(seen(200, 1_500)).toBe(0)
    expect(seen(100, 4_000)).toBe(0)
    expect(taken.applied).toHaveLength(1)
  })

  test('what was taken and is not shown yet can be changed again, against what it is now', () => {
    const taken = run(
      { type: 'stage', field: 'f', fromMs: 100, toMs: 200 },
      { type: 'sending', field: 'f' },
      { type: 'taken', edit: edit(), atMs: 1_000, undoes: null }
    )
    const again = stage(taken, { type: 'stage', field: 'f', fromMs: 100, toMs: 300 })
    expect(readyEdits(again)).toMatchObject([{ fromMs: 200, toMs: 300 }])
    expect(readyEdits(stage(again, { type: 'seen', atMs: 9_000, deadlineOf: () => 200 }))).toMatchObject([{ fromMs: 200, toMs: 300 }])
    expect(stage(taken, { type: 'stage', field: 'f', fromMs: 100, toMs: 200 })).toBe(taken)
  })

  test('changed meanwhile: mine is sent again only when the person insists, and against what it is now', () => {
    const conflict = run({ type: 'stage', field: 'f', fromMs: 100, toMs: 200 }, { type: 'conflict', field: 'f', currentMs: 150 })
    expect(readyEdits(conflict)).toEqual([])
    expect(readyEdits(stage(conflict, { type: 'insist', field: 'f' }))).toMatchObject([{ fromMs: 150, toMs: 200 }])
  })

  test('the way back marks what it takes back', () => {
    const first = edit()
    const state = run({ type: 'taken', edit: first, undoes: null, atMs: 0 })
    const undone = stage(state, { type: 'taken', edit: edit({ fromMs: 200, toMs: 100, undone: true }), undoes: first, atMs: 1 })
    expect(undone.applied.map((one) => one.undone)).toEqual([true, true])
  })

  test('a refused change can be sent again', () => {
    const refused = run({ type: 'stage', field: 'f', fromMs: 100, toMs: 200 }, { type: 'refused', field: 'f', words: 'no answer' })
    expect(readyEdits(refused)).toHaveLength(1)
  })
})

test('the command is shown as the api sends it', () => {
  expect(expiryCommand('creator:{1}:tokens', 'X', 100, 1_795)).toBe('HPEXPIREAT creator:{1}:tokens 1795 FIELDS 1 X')
  expect(expiryCommand('h', 'a b', null, 1_795)).toBe('HPEXPIREAT h 1795 NX FIELDS 1 "a b"')
  expect(expiryCommand('h', '\\xff"', 5, null)).toBe('HPERSIST h FIELDS 1 "\\xff\\""')
})
