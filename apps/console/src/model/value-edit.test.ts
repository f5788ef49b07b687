import { describe, expect, test } from 'vitest'
import { toBase64Url } from './bytes.ts'
import { editedBytes, editText, removeRequest, savedWith, setRequest } from './value-edit.ts'

const b64 = (text: string) => toBase64Url(new TextEncoder().encode(text))
const place = { database: 2, key: b64('k') }

describe('editing a value', () => {
  test.each([
    ['text', new TextEncoder().encode('é "x" \\ \n\ttwo'), false],
    ['CR LF, which a text field would change', new TextEncoder().encode('a\r\nb'), true],
    ['bytes that are no text', Uint8Array.of(0xff, 0x00, 0x5c, 0x41), true],
    ['nothing', new Uint8Array(), false],
    ['marks that nobody sees', new TextEncoder().encode('a\u200bb\u202e'), false]
  ])('untouched, it is what it was: %s', (_, bytes, escaped) => {
    const text = editText(bytes)
    expect(text.escaped).toBe(escaped)
    expect([...editedBytes(text)]).toEqual([...bytes])
  })

  test('carries what was seen, by type', () => {
    expect(setRequest(place, { type: 'string', seen: 'c2Vlbg' }, 'bmV3')).toEqual({
      kind: 'string-set',
      body: { ...place, expected: 'c2Vlbg', value: 'bmV3' }
    })
    expect(setRequest(place, { type: 'hash', field: 'Zg', seen: '' }, 'bmV3')).toMatchObject({
      kind: 'hash-set',
      body: { field: 'Zg', expected: '' }
    })
    expect(setRequest(place, { type: 'list', index: 3, seen: 'YQ' }, 'Yg')).toMatchObject({
      kind: 'list-set',
      body: { index: 3, expected: 'YQ' }
    })
    expect(setRequest(place, { type: 'set', seen: 'YQ' }, 'Yg')).toMatchObject({
      kind: 'set-replace',
      body: { expected: 'YQ', value: 'Yg' }
    })
    expect(setRequest(place, { type: 'zset', member: 'YQ', seen: '1.5' }, '2')).toMatchObject({
      kind: 'zset-set',
      body: { member: 'YQ', expected: '1.5', score: '2' }
    })
    expect(removeRequest(place, { type: 'hash', field: 'Zg', seen: 'dg' })).toMatchObject({
      kind: 'hash-delete',
      body: { fields: [{ field: 'Zg', expected: 'dg' }] }
    })
    expect(removeRequest(place, { type: 'zset', member: 'YQ', seen: '1' })).toMatchObject({
      kind: 'zset-remove',
      body: { members: [{ member: 'YQ', expected: '1' }] }
    })
  })

  test('says with what it is saved', () => {
    expect(savedWith(b64('user:1'), { type: 'hash', field: b64('a field'), seen: '' }).command).toBe(
      'HSETEX user:1 KEEPTTL FIELDS 1 "a field" …'
    )
    expect(savedWith(b64('s'), { type: 'string', seen: '' }).command).toBe('SET s … KEEPTTL')
  })
})
