import { afterEach, expect, test } from 'vitest'
import { UsageError } from '../src/arguments.ts'
import { askForLink, type LoginSocket, serveLinks } from '../src/login-socket.ts'

const open: LoginSocket[] = []
afterEach(() => {
  for (const socket of open.splice(0)) socket.close()
})

/** Ports that nothing listens on: the socket files are named by them. */
const [PORT, OTHER] = [1, 2]

test('a running console answers with a link for the role asked for', async () => {
  open.push(await serveLinks(PORT, (role) => `http://127.0.0.1:${PORT}/#login=${role}`))
  expect(await askForLink(PORT, 'viewer')).toBe(`http://127.0.0.1:${PORT}/#login=viewer`)
  expect(await askForLink(PORT, 'admin')).toBe(`http://127.0.0.1:${PORT}/#login=admin`)
})

test('a console that is not there is said so', async () => {
  await expect(askForLink(OTHER, 'admin')).rejects.toThrow(UsageError)
  await expect(askForLink(OTHER, 'admin')).rejects.toThrow('no console of yours runs at port 2')
})

test('a socket file that a killed console left behind does not stop the next one', async () => {
  const first = await serveLinks(PORT, () => 'old')
  const second = await serveLinks(PORT, () => 'new')
  open.push(first, second)
  expect(await askForLink(PORT, 'admin')).toBe('new')
})
