import { describe, expect, test } from 'vitest'
import { LoginLimit } from './login-limit.ts'
import { LINK_LASTS_MS, LoginLinks } from './login-links.ts'
import { IDLE_LASTS_MS, SESSION_LASTS_MS, type Session, Sessions } from './sessions.ts'

const actor = { user: 'ann', role: 'operator' } as const

describe('[T12] login links', () => {
  test('have at least 128 bits and differ', () => {
    const links = new LoginLinks()
    const tokens = new Set(Array.from({ length: 100 }, () => links.create('viewer', 'bob', 0)))
    expect(tokens.size).toBe(100)
    for (const token of tokens) expect(Buffer.from(token, 'base64url').length * 8).toBeGreaterThanOrEqual(128)
  })
  test('log in once, with their role', () => {
    const links = new LoginLinks()
    const token = links.create('operator', 'ann', 0)
    expect(links.redeem(token, 1)).toEqual(actor)
    expect(links.redeem(token, 2)).toBe('used')
  })
  test('last ten minutes', () => {
    const links = new LoginLinks()
    const token = links.create('operator', 'ann', 0)
    const other = links.create('operator', 'ann', 0)
    expect(links.redeem(token, LINK_LASTS_MS - 1)).toEqual(actor)
    expect(links.redeem(other, LINK_LASTS_MS)).toBe('expired')
  })
  test('a guess is told from a link that was used', () => {
    expect(new LoginLinks().redeem('x'.repeat(43), 0)).toBe('unknown')
  })
})

describe('[T12] wrong logins', () => {
  test('five are free, then each doubles the wait, up to five minutes', () => {
    const limit = new LoginLimit()
    for (let tries = 0; tries < 4; tries++) limit.failed('10.0.0.1', 0)
    expect(limit.waitMs('10.0.0.1', 0)).toBe(0)
    limit.failed('10.0.0.1', 0)
    expect(limit.waitMs('10.0.0.1', 0)).toBe(1_000)
    limit.failed('10.0.0.1', 1_000)
    expect(limit.waitMs('10.0.0.1', 1_000)).toBe(2_000)
    for (let tries = 0; tries < 20; tries++) limit.failed('10.0.0.1', 2_000)
    expect(limit.waitMs('10.0.0.1', 2_000)).toBe(300_000)
    expect(limit.waitMs('10.0.0.2', 2_000)).toBe(0)
  })
  test('a right one clears the slate', () => {
    const limit = new LoginLimit()
    for (let tries = 0; tries < 9; tries++) limit.failed('10.0.0.1', 0)
    limit.succeeded('10.0.0.1')
    expect(limit.waitMs('10.0.0.1', 0)).toBe(0)
  })
})

describe('[T12] sessions', () => {
  test('end after 30 idle minutes, but not while they are used', () => {
    const sessions = new Sessions()
    const id = sessions.start(actor, 0)
    expect(sessions.find(id, IDLE_LASTS_MS - 1)).toMatchObject(actor)
    expect(sessions.find(id, 2 * IDLE_LASTS_MS - 2)).toMatchObject(actor)
    expect(sessions.find(id, 3 * IDLE_LASTS_MS - 2)).toBeUndefined()
  })
  test('end after 12 hours in any case', () => {
    const sessions = new Sessions()
    const id = sessions.start(actor, 0)
    for (let atMs = 0; atMs < SESSION_LASTS_MS; atMs += IDLE_LASTS_MS / 2) expect(sessions.find(id, atMs)).toBeDefined()
    expect(sessions.find(id, SESSION_LASTS_MS)).toBeUndefined()
  })
  test('tell that they ended, once, however it came', () => {
    const sessions = new Sessions()
    const ended: Session[] = []
    sessions.onEnd((session) => ended.push(session))
    const out = sessions.start(actor, 0)
    const idle = sessions.start({ user: 'bob', role: 'viewer' }, 0)
    sessions.end(out)
    sessions.end(out)
    sessions.sweep(IDLE_LASTS_MS)
    expect(ended.map((session) => session.user)).toEqual(['ann', 'bob'])
    expect(sessions.find(idle, IDLE_LASTS_MS)).toBeUndefined()
  })
  test('a value that was never given out is no session', () => {
    const sessions = new Sessions()
    sessions.start(actor, 0)
    expect(sessions.find('', 0)).toBeUndefined()
    expect(sessions.find('x'.repeat(43), 0)).toBeUndefined()
  })
})
