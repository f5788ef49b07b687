import { type AddressInfo, createServer, type Socket } from 'node:net'
import { ErrorReply, type Reply } from '@slotscope/observer'

/** A server that speaks RESP and says whatever a test wants. */
export type FakeNode = {
  readonly port: number
  /** Commands as they came, with their arguments. */
  readonly received: readonly (readonly string[])[]
  close(): Promise<void>
}

/** Listens on 127.0.0.1. `answer` gives the reply to each command but HELLO, which logs in whoever comes; undefined is an unknown command. */
export async function startFakeNode(answer: (command: readonly string[], port: number) => Reply | undefined): Promise<FakeNode> {
  const received: (readonly string[])[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    let unread = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      unread = Buffer.concat([unread, chunk])
      for (;;) {
        const read = readCommand(unread)
        if (read === undefined) return
        unread = unread.subarray(read.bytes)
        received.push(read.command)
        const [name = ''] = read.command
        const reply = answer(read.command, port) ?? ownAnswer(name.toUpperCase())
        socket.write(encode(reply))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    received,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      })
  }
}

function ownAnswer(name: string): Reply {
  if (name === 'HELLO') return new Map<Reply, Reply>([['proto', 3]])
  if (name === 'CLIENT' || name === 'SELECT') return 'OK'
  return new ErrorReply(`ERR unknown command '${name}'`)
}

/** `*2\r\n$4\r\nPING...`; undefined while it is not whole. */
function readCommand(bytes: Buffer): { readonly command: readonly string[]; readonly bytes: number } | undefined {
  let at = 0
  const line = (): string | undefined => {
    const end = bytes.indexOf('\r\n', at)
    if (end === -1) return undefined
    const text = bytes.toString('latin1', at, end)
    at = end + 2
    return text
  }
  const head = line()
  if (head === undefined) return undefined
  const command: string[] = []
  for (let i = 0; i < Number(head.slice(1)); i++) {
    const size = Number(line()?.slice(1) ?? Number.NaN)
    if (Number.isNaN(size) || bytes.length < at + size + 2) return undefined
    command.push(bytes.toString('latin1', at, at + size))
    at += size + 2
  }
  return { command, bytes: at }
}

function encode(reply: Reply): string {
  if (reply instanceof ErrorReply) return `-${reply.message}\r\n`
  if (reply === null) return '_\r\n'
  if (typeof reply === 'number') return `:${reply}\r\n`
  if (typeof reply === 'string') return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`
  if (reply instanceof Map) return `%${reply.size}\r\n${[...reply].flat().map(encode).join('')}`
  if (Array.isArray(reply)) return `*${reply.length}\r\n${reply.map(encode).join('')}`
  throw new Error(`no test needs a reply like ${String(reply)}`)
}
