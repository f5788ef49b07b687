import { expect, test } from 'vitest'
import { InMemoryNode } from './in-memory-node.ts'

test('[PAUSE1] a pause of everything ends by its time, and what waited runs in order', () => {
  const memory = new InMemoryNode()
  const [admin, first, second] = [memory.connect(), memory.connect(), memory.connect()]
  expect(memory.command(admin, 'CLIENT', 'PAUSE', '300')).toBe('+OK\r\n')
  expect(memory.send(first, 'GET k\r\nPING\r\n')).toBe('')
  expect(memory.command(second, 'SET', 'k', '1')).toBe('')
  expect(memory.command(admin, 'CLIENT', 'UNPAUSE')).toBe('')
  memory.advance(299)
  expect(memory.received(first)).toBe('')
  memory.advance(1)
  memory.advance(1)
  expect([first, second, admin].map((link) => memory.received(link))).toEqual(['$-1\r\n+PONG\r\n', '+OK\r\n', '+OK\r\n'])
})

test('[PAUSE1] a second pause makes the first neither shorter nor weaker', () => {
  const memory = new InMemoryNode()
  const [admin, client] = [memory.connect(), memory.connect()]
  memory.send(admin, 'CLIENT PAUSE 1000 WRITE\r\nCLIENT PAUSE 200 WRITE\r\n')
  memory.advance(500)
  expect(memory.command(client, 'GET', 'k')).toBe('$-1\r\n')
  expect(memory.command(admin, 'INFO', 'clients')).toMatch(
    /paused_reason:client_pause\r\npaused_actions:write\r\npaused_timeout_milliseconds:500\r/
  )
  memory.command(admin, 'CLIENT', 'PAUSE', '100')
  expect(memory.command(client, 'GET', 'k')).toBe('')
  memory.advance(400)
  expect(memory.received(client)).toBe('')
  memory.advance(200)
  expect(memory.received(client)).toBe('$-1\r\n')
})

test('[PAUSE1] a transaction with a write waits as soon as the write is given, and EXEC does', () => {
  const memory = new InMemoryNode()
  const [admin, client] = [memory.connect(), memory.connect()]
  memory.send(client, 'MULTI\r\nSET k 1\r\n')
  memory.command(admin, 'CLIENT', 'PAUSE', '1000', 'WRITE')
  expect(memory.command(client, 'EXEC')).toBe('')
  memory.command(admin, 'CLIENT', 'UNPAUSE')
  memory.advance(1)
  expect(memory.received(client)).toBe('*1\r\n+OK\r\n')
})

test('[PAUSE1] nothing expires during a pause, and what has expired is not shown', () => {
  const memory = new InMemoryNode()
  const [admin, client] = [memory.connect(), memory.connect()]
  memory.command(client, 'SET', 'k', '1', 'PX', '100')
  memory.command(admin, 'CLIENT', 'PAUSE', '2000', 'WRITE')
  memory.advance(1_000)
  expect([memory.command(client, 'GET', 'k'), memory.command(client, 'DBSIZE')]).toEqual(['$-1\r\n', ':1\r\n'])
  memory.advance(1_500)
  expect(memory.command(client, 'DBSIZE')).toBe(':0\r\n')
})

test('[PAUSE1] who waits for a key is served when the pause in the same transaction has ended', () => {
  const memory = new InMemoryNode()
  const [waiting, client] = [memory.connect(), memory.connect()]
  memory.command(waiting, 'BLPOP', 'k', '0')
  memory.send(client, 'MULTI\r\nRPUSH k x\r\nCLIENT PAUSE 200 WRITE\r\nEXEC\r\n')
  memory.advance(199)
  expect(memory.received(waiting)).toBe('')
  memory.advance(1)
  expect(memory.received(waiting)).toBe('*2\r\n$1\r\nk\r\n$1\r\nx\r\n')
})
