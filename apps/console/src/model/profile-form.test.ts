import type { ClusterProfile } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { blankProfile, formOf, idFrom, requestOf } from './profile-form.ts'

const kept: ClusterProfile = {
  id: 'prod',
  name: 'Production',
  origin: 'screen',
  seeds: ['a.example:6379', '[fd12::1]:7000'],
  username: 'ann',
  hasPassword: true,
  tls: { ca: 'CA', cert: 'CERT', hasKey: true, servername: null },
  addressMap: { '10.0.0.1:6379': '127.0.0.1:7001' },
  readOnly: true,
  background: 'off'
}

describe('the form of a cluster', () => {
  test('a profile that is opened and sent again is the same, and keeps its secrets unseen', () => {
    const { origin, hasPassword, tls, ...same } = kept
    expect(requestOf(formOf(kept))).toEqual({ ...same, tls: { ca: 'CA', cert: 'CERT', servername: null } })
  })

  test('a typed secret replaces the one that is kept; letting go of it sends none', () => {
    expect(requestOf({ ...formOf(kept), password: ' with spaces ', key: 'KEY' })).toMatchObject({
      password: ' with spaces ',
      tls: { key: 'KEY' }
    })
    expect(requestOf({ ...formOf(kept), keepsPassword: false, keepsKey: false })).toMatchObject({ password: null, tls: { key: null } })
    expect(requestOf({ ...formOf(kept), tls: false })).toMatchObject({ tls: null })
  })

  test('lists take lines, commas and what people write between two addresses', () => {
    const typed = {
      ...blankProfile,
      id: 'x',
      name: ' X ',
      seeds: ' a:1, b:2\n\nc ',
      addressMap: '10.0.0.1:6379 = h:1\n10.0.0.2 -> i\n10.0.0.3:1 => j:2\nk l:1'
    }
    expect(requestOf(typed)).toMatchObject({
      name: 'X',
      seeds: ['a:1', 'b:2', 'c'],
      addressMap: { '10.0.0.1:6379': 'h:1', '10.0.0.2': 'i', '10.0.0.3:1': 'j:2', k: 'l:1' },
      username: null,
      password: null,
      tls: null
    })
  })

  test.each([
    [{}, 'a name'],
    [{ name: 'X' }, 'The id'],
    [{ name: 'X', id: 'a b' }, 'The id'],
    [{ name: 'X', id: 'x', seeds: ' , \n' }, 'at least one node'],
    [{ name: 'X', id: 'x', seeds: 'a', addressMap: 'alone' }, '"alone" is no pair'],
    [{ name: 'X', id: 'x', seeds: 'a', addressMap: 'a = b = c' }, 'is no pair']
  ])('%j: %s is asked for', (typed, words) => {
    expect(requestOf({ ...blankProfile, ...typed })).toContain(words)
  })

  test.each([
    ['Production', 'production'],
    ['Shop (EU)', 'shop-eu'],
    ['Bücher & Co.', 'bucher-co'],
    ['生产', ''],
    ['x'.repeat(80), 'x'.repeat(64)]
  ])('the name %s suggests the id %s', (name, id) => expect(idFrom(name)).toBe(id))
})
