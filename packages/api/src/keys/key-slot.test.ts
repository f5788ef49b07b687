import { expect, test } from 'vitest'
import { keySlot } from './key-slot.ts'

// Values answered by CLUSTER KEYSLOT of a Valkey 9.1 server.
test.each([
  ['123456789', 12739],
  ['foo', 12182],
  ['{t2}k', 4748],
  ['{t0}x', 13006],
  ['', 0],
  ['foo{}{bar}', 8363],
  ['foo{{bar}}zap', 4015],
  ['foo{bar}{zap}', 5061]
])('slot of %j is %i', (key, slot) => expect(keySlot(Buffer.from(key))).toBe(slot))

test('a key is bytes, not text', () => {
  expect(keySlot(Uint8Array.of(0xff, 0xfe, 0x00))).not.toBe(keySlot(Buffer.from('\ufffd\ufffd\0')))
})
