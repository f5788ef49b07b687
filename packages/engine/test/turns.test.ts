import { expect, test } from 'vitest'
import { InMemoryNode } from './in-memory-node.ts'

/** A machine on which every look at the clock is 3 ms later than the one before: each command ends its client's turn. */
function slowNode(): InMemoryNode {
  let us = 0
  return new InMemoryNode({ meter: () => (us += 3_000) })
}

/** Does the node want to hear of this link? */
function isRead(memory: InMemoryNode, link: number): boolean {
  const last = memory.effects.findLast(
    (effect) => (effect.type === 'pauseReading' || effect.type === 'resumeReading') && effect.link === link
  )
  return last?.type !== 'pauseReading'
}

const ping = '*1\r\n$4\r\nPING\r\n'

test.each([1, 2, 3, 7])('a client whose turns end in the middle of %i commands is answered, and read from again', (count) => {
  const memory = slowNode()
  const link = memory.connect()
  memory.send(link, ping.repeat(count))
  for (let wakes = 0; wakes < count; wakes++) memory.input({ type: 'woken' })
  expect(memory.received(link)).toBe('+PONG\r\n'.repeat(count))
  expect(isRead(memory, link)).toBe(true)
  expect(memory.send(link, ping)).toBe('+PONG\r\n')
})

test('a command that has only begun when a turn ends is read to its end', () => {
  const memory = slowNode()
  const link = memory.connect()
  memory.send(link, ping + ping.slice(0, 6))
  memory.input({ type: 'woken' })
  expect(isRead(memory, link)).toBe(true)
  expect(memory.send(link, ping.slice(6))).toBe('+PONG\r\n')
})
