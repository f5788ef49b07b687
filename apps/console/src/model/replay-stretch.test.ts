import { describe, expect, test } from 'vitest'
import { hasEnded, stretchOf, whyNoReplay } from './replay-stretch.ts'

const job = { startedAtMs: 10_000, endedAtMs: 10_274, history: [{ side: 'export', state: 'snapshotting', atMs: 10_050 }] as const }
const recorded = { fromMs: 5_000, toMs: 12_000, gaps: [{ fromMs: 6_000, toMs: 7_000 }] }

describe('the replay of a move', () => {
  test('begins a moment before it, as the viewer feels it, and has time for what is told late', () => {
    expect(stretchOf(job, 0.1)).toEqual({ fromMs: 9_850, toMs: 16_274 })
    expect(stretchOf(job, 0.02).fromMs).toBe(9_970)
  })

  test('ends when its end is shown', () => {
    const state = (endedAtMs: number | null) => ({ jobs: { j: { endedAtMs } } }) as unknown as Parameters<typeof hasEnded>[0]
    expect([hasEnded(state(null), 'j'), hasEnded(state(9), 'j'), hasEnded(state(9), 'other')]).toEqual([false, true, false])
  })

  test('is refused with the reason', () => {
    expect(whyNoReplay(job, recorded, 20_000)).toBeNull()
    expect(whyNoReplay(job, null, 20_000)).toMatch(/Nothing of this cluster/)
    expect(whyNoReplay({ ...job, endedAtMs: null }, recorded, 20_000)).toMatch(/not ended/)
    expect(whyNoReplay({ ...job, history: [] }, recorded, 20_000)).toMatch(/before anybody looked/)
    expect(whyNoReplay({ ...job, startedAtMs: 4_000 }, recorded, 20_000)).toMatch(/began before/)
    expect(whyNoReplay({ ...job, startedAtMs: 6_500 }, recorded, 20_000)).toMatch(/end to end/)
    expect(whyNoReplay(job, recorded, 11_000)).toMatch(/being written/)
  })
})
