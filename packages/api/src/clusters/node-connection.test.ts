import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { UnreachableError } from '@slotscope/observer'
import { afterEach, describe, expect, test } from 'vitest'
import { MOST_REPLY_BYTES, NodeConnection } from './node-connection.ts'

let server: Server | undefined
const sockets = new Set<Socket>()
let connection: NodeConnection | undefined

afterEach(() => {
  connection?.close()
  for (const socket of sockets) socket.destroy()
  server?.close()
})

/** A server that takes the greeting as a real one does and answers everything else as it likes. */
async function hostile(answer: (socket: Socket) => void): Promise<NodeConnection> {
  server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    let greeted = false
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1').toLowerCase()
      if (greeted && !text.includes('hello')) {
        answer(socket)
        return
      }
      greeted = true
      const replies = text.match(/\r\nhello\r\n|\r\nclient\r\n|\r\ninfo\r\n/g) ?? []
      for (const reply of replies) socket.write(reply.includes('hello') ? '%1\r\n$5\r\nproto\r\n:3\r\n' : '+OK\r\n')
    })
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  connection = new NodeConnection({ host: '127.0.0.1', port }, { username: undefined, password: undefined, tls: undefined, greeting: [] })
  return connection
}

/** Writes chunks for as long as somebody takes them. */
function pour(socket: Socket, chunk: Buffer): void {
  while (!socket.destroyed) {
    if (!socket.write(chunk)) {
      socket.once('drain', () => pour(socket, chunk))
      return
    }
  }
}

describe('[T17] a hostile node', () => {
  test.each([
    ['garbage', Buffer.from('what is this?\r\n\0\xff'.repeat(100), 'latin1')],
    ['arrays in arrays, 100,000 deep', Buffer.from('*1\r\n'.repeat(100_000))],
    ['a closed connection', null]
  ])('%s is no reply, and nothing else happens', async (_, bytes) => {
    const node = await hostile((socket) => (bytes === null ? socket.destroy() : socket.end(bytes)))
    await expect(node.pipeline([['CLUSTER', 'NODES']], 2_000)).rejects.toBeInstanceOf(UnreachableError)
  })

  test.each([
    ['one text of 1 GiB', '$1073741824\r\n'],
    ['an array of a thousand million', '*1000000000\r\n'],
    ['a text without an end', '+']
  ])('a reply that never ends is cut off after 64 MiB: %s', async (what, head) => {
    let sent = 0
    const chunk = Buffer.from(
      what.startsWith('an array') ? '$1000\r\n'.concat('x'.repeat(1_000), '\r\n').repeat(1_000) : 'x'.repeat(1_000_000)
    )
    const node = await hostile((socket) => {
      socket.write(head)
      pour(socket, chunk)
      socket.once('close', () => {
        sent = socket.bytesWritten
      })
    })
    await expect(node.pipeline([['CLUSTER', 'NODES']], 20_000)).rejects.toThrow('a reply of more than 64 MiB')
    expect(sent).toBeLessThan(MOST_REPLY_BYTES * 2)
  })

  test('a reply of many megabytes that ends in time is taken', async () => {
    const node = await hostile((socket) => socket.write(`$8000000\r\n${'x'.repeat(8_000_000)}\r\n`))
    for (let i = 0; i < 10; i++) {
      const [reply] = await node.pipeline([['DUMP', 'large']], 10_000)
      expect((reply as Uint8Array).length).toBe(8_000_000)
    }
  })
})
