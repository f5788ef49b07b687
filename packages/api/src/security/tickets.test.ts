import { describe, expect, test } from 'vitest'
import type { Session } from './sessions.ts'
import { TICKET_LASTS_MS, Tickets } from './tickets.ts'

const session = (): Session => ({ user: 'ann', role: 'viewer', startedAtMs: 0, seenAtMs: 0 })
const page = 'http://127.0.0.1:1'

describe('[T3] tickets', () => {
  test('open one stream, within 30 seconds', () => {
    const tickets = new Tickets()
    const ann = session()
    const first = tickets.issue(ann, page, 0)
    expect(TICKET_LASTS_MS).toBeLessThanOrEqual(30_000)
    expect(tickets.redeem(first, ann, page, TICKET_LASTS_MS - 1)).toBe(true)
    expect(tickets.redeem(first, ann, page, TICKET_LASTS_MS - 1)).toBe(false)
    expect(tickets.redeem(tickets.issue(ann, page, 0), ann, page, TICKET_LASTS_MS)).toBe(false)
  })
  test('belong to a session and a page, and are spent by a wrong try', () => {
    const tickets = new Tickets()
    const ann = session()
    const ticket = tickets.issue(ann, page, 0)
    expect(tickets.redeem(ticket, session(), page, 1)).toBe(false)
    expect(tickets.redeem(ticket, ann, 'http://evil.example', 1)).toBe(false)
    expect(tickets.redeem(ticket, ann, page, 1)).toBe(false)
  })
  test('unused ones do not pile up', () => {
    const tickets = new Tickets()
    const ann = session()
    const all = Array.from({ length: 101 }, () => tickets.issue(ann, page, 0))
    expect(tickets.redeem(all[0] ?? '', ann, page, 1)).toBe(false)
    expect(tickets.redeem(all[1] ?? '', ann, page, 1)).toBe(true)
  })
})
