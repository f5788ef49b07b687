import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

export type HostileServer = {
  readonly port: number
  /** Open connections, and how many there were in all. */
  readonly open: ReadonlySet<Socket>
  readonly accepted: number
  close(): Promise<void>
}

/**
 * A node that takes the login as a real one does and answers every other command with the bytes that it is told to, one call per
 * command; undefined ends the connection.
 */
export async function startHostileServer(answer: (command: readonly string[]) => Buffer | undefined): Promise<HostileServer> {
  const open = new Set<Socket>()
  let accepted = 0
  const server: Server = createServer((socket) => {
    accepted++
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    let received = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      received += chunk
      for (let command = commandIn(received); command !== undefined && !socket.destroyed; command = commandIn(received)) {
        received = received.slice(command.end)
        const name = command.words[0]?.toLowerCase()
        const isLogin = name === 'hello' || (name === 'client' && command.words[1]?.toLowerCase() !== 'list')
        const bytes =
          name === 'hello' ? Buffer.from('%1\r\n$5\r\nproto\r\n:3\r\n') : isLogin ? Buffer.from('+OK\r\n') : answer(command.words)
        if (bytes === undefined) socket.destroy()
        else socket.write(bytes)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    open,
    get accepted() {
      return accepted
    },
    close: async () => {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

function commandIn(text: string): { readonly words: string[]; readonly end: number } | undefined {
  const header = text.indexOf('\r\n')
  if (header < 0) return undefined
  const words: string[] = []
  let at = header + 2
  for (let i = 0; i < Number(text.slice(1, header)); i++) {
    const end = text.indexOf('\r\n', at)
    const length = Number(text.slice(at + 1, end))
    if (end < 0 || text.length < end + 4 + length) return undefined
    words.push(text.slice(end + 2, end + 2 + length))
    at = end + 4 + length
  }
  return { words, end: at }
}

/** mulberry32: the same seed, the same bytes. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Bytes of one reply: mostly well formed and of any shape, sometimes what no server may send. */
export function anyReply(random: () => number, depth = 0): string {
  const below = (count: number) => Math.floor(random() * count)
  if (depth === 0 && random() < 0.005) return broken[below(broken.length)] as string
  const items = (count: number) => Array.from({ length: count }, () => anyReply(random, depth + 1)).join('')
  const few = below(depth > 4 ? 1 : random() < 0.02 ? 200 : 5)
  switch (below(15)) {
    case 0:
      return '+OK\r\n'
    case 1:
      return `-${['ERR x', 'NOPERM x', 'MOVED 1 127.0.0.1:1', 'WRONGTYPE', 'LOADING'][below(5)]}\r\n`
    case 2:
      return `:${[0, -1, 16_383, '9223372036854775807', '-9223372036854775808'][below(5)]}\r\n`
    case 3:
      return '$-1\r\n'
    case 4: {
      const length = below(300)
      const bytes = Array.from({ length }, () => String.fromCharCode(below(256))).join('')
      return `$${length}\r\n${bytes}\r\n`
    }
    case 5:
      return '_\r\n'
    case 6:
      return `,${['1.5', 'inf', 'nan', '1e400'][below(4)]}\r\n`
    case 7:
      return `#${random() < 0.5 ? 't' : 'f'}\r\n`
    case 8:
      return '(3492890328409238509324850943850943825024385\r\n'
    case 9:
      return '=8\r\ntxt:text\r\n'
    case 10:
      return `%${few}\r\n${items(few * 2)}`
    case 11:
      return `~${few}\r\n${items(few)}`
    case 12:
      return `$9\r\n__proto__\r\n`
    default:
      return `*${few}\r\n${items(few)}`
  }
}

/** What no server may send. Some of it ends the connection, some leaves the other side waiting for more. */
const broken = [
  '$9223372036854775808\r\n',
  '*9223372036854775808\r\n',
  '$-2\r\n',
  '*-7\r\n',
  '%99999999999\r\n',
  ':one\r\n',
  '#maybe\r\n',
  ',\r\n',
  '!5\r\nERR x\r\n',
  '>2\r\n$7\r\nmessage\r\n$1\r\nx\r\n',
  '|1\r\n+a\r\n+b\r\n',
  'GET / HTTP/1.1\r\n\r\n',
  '\0\0\0\0',
  '+',
  '\r\n\r\n\r\n',
  '*1\r\n'.repeat(100_000),
  '-'.repeat(70_000),
  '$5\r\nab\r\n'
] as const
