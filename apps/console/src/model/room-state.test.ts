import { SLOTS } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { type RoomAction, type RoomState, reduceRoom, startRoom } from './room-state.ts'

const run = (state: RoomState, ...actions: RoomAction[]) => actions.reduce(reduceRoom, state)

describe('the keyboard on the map', () => {
  test('Shift extends from where the cursor stood, forward and back', () => {
    const state = run(
      startRoom([]),
      { type: 'move-cursor', slot: 100, extend: false },
      { type: 'move-cursor', slot: 228, extend: true },
      { type: 'move-cursor', slot: 227, extend: true }
    )
    expect(state).toMatchObject({ cursor: 227, selection: [[100, 227]] })
    expect(run(state, { type: 'move-cursor', slot: 50, extend: true }).selection).toEqual([[50, 100]])
  })

  test('Space toggles one slot and a later stretch adds to what stood apart', () => {
    const state = run(
      startRoom([]),
      { type: 'move-cursor', slot: 5, extend: false },
      { type: 'toggle' },
      { type: 'move-cursor', slot: 50, extend: false },
      { type: 'move-cursor', slot: 60, extend: true }
    )
    expect(state.selection).toEqual([
      [5, 5],
      [50, 60]
    ])
    expect(run(state, { type: 'move-cursor', slot: 5, extend: false }, { type: 'toggle' }).selection).toEqual([[50, 60]])
  })
})

describe('lifting', () => {
  test('the tray opens only with something selected, and lifts it by keys', () => {
    expect(run(startRoom([]), { type: 'open-tray' }).tray).toBe(false)
    const state = run(startRoom([[0, 9]]), { type: 'open-tray' })
    expect(state).toMatchObject({ tray: true, lift: { by: 'keys', what: { kind: 'exact', slots: [[0, 9]] } } })
  })

  test('putting down keeps the selection', () => {
    const state = run(startRoom([[0, 9]]), { type: 'open-tray' }, { type: 'over', shard: 'b' }, { type: 'put-down' })
    expect(state).toMatchObject({ lift: null, tray: false, selection: [[0, 9]] })
  })
})

describe('data goes on while something is held', () => {
  const before = new Int16Array(SLOTS)
  const after = before.slice()
  after.fill(1, 0, 100)

  test('slots that changed owner leave the selection with a line saying so', () => {
    const state = run(startRoom([[90, 110]]), { type: 'owners-changed', before, after })
    expect(state.selection).toEqual([[100, 110]])
    expect(state.note).toBe('10 slots changed owner and left the selection')
  })

  test('what is lifted shrinks too, and is put down when nothing is left of it', () => {
    const lifted = run(startRoom([[90, 110]]), { type: 'open-tray' }, { type: 'owners-changed', before, after })
    expect(lifted.lift?.what).toEqual({ kind: 'exact', slots: [[100, 110]] })
    const gone = run(startRoom([[10, 20]]), { type: 'open-tray' }, { type: 'owners-changed', before, after })
    expect(gone).toMatchObject({
      lift: null,
      tray: false,
      selection: [],
      note: 'What you had lifted has changed owner, so it was put down'
    })
  })

  test('a change elsewhere leaves everything as it is', () => {
    const state = startRoom([[200, 300]])
    expect(reduceRoom(state, { type: 'owners-changed', before, after })).toBe(state)
  })
})
