import { expect, test } from 'vitest'
import { latin1Text } from '../src/core/bytes.ts'
import { Random } from '../src/core/prng.ts'
import { encodeCommand } from './differential/command-runs.ts'
import { CommandGenerator } from './differential/random-commands.ts'
import { InMemoryNode } from './in-memory-node.ts'

/** What a client gets for some bytes that come in pieces, and what goes to replicas, while the clock stands still. */
function conversation(pieces: readonly string[]): { replies: string; stream: string; left: string } {
  const memory = new InMemoryNode({ config: { 'repl-backlog-size': '67108864' } })
  const { stream } = memory.node.replication
  // As if somebody followed.
  stream.keep()
  const link = memory.connect()
  let replies = ''
  for (const piece of pieces) {
    memory.send(link, piece)
    replies += memory.received(link)
  }
  // What was written in a turn of the loop goes on when it ends.
  memory.input({ type: 'woken' })
  const backlog = stream.backlog
  return { replies, stream: backlog ? latin1Text(backlog.since(backlog.firstByte)) : '', left: memory.send(link, '*1\r\n$4\r\nPING\r\n') }
}

/** Cuts a text at random places, most pieces being as long as a pipeline. */
function cut(text: string, random: Random): string[] {
  const pieces: string[] = []
  for (let at = 0; at < text.length; ) {
    const length = 1 + random.below(random.below(4) === 0 ? 60 : 4_000)
    pieces.push(text.slice(at, at + length))
    at += length
  }
  return pieces
}

/** Commands that change how those behind them are read or answered. */
const BETWEEN = [
  'SELECT 1',
  'SELECT 0',
  'MULTI',
  'EXEC',
  'DISCARD',
  'RESET',
  'HELLO 3',
  'HELLO 2',
  'CLIENT REPLY SKIP',
  'ECHO {t}a',
  'PING',
  'NOSUCH {t}a b',
  'GET'
]

test.each(Array.from({ length: 12 }, (_, seed) => seed + 1))(
  'what comes in a pipeline is answered, and passed on, as if it came one by one: seed %i',
  (seed) => {
    const random = new Random(seed)
    const generator = new CommandGenerator(random)
    const commands: string[] = []
    for (let count = 0; count < 400; count++) {
      // What draws, or tells of the connection, is not the same twice; what waits would wait for longer alone.
      let command = generator.next()
      while (/RAND|SPOP|^CLIENT|^OBJECT|^B[LRZ]|^XREAD|^WAIT|^SORT/.test(command[0] ?? '')) command = generator.next()
      const isBetween = random.below(8) === 0
      const words = isBetween ? (BETWEEN[random.below(BETWEEN.length)] as string).split(' ') : command
      // Some come as a line of text.
      const isLine = isBetween && random.below(3) === 0
      commands.push(isLine ? `${words.join(' ')}\r\n` : encodeCommand(words))
    }
    const oneByOne = conversation(commands)
    const inPieces = conversation(cut(commands.join(''), random))
    expect(inPieces.replies).toBe(oneByOne.replies)
    expect(inPieces.stream).toBe(oneByOne.stream)
    expect(inPieces.left).toBe(oneByOne.left)
    // Most commands are answered, and many of them change something.
    expect(oneByOne.replies.length).toBeGreaterThan(1_000)
    expect(oneByOne.stream.length).toBeGreaterThan(1_000)
  }
)

test('fields of a large hash and members of a large sorted set are found in a pipeline as by themselves', () => {
  const memory = new InMemoryNode()
  const link = memory.connect()
  const numbers = Array.from({ length: 3_000 }, (_, index) => index)
  for (const n of numbers)
    memory.send(link, encodeCommand(['HSET', 'h', `field:${n}`, `v${n}`]) + encodeCommand(['ZADD', 'z', `${n}`, `m:${n}`]))
  const asked = numbers.slice(0, 64).map((n) => n * 47)
  const pipeline = asked.map((n) => encodeCommand(['HGET', 'h', `field:${n}`]) + encodeCommand(['ZSCORE', 'z', `m:${n}`])).join('')
  const expected = asked
    .map((n) => [`v${n}`, `${n}`].map((text) => (n < 3_000 ? `$${text.length}\r\n${text}\r\n` : '$-1\r\n')).join(''))
    .join('')
  expect(memory.send(link, pipeline)).toBe(expected)
})

test('a client that logs out in a pipeline may not go on with what it has sent already', () => {
  const memory = new InMemoryNode({ config: { requirepass: 'secret' } })
  const link = memory.connect()
  expect(memory.command(link, 'AUTH', 'secret')).toBe('+OK\r\n')
  const long = encodeCommand(['SET', 'k', 'x'.repeat(20_000)])
  const replies = memory.send(link, long + encodeCommand(['RESET']) + encodeCommand(['GET', 'k']) + long)
  expect(replies).toBe('+OK\r\n+RESET\r\n-NOAUTH Authentication required.\r\n-ERR Protocol error: unauthenticated bulk length\r\n')
})
