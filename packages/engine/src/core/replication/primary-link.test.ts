import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { topologyOf } from '../../../test/bus-network.ts'
import { HandFedNode, wire } from '../../../test/hand-fed-node.ts'
import { describeKeyspace } from '../../hosts/sim/checkers/keyspace-digest.ts'
import { ByteBuffer } from '../byte-buffer.ts'
import { latin1Bytes, latin1Text } from '../bytes.ts'
import { renderNodesConf } from '../cluster/nodes-conf.ts'
import { keySlot } from '../cluster/slot.ts'
import type { LinkId } from '../input.ts'
import { NEVER } from '../keyspace/entry.ts'
import { StringValue } from '../keyspace/values/string.ts'
import { RdbWriter } from '../persistence/rdb-writer.ts'

const ID = 'c'.repeat(40)
const MARK = 'e'.repeat(40)
const JOB = 'd'.repeat(40)

/** A replica of a primary that the test plays. */
function replica(config: Readonly<Record<string, string>> = {}): HandFedNode {
  const topology = topologyOf(1, 1)
  const self = topology[1]!
  return new HandFedNode({ port: String(self.port), 'cluster-node-timeout': '1000000', ...config }, renderNodesConf(topology, self.id))
}

type Key = { readonly key: string; readonly value?: string; readonly database?: number; readonly deadlineMs?: number }

/** An RDB of strings, as a primary sends it. */
function rdb(keys: readonly Key[], imports: readonly number[] = [], streamDatabase = 0): string {
  const writer = new RdbWriter()
  writer.auxiliary('repl-stream-db', String(streamDatabase))
  if (imports.length > 0)
    writer.slotImport(
      JOB,
      imports.map((slot) => [slot, slot])
    )
  for (const { key, value = key, database = 0, deadlineMs = NEVER } of keys) {
    writer.key(database, latin1Bytes(key), { value: new StringValue(latin1Bytes(value)), deadlineMs })
  }
  writer.end()
  const out = new ByteBuffer()
  writer.take(out)
  return latin1Text(out.view())
}

/** Answers the handshake up to PSYNC, whose bytes are returned. */
function shakeHands(node: HandFedNode): { link: LinkId; psync: string } {
  const link = node.open()
  node.taken(link)
  node.give(link, '+PONG\r\n')
  node.taken(link)
  node.give(link, '+OK\r\n+OK\r\n+OK\r\n+OK\r\n')
  return { link, psync: node.taken(link) }
}

/** A replica that has loaded these keys and follows the stream from offset 100. */
function synced(keys: readonly Key[] = [], config: Readonly<Record<string, string>> = {}): { node: HandFedNode; link: LinkId } {
  const node = replica(config)
  const { link } = shakeHands(node)
  node.give(link, `+FULLRESYNC ${ID} 100\r\n$EOF:${MARK}\r\n${rdb(keys)}${MARK}`)
  expect(node.taken(link)).toBe(wire('REPLCONF', 'ACK', '100'))
  return { node, link }
}

const keysOf = (node: HandFedNode) =>
  describeKeyspace(node.node.keyspace).map((line) => line.split(' ').slice(0, 2).join(' ').replaceAll('"', ''))

describe('[REP5] the handshake', () => {
  test('says what a replica says, in its order', () => {
    const node = replica({ 'replica-announce-ip': 'here.example', 'replica-announce-port': '9000' })
    const link = node.open()
    expect(node.taken(link)).toBe(wire('PING'))
    node.give(link, '+PONG\r\n')
    expect(node.taken(link)).toBe(
      wire('REPLCONF', 'listening-port', '9000') +
        wire('REPLCONF', 'ip-address', 'here.example') +
        wire('REPLCONF', 'capa', 'eof', 'capa', 'psync2') +
        wire('REPLCONF', 'version', '9.1.0') +
        wire('REPLCONF', 'SET-CLUSTER-NODE-ID', node.node.id)
    )
    node.give(link, '+OK\r\n+OK\r\n+OK\r\n+O')
    expect(node.taken(link)).toBe('')
    node.give(link, 'K\r\n+OK\r\n')
    expect(node.taken(link)).toBe(wire('PSYNC', node.node.replication.stream.id, '1'))
    expect(node.node.replication.link?.state).toBe('handshake')
  })

  test('a primary that does not know all we say, or keeps us waiting, is no obstacle', () => {
    const node = replica()
    const link = node.open()
    node.give(link, '-NOAUTH Authentication required.\r\n')
    node.taken(link)
    node.give(link, '-ERR unknown\r\n-ERR unknown\r\n-ERR unknown\r\n-ERR unknown\r\n')
    expect(node.taken(link)).toMatch(/^\*3\r\n\$5\r\nPSYNC/)
    node.give(link, '\n\n\r\n')
    node.give(link, `+FULLRESYNC ${ID} 7\r\n\n\n$EOF:${MARK}\r\n`)
    expect(node.node.replication.link?.state).toBe('sync')
  })

  test.each([
    "-NOMASTERLINK Can't SYNC while not connected with my master",
    '-LOADING',
    '+FULLRESYNC x 1',
    `+FULLRESYNC ${ID} -1`,
    '+CONTINUE short',
    '$5'
  ])('refused with %s: comes again, and later each time', (answer) => {
    const node = replica()
    const waits: number[] = []
    for (let i = 0; i < 6; i++) {
      const { link } = shakeHands(node)
      node.give(link, `${answer}\r\n`)
      expect(node.ended.has(link)).toBe(true)
      const since = node.monotonicMs
      while (!node.wantsLink) node.advance(100)
      waits.push(node.monotonicMs - since)
    }
    expect(waits).toEqual([100, 200, 400, 800, 1000, 1000])
  })

  test('a primary that cannot be reached is tried again', () => {
    const node = replica()
    node.refuse()
    expect(node.node.replication.link?.state).toBe('connect')
    node.advance(100)
    expect(node.wantsLink).toBe(true)
  })

  test('a line without end, and a silence of repl-timeout, end the link', () => {
    const node = replica({ 'repl-timeout': '3' })
    const link = node.open()
    node.give(link, 'x'.repeat(5000))
    expect(node.ended.has(link)).toBe(true)
    node.advance(100)
    const second = node.open()
    node.advance(3_000)
    expect(node.ended.has(second)).toBe(false)
    node.advance(200)
    expect(node.ended.has(second)).toBe(true)
  })
})

describe('[REP2] loading', () => {
  const stream = wire('SELECT', '3') + wire('SET', 'c', '3')

  test('payload and stream arrive in any pieces, with a mark or with a length', () => {
    const payload = rdb([{ key: 'a' }, { key: 'b', database: 2, deadlineMs: 5 }])
    fc.assert(
      fc.property(fc.boolean(), fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 20 }), (marked, sizes) => {
        const node = replica()
        const { link } = shakeHands(node)
        const bytes = `+FULLRESYNC ${ID} 100\r\n${marked ? `$EOF:${MARK}\r\n${payload}${MARK}` : `$${payload.length}\r\n${payload}`}${stream}`
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length]!
          node.give(link, bytes.slice(at, at + size))
          at += size
        }
        expect(describeKeyspace(node.node.keyspace)).toEqual([
          '0 "a" Infinity string "a"',
          '2 "b" 5 string "b"',
          '3 "c" Infinity string "3"'
        ])
        expect(node.node.replication.stream.id).toBe(ID)
        expect(node.node.replication.offset).toBe(100 + stream.length)
      }),
      { numRuns: 60 }
    )
  })

  test('the first time there is nothing to serve; later the old data is served until the new is complete', () => {
    const node = replica()
    const { link } = shakeHands(node)
    const client = node.accept()
    node.give(link, `+FULLRESYNC ${ID} 100\r\n$EOF:${MARK}\r\n`)
    expect(node.call(client, 'PING')).toBe('-LOADING Valkey is loading the dataset in memory\r\n')
    expect(node.call(client, 'INFO', 'replication')).toContain('master_sync_in_progress:1')
    node.give(link, `${rdb([{ key: 'a' }])}${MARK}`)
    expect(node.call(client, 'PING')).toBe('+PONG\r\n')
    node.call(client, 'READONLY')
    expect(node.call(client, 'GET', 'a')).toBe('$1\r\na\r\n')

    node.cut(link)
    node.advance(200)
    const again = shakeHands(node)
    expect(again.psync).toBe(wire('PSYNC', ID, '101'))
    const payload = `${rdb([{ key: 'b' }])}${MARK}`
    node.give(again.link, `+FULLRESYNC ${'a'.repeat(40)} 50\r\n$EOF:${MARK}\r\n${payload.slice(0, -1)}`)
    expect(node.call(client, 'GET', 'a')).toBe('$1\r\na\r\n')
    node.give(again.link, payload.slice(-1))
    expect(node.call(client, 'GET', 'a')).toBe('$-1\r\n')
    expect(node.call(client, 'GET', 'b')).toBe('$1\r\nb\r\n')
  })

  test('a sync that breaks off costs nothing: the replica still stands where it stood', () => {
    const { node, link } = synced([{ key: 'a' }])
    node.cut(link)
    node.advance(200)
    const again = shakeHands(node)
    node.give(again.link, `+FULLRESYNC ${'a'.repeat(40)} 50\r\n$EOF:${MARK}\r\n${rdb([{ key: 'b' }]).slice(0, 30)}`)
    node.cut(again.link)
    expect(keysOf(node)).toEqual(['0 a'])
    node.advance(1_000)
    expect(shakeHands(node).psync).toBe(wire('PSYNC', ID, '101'))
  })

  const damaged: [what: string, payload: string][] = [
    ['damaged', `$EOF:${MARK}\r\n${rdb([{ key: 'a' }]).replace('VALKEY080', 'VALKEY099')}${MARK}`],
    ['of a database that we do not have', `$EOF:${MARK}\r\n${rdb([{ key: 'a', database: 16 }])}${MARK}`],
    ['with a key twice', `$EOF:${MARK}\r\n${rdb([{ key: 'a' }, { key: 'a' }])}${MARK}`],
    ['without its mark', `$EOF:${MARK}\r\n${rdb([{ key: 'a' }])}${'f'.repeat(40)}`],
    ['shorter than its length', `$${rdb([{ key: 'a' }]).length + 5}\r\n${rdb([{ key: 'a' }])}12345`],
    ['longer than its length', `$${rdb([{ key: 'a' }]).length - 5}\r\n${rdb([{ key: 'a' }])}`]
  ]
  test.each(damaged)('a payload %s is dropped, and the next time everything is asked for', (_, payload) => {
    const { node, link } = synced([{ key: 'old' }])
    node.cut(link)
    node.advance(200)
    const again = shakeHands(node)
    node.give(again.link, `+FULLRESYNC ${'a'.repeat(40)} 50\r\n${payload}`)
    expect(node.ended.has(again.link)).toBe(true)
    expect(keysOf(node)).toEqual(['0 old'])
    node.advance(1_000)
    expect(shakeHands(node).psync).toBe(wire('PSYNC', '?', '-1'))
  })

  test('keeps the link alive while it loads', () => {
    const node = replica()
    const { link } = shakeHands(node)
    node.give(link, `+FULLRESYNC ${ID} 100\r\n$EOF:${MARK}\r\nVALKEY`)
    node.advance(2_000)
    expect(node.taken(link)).toBe('\n\n')
  })
})

describe('[REP8] the stream', () => {
  test('is applied database by database, and acknowledged each second and when asked', () => {
    const { node, link } = synced()
    const bytes = wire('SELECT', '5') + wire('SET', 'a', '1') + wire('ping') + wire('INCR', 'a')
    node.give(link, bytes)
    expect(describeKeyspace(node.node.keyspace)).toEqual(['5 "a" Infinity string "2"'])
    expect(node.taken(link)).toBe('')
    node.advance(1_000)
    expect(node.taken(link)).toBe(wire('REPLCONF', 'ACK', String(100 + bytes.length)))
    const question = wire('REPLCONF', 'GETACK', '*')
    node.give(link, question)
    expect(node.taken(link)).toBe(wire('REPLCONF', 'ACK', String(100 + bytes.length + question.length)))
  })

  test('a transaction is applied whole; a link that is cut inside it leaves nothing, and it comes again', () => {
    const { node, link } = synced()
    const first = wire('SELECT', '0') + wire('SET', 'a', '1')
    const transaction = wire('MULTI') + wire('INCR', 'a') + wire('SET', 'b', '1') + wire('EXEC')
    node.give(link, first + transaction.slice(0, -3))
    expect(keysOf(node)).toEqual(['0 a'])
    expect(node.node.replication.offset).toBe(100 + first.length)
    node.cut(link)
    node.advance(200)
    const again = shakeHands(node)
    expect(again.psync).toBe(wire('PSYNC', ID, String(101 + first.length)))
    node.give(again.link, `+CONTINUE\r\n${transaction}`)
    expect(describeKeyspace(node.node.keyspace)).toEqual(['0 "a" Infinity string "2"', '0 "b" Infinity string "1"'])
    expect(node.node.replication.offset).toBe(100 + first.length + transaction.length)
  })

  test('after a partial resync it goes on in the database where it stood, under the name that it is given', () => {
    const { node, link } = synced()
    const bytes = wire('SELECT', '7') + wire('SET', 'a', '1')
    node.give(link, bytes)
    node.cut(link)
    node.advance(200)
    const again = shakeHands(node)
    node.give(again.link, `+CONTINUE ${'9'.repeat(40)}\r\n${wire('SET', 'b', '1')}`)
    expect(keysOf(node)).toEqual(['7 a', '7 b'])
    const { stream } = node.node.replication
    expect([stream.id, stream.secondId, stream.secondIdEndsAt]).toEqual(['9'.repeat(40), ID, 101 + bytes.length])
  })

  test('what cannot be applied is noted, and the rest goes on', () => {
    const { node, link } = synced()
    node.give(
      link,
      wire('SELECT', '99') +
        wire('NEVERHEARD', 'x') +
        wire('SET', 'a') +
        wire('SET', 'b', '1') +
        wire('LPUSH', 'b', 'x') +
        wire('SET', 'c', '1')
    )
    expect(keysOf(node)).toEqual(['0 b', '0 c'])
    expect(node.node.stats.unexpectedErrorReplies).toBe(4)
    expect(node.taken(link)).toBe('')
  })

  test.each(['SET a 1\r\n', '*1\r\n:5\r\n', '*1\r\n$99999999999\r\n'])(
    '%j is no stream: the link ends and everything is asked for anew',
    (bytes) => {
      const { node, link } = synced([{ key: 'a' }])
      node.give(link, bytes)
      expect(node.ended.has(link)).toBe(true)
      node.advance(200)
      expect(shakeHands(node).psync).toBe(wire('PSYNC', '?', '-1'))
    }
  )

  test('the link is a client of this replica, which can be listed and ended; it comes back and goes on', () => {
    const { node, link } = synced([{ key: 'a' }])
    const client = node.accept()
    const count = wire('SET', 'b', '1') + wire('PING')
    node.give(link, wire('SELECT', '3') + count)
    const line = node.call(client, 'CLIENT', 'LIST', 'TYPE', 'primary')
    expect(line).toMatch(/ flags=M .* db=3 .* cmd=ping user=\(superuser\) .* tot-net-in=\d+ .* tot-cmds=3\n/)
    expect(
      node
        .call(client, 'CLIENT', 'LIST')
        .split('\n')
        .filter((one) => one.includes('flags='))
    ).toHaveLength(2)
    expect(node.call(client, 'INFO', 'clients')).toContain('connected_clients:2')
    expect(node.call(client, 'CLIENT', 'KILL', 'TYPE', 'primary')).toBe(':1\r\n')
    expect(node.call(client, 'CLIENT', 'LIST', 'TYPE', 'primary')).toBe('$0\r\n\r\n')
    node.advance(200)
    const again = shakeHands(node)
    expect(again.psync).toBe(wire('PSYNC', ID, String(101 + wire('SELECT', '3').length + count.length)))
    node.give(again.link, `+CONTINUE\r\n${wire('SET', 'c', '2')}`)
    expect(keysOf(node)).toEqual(['0 a', '3 b', '3 c'])
  })

  test('a replica writes nothing for anybody', () => {
    const { node } = synced([{ key: 'a' }])
    const client = node.accept()
    for (const command of [
      ['SET', 'a', '2'],
      ['DEL', 'a']
    ])
      expect(node.call(client, ...command)).toMatch(/^-MOVED /)
    for (const command of ['FLUSHALL', 'FLUSHDB']) expect(node.call(client, command)).toMatch(/^-READONLY /)
    expect(node.node.replication.offset).toBe(100)
  })
})

describe("[REP9] what has expired goes on the primary's word only", () => {
  test('keys', () => {
    const { node, link } = synced([{ key: 'a', deadlineMs: 1_795_000_001_000 }])
    const client = node.accept()
    node.call(client, 'READONLY')
    node.advance(30_000)
    expect(node.call(client, 'GET', 'a')).toBe('$-1\r\n')
    expect(keysOf(node)).toEqual(['0 a'])
    // The primary still counts on the value: APPEND must find it.
    node.give(link, wire('SELECT', '0') + wire('APPEND', 'a', '+'))
    expect(describeKeyspace(node.node.keyspace)[0]).toContain('string "a+"')
    node.give(link, wire('UNLINK', 'a'))
    expect(keysOf(node)).toEqual([])
  })

  test('fields', () => {
    const { node, link } = synced()
    node.give(link, wire('SELECT', '0') + wire('HSETEX', 'h', 'PXAT', '1795000001000', 'FIELDS', '1', 'f', 'v'))
    node.advance(30_000)
    expect(describeKeyspace(node.node.keyspace)).toEqual(['0 "h" Infinity hash "f"="v"@1795000001000'])
    node.give(link, wire('HDEL', 'h', 'f'))
    expect(keysOf(node)).toEqual([])
  })
})

describe('[REP10] unfinished slot imports', () => {
  const slot = keySlot(latin1Bytes('a'))

  test('keys of a full sync and of the stream are kept aside until the import ends', () => {
    const node = replica()
    const { link } = shakeHands(node)
    node.give(
      link,
      `+FULLRESYNC ${ID} 100\r\n$EOF:${MARK}\r\n${rdb([{ key: 'a' }, { key: 'b' }, { key: '{a}2', database: 4 }], [slot])}${MARK}`
    )
    expect(keysOf(node)).toEqual(['0 b'])
    node.give(link, wire('SELECT', '2') + wire('SET', '{a}3', '1') + wire('SET', 'b', '1'))
    expect(keysOf(node)).toEqual(['0 b', '2 b'])
    node.give(link, wire('CLUSTER', 'SYNCSLOTS', 'FINISH', 'STATE', 'SUCCESS', 'NAME', JOB))
    expect(keysOf(node)).toEqual(['0 a', '0 b', '2 b', '2 {a}3', '4 {a}2'])
  })

  test('an import that begins in the stream and fails leaves nothing', () => {
    const { node, link } = synced()
    node.give(
      link,
      wire('CLUSTER', 'SYNCSLOTS', 'ESTABLISH', 'SOURCE', '0'.repeat(40), 'NAME', JOB, 'SLOTSRANGE', String(slot), String(slot))
    )
    node.give(link, wire('SELECT', '0') + wire('SET', 'a', '1'))
    expect(node.node.migrations.stagedKeyspaceOf(slot)?.size).toBe(1)
    node.give(link, wire('CLUSTER', 'SYNCSLOTS', 'FINISH', 'STATE', 'FAILED', 'NAME', JOB, 'MESSAGE', 'why'))
    expect(keysOf(node)).toEqual([])
    expect(node.node.migrations.stagedKeyspaceOf(slot)).toBeUndefined()
  })

  test('a full sync forgets imports that it does not name', () => {
    const { node, link } = synced()
    node.give(
      link,
      wire('CLUSTER', 'SYNCSLOTS', 'ESTABLISH', 'SOURCE', '0'.repeat(40), 'NAME', JOB, 'SLOTSRANGE', String(slot), String(slot))
    )
    node.cut(link)
    node.advance(200)
    const again = shakeHands(node)
    node.give(again.link, `+FULLRESYNC ${ID} 500\r\n$EOF:${MARK}\r\n${rdb([{ key: 'a' }])}${MARK}`)
    expect(node.node.migrations.stagedKeyspaceOf(slot)).toBeUndefined()
    expect(keysOf(node)).toEqual(['0 a'])
  })
})

describe('[REP11] a replica of a replica', () => {
  function attach(node: HandFedNode): { link: LinkId; answer: string } {
    const link = node.accept()
    node.call(link, 'REPLCONF', 'capa', 'eof', 'capa', 'psync2')
    return { link, answer: node.call(link, 'PSYNC', '?', '-1') }
  }

  test('gets the same bytes under the same name, and learns the database that they go on in', () => {
    const { node, link } = synced()
    const first = wire('SELECT', '6') + wire('SET', 'a', '1')
    node.give(link, first)
    const sub = attach(node)
    expect(sub.answer).toMatch(new RegExp(`^\\+FULLRESYNC ${ID} ${100 + first.length}\r\n`))
    expect(sub.answer).toContain('\xfa\x0erepl-stream-db\xc0\x06')
    node.call(sub.link, 'REPLCONF', 'ACK', String(100 + first.length))
    const more = wire('MULTI') + wire('INCR', 'a') + wire('SET', 'b', '2') + wire('EXEC') + wire('ping')
    for (const char of more) node.give(link, char)
    expect(node.taken(sub.link)).toBe(more)
  })

  test('is refused while our own link is down, and dropped when our history changes', () => {
    const { node, link } = synced()
    const sub = attach(node)
    node.cut(link)
    expect(attach(node).answer).toBe("-NOMASTERLINK Can't SYNC while not connected with my master\r\n")
    node.advance(200)
    const again = shakeHands(node)
    node.give(again.link, `+FULLRESYNC ${'a'.repeat(40)} 50\r\n$EOF:${MARK}\r\n${rdb([])}`)
    expect(node.ended.has(sub.link)).toBe(false)
    node.give(again.link, MARK)
    expect(node.ended.has(sub.link)).toBe(true)
  })
})

test('[REP3] who is no replica any more keeps what it has, under a new name', () => {
  const { node, link } = synced([{ key: 'a' }])
  node.within(() => node.node.replication.follow(undefined))
  expect(node.ended.has(link)).toBe(true)
  expect(keysOf(node)).toEqual(['0 a'])
  const { stream } = node.node.replication
  expect([stream.secondId, stream.secondIdEndsAt, stream.offset]).toEqual([ID, 101, 100])
  expect(stream.id).not.toBe(ID)
  node.advance(2_000)
  expect(node.wantsLink).toBe(false)
})
