import { describe, expect, test } from 'vitest'
import { NONCE_LASTS_MS, Nonces } from './nonce.ts'
import type { Session } from './sessions.ts'

const session = (): Session => ({ user: 'ann', role: 'admin', startedAtMs: 0, seenAtMs: 0 })

describe('[T11] nonces', () => {
  test('stand for one deed of one session, once, in time', () => {
    const nonces = new Nonces()
    const ann = session()
    nonces.redeem(ann, nonces.issue(ann, 'flush 3', 0), 'flush 3', NONCE_LASTS_MS - 1)
    const used = nonces.issue(ann, 'flush 3', 0)
    nonces.redeem(ann, used, 'flush 3', 0)
    const refused: [() => void, string][] = [
      [() => nonces.redeem(ann, used, 'flush 3', 0), 'counts once'],
      [() => nonces.redeem(ann, undefined, 'flush 3', 0), 'confirmed first'],
      [() => nonces.redeem(session(), nonces.issue(ann, 'flush 3', 0), 'flush 3', 0), 'confirmed first'],
      [() => nonces.redeem(ann, nonces.issue(ann, 'flush 3', 0), 'flush 4', 0), 'changed since'],
      [() => nonces.redeem(ann, nonces.issue(ann, 'flush 3', 0), 'flush 3', NONCE_LASTS_MS), 'too long ago']
    ]
    for (const [deed, words] of refused) {
      expect(deed).toThrow(words)
      expect(deed).toThrow(expect.objectContaining({ status: 409 }))
    }
  })
})
