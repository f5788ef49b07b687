import { expect, test } from 'vitest'
import { toBase64Url } from './bytes.ts'
import { editCommand } from './edit-command.ts'

const b64 = (text: string) => toBase64Url(new TextEncoder().encode(text))
const place = { database: 2, key: b64('orders:{7}') }
const group = b64('the "first"')

test('a change says the command that makes it, quoted where valkey-cli needs it', () => {
  expect(editCommand({ kind: 'stream-add', body: { ...place, id: '*', fields: [[b64('a b'), b64('1')]] } })).toBe(
    'XADD orders:{7} * "a b" 1'
  )
  expect(editCommand({ kind: 'stream-group-create', body: { ...place, group, startId: '$' } })).toBe(
    'XGROUP CREATE orders:{7} "the \\"first\\"" $'
  )
  expect(editCommand({ kind: 'copy', body: { ...place, expected: { type: 'hash' }, toDatabase: 3, move: true, replace: false } })).toBe(
    'MOVE orders:{7} 3'
  )
  expect(editCommand({ kind: 'expiry', body: { ...place, expectedMs: 5, deadlineMs: null } })).toBe('PERSIST orders:{7}')
})

test('what is many is counted, not listed', () => {
  const ids = ['1-0', '2-0', '3-0', '4-0', '5-0']
  expect(editCommand({ kind: 'stream-delete', body: { ...place, ids } })).toBe('XDEL orders:{7} 1-0 2-0 3-0 … 2 more')
})
