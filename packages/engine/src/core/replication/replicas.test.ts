import { describe, expect, test } from 'vitest'
import { HandFedNode, wire } from '../../../test/hand-fed-node.ts'
import { latin1Bytes } from '../bytes.ts'
import type { LinkId } from '../input.ts'
import { DatasetLoader } from './dataset-loader.ts'

const PING = '*1\r\n$4\r\nping\r\n'

/** A replica that has said who it is and asked for everything: its link, what was answered, and the payload. */
function fullSync(node: HandFedNode): { link: LinkId; id: string; offset: number; payload: string } {
  const link = node.accept()
  expect(node.call(link, 'PING')).toBe('+PONG\r\n')
  expect(node.call(link, 'REPLCONF', 'listening-port', '7001')).toBe('+OK\r\n')
  expect(node.call(link, 'REPLCONF', 'capa', 'eof', 'capa', 'psync2')).toBe('+OK\r\n')
  const answer = node.call(link, 'PSYNC', '?', '-1')
  const match = /^\+FULLRESYNC ([0-9a-f]{40}) (\d+)\r\n(.*)$/s.exec(answer)
  expect(match, answer.slice(0, 100)).not.toBeNull()
  return { link, id: match![1]!, offset: Number(match![2]), payload: match![3]! }
}

/** Keys in a payload that must be complete. */
function keysOf(payload: string): number {
  const mark = /^\$EOF:([0-9a-f]{40})\r\n/.exec(payload)?.[1]
  expect(mark).toBeDefined()
  expect(payload.endsWith(mark!)).toBe(true)
  const loader = new DatasetLoader(new HandFedNode().node)
  expect(loader.push(latin1Bytes(payload.slice(47, -40)))).toBe('end')
  return loader.keys
}

describe('[REP2] a full sync', () => {
  test('the stream waits for the first ACK, then begins with SELECT and loses nothing', () => {
    const node = new HandFedNode()
    const client = node.accept()
    node.call(client, 'SET', 'a', '1')
    const { link, offset, payload } = fullSync(node)
    expect(keysOf(payload)).toBe(1)
    node.call(client, 'SET', 'b', '2')
    node.advance(500)
    expect(node.taken(link)).toBe('')
    const stream = node.call(link, 'REPLCONF', 'ACK', String(offset))
    expect(stream).toBe(
      PING.repeat(stream.startsWith(PING) ? 1 : 0) + wire('SELECT', '0') + wire('SET', 'b', '2') + (stream.endsWith(PING) ? PING : '')
    )
    node.call(client, 'SELECT', '3')
    node.call(client, 'SET', 'c', '3')
    expect(node.taken(link)).toBe(wire('SELECT', '3') + wire('SET', 'c', '3'))
    expect(node.node.replication.offset - offset).toBe(stream.length + wire('SELECT', '3').length + wire('SET', 'c', '3').length)
  })

  test('a time to live goes as the deadline that it meant, alone and in a transaction, and the rest as it came', () => {
    const node = new HandFedNode()
    const client = node.accept()
    const { link, offset } = fullSync(node)
    node.call(link, 'REPLCONF', 'ACK', String(offset))
    node.taken(link)
    const deadline = () => String(node.node.now.wallMs + 10_000)
    node.call(client, 'HSETEX', 'h', 'FNX', 'EX', '10', 'FIELDS', '2', 'f', 'v', '', 'w')
    expect(node.taken(link)).toBe(wire('SELECT', '0') + wire('HSETEX', 'h', 'PXAT', deadline(), 'FIELDS', '2', 'f', 'v', '', 'w'))
    node.call(client, 'MULTI')
    node.call(client, 'HSETEX', 'h', 'EX', '10', 'FIELDS', '1', 'g', 'x')
    node.call(client, 'SET', '{h}', '1')
    node.call(client, 'EXEC')
    const transaction = [['MULTI'], ['HSETEX', 'h', 'PXAT', deadline(), 'FIELDS', '1', 'g', 'x'], ['SET', '{h}', '1'], ['EXEC']]
    expect(node.taken(link)).toBe(transaction.map((words) => wire(...words)).join(''))
  })

  test('what a PFADD counted before it met a break in the sketch goes as the value', () => {
    const node = new HandFedNode()
    const client = node.accept()
    // Its one run has half of the registers.
    const half = `HYLL\x01\0\0\0${'\0'.repeat(7)}\x80\x5f\xff`
    const isWhole = (element: string) => {
      node.call(client, 'SET', 'p', half)
      return !node.call(client, 'PFADD', 'p', element).startsWith('-')
    }
    const elements = Array.from({ length: 50 }, (_, index) => `e${index}`)
    const [good, bad] = [elements.find(isWhole)!, elements.find((element) => !isWhole(element))!]
    node.call(client, 'SET', 'p', half)
    const { link, offset } = fullSync(node)
    node.call(link, 'REPLCONF', 'ACK', String(offset))
    node.taken(link)
    expect(node.call(client, 'PFADD', 'p', good, bad)).toMatch(/^-INVALIDOBJ /)
    const value = /^\$\d+\r\n(.*)\r\n$/s.exec(node.call(client, 'GET', 'p'))![1]!
    expect(value).not.toBe(half)
    expect(node.taken(link)).toBe(wire('SELECT', '0') + wire('SET', 'p', value, 'KEEPTTL'))
    expect(node.call(client, 'PFADD', 'p', good, bad)).toMatch(/^-INVALIDOBJ /)
    expect(node.taken(link)).toBe('')
  })

  test('the dataset is walked only as fast as the link takes it', () => {
    const node = new HandFedNode()
    const client = node.accept()
    for (let i = 0; i < 200; i++) node.call(client, 'SET', `k${i}`, `${i}`.padEnd(20_000, '.'))
    node.slow.add(client + 2)
    let { link, payload } = fullSync(node)
    expect(payload.length).toBeLessThan(400_000)
    for (let rounds = 0; node.unsentBytes(link) > 0; rounds++) {
      expect(node.unsentBytes(link)).toBeLessThan(400_000)
      expect(rounds).toBeLessThan(100)
      // A write in between: to keys passed, to keys ahead, and new ones.
      node.call(client, 'SET', `k${rounds * 7}`, 'changed')
      node.drain(link)
      payload += node.taken(link)
    }
    expect(payload.length).toBeGreaterThan(4_000_000)
    expect(keysOf(payload)).toBe(200)
  })

  test('FLUSHALL while the picture is read ends the sync; afterwards it is part of the stream', () => {
    const node = new HandFedNode()
    const client = node.accept()
    for (let i = 0; i < 100; i++) node.call(client, 'SET', `k${i}`, 'x'.repeat(20_000))
    node.slow.add(client + 2)
    const first = fullSync(node)
    node.call(client, 'FLUSHALL')
    expect(node.ended.has(first.link)).toBe(true)
    const second = fullSync(node)
    expect(keysOf(second.payload)).toBe(0)
    node.call(client, 'FLUSHALL')
    expect(node.ended.has(second.link)).toBe(false)
    expect(node.call(second.link, 'REPLCONF', 'ACK', String(second.offset))).toContain(wire('FLUSHALL'))
  })

  test('a replica that cannot find the end by itself is told why it gets nothing', () => {
    const node = new HandFedNode()
    const link = node.accept()
    expect(node.call(link, 'PSYNC', '?', '-1')).toMatch(/^-ERR full syncs are sent without their length/)
    expect(node.call(link, 'SYNC')).toMatch(/^-ERR full syncs are sent without their length/)
    expect(node.call(link, 'PSYNC', '?', 'x')).toBe('-ERR value is not an integer or out of range\r\n')
  })

  test('SYNC gets the payload without a word before it; rdb-only gets no stream', () => {
    const node = new HandFedNode()
    const client = node.accept()
    node.call(client, 'SET', 'a', '1')
    const link = node.accept()
    node.call(link, 'REPLCONF', 'rdb-only', '1', 'capa', 'eof')
    expect(keysOf(node.call(link, 'SYNC'))).toBe(1)
    node.call(client, 'SET', 'b', '1')
    expect(node.call(link, 'REPLCONF', 'ACK', '0')).toBe('')
  })

  test('one that is made to wait hears from us each second', () => {
    const node = new HandFedNode({ 'repl-diskless-sync-delay': '3' })
    const link = node.accept()
    node.call(link, 'REPLCONF', 'capa', 'eof')
    expect(node.call(link, 'PSYNC', '?', '-1')).toBe('')
    expect(node.node.replication.infoLines().find((line) => line.startsWith('slave0'))).toContain('state=wait_bgsave')
    node.advance(2_900)
    expect(node.taken(link)).toMatch(/^\n{2,3}$/)
    node.advance(200)
    expect(node.taken(link)).toMatch(/^\n?\+FULLRESYNC/)
  })
})

describe('[REP3] a partial resync', () => {
  function synced(node: HandFedNode): { id: string; offset: number } {
    const { link, id, offset } = fullSync(node)
    node.call(link, 'REPLCONF', 'ACK', String(offset))
    node.cut(link)
    return { id, offset }
  }

  function ask(node: HandFedNode, id: string, wanted: number): string {
    const link = node.accept()
    node.call(link, 'REPLCONF', 'capa', 'eof', 'capa', 'psync2')
    return node.call(link, 'PSYNC', id, String(wanted))
  }

  test('gets exactly the bytes from the one it names', () => {
    const node = new HandFedNode()
    const { id, offset } = synced(node)
    const client = node.accept()
    node.call(client, 'SET', 'a', '1')
    const stream = wire('SELECT', '0') + wire('SET', 'a', '1')
    expect(node.node.replication.offset).toBe(offset + stream.length)
    for (let missing = 0; missing <= stream.length; missing++) {
      expect(ask(node, id, offset + 1 + missing)).toBe(`+CONTINUE ${id}\r\n${stream.slice(missing)}`)
    }
    expect(node.node.stats.partialSyncs).toBe(stream.length + 1)
  })

  test.each([
    ['bytes that were never written', 'id', 1_000],
    ['a byte before the first that is held', 'id', 0],
    ['another history', '0'.repeat(40), 1]
  ])('%s: everything is sent', (_, name, byte) => {
    const node = new HandFedNode()
    const { id, offset } = synced(node)
    expect(ask(node, name === 'id' ? id : name, offset + byte)).toMatch(/^\+FULLRESYNC /)
    expect(node.node.stats.partialSyncErrors).toBe(1)
  })

  test('a node that is promoted goes on under a new name for those who have no more than it had', () => {
    const node = new HandFedNode()
    const { id, offset } = synced(node)
    node.within(() => node.node.replication.follow({ host: '10.0.0.2', port: 7001 }))
    node.within(() => node.node.replication.follow(undefined))
    const { stream } = node.node.replication
    expect(stream.id).not.toBe(id)
    expect(stream.secondId).toBe(id)
    expect(stream.secondIdEndsAt).toBe(offset + 1)
    const client = node.accept()
    node.call(client, 'SET', 'a', '1')
    expect(ask(node, id, offset + 1)).toBe(`+CONTINUE ${stream.id}\r\n${wire('SELECT', '0')}${wire('SET', 'a', '1')}`)
    expect(ask(node, id, offset + 2)).toMatch(/^\+FULLRESYNC /)
  })

  test('one that followed for long is not alone at its promotion: it keeps what it has', () => {
    const node = new HandFedNode({ 'repl-backlog-ttl': '10' })
    const { id, offset } = synced(node)
    node.within(() => node.node.replication.follow({ host: '10.0.0.2', port: 7001 }))
    node.advance(30_000)
    node.within(() => node.node.replication.follow(undefined))
    node.advance(5_000)
    expect(ask(node, id, offset + 1)).toMatch(/^\+CONTINUE /)
  })

  test('the backlog and the name are forgotten when nobody has followed for long', () => {
    const node = new HandFedNode({ 'repl-backlog-ttl': '60' })
    const { id, offset } = synced(node)
    node.advance(59_000)
    expect(node.node.replication.stream.kept).toBe(true)
    node.advance(3_000)
    expect(node.node.replication.stream.kept).toBe(false)
    expect(ask(node, id, offset + 1)).toMatch(/^\+FULLRESYNC /)
  })
})

describe('[REP4] replicas that cannot keep up', () => {
  test('one that reads too slowly is dropped at its output-buffer limit, and may go on from the backlog', () => {
    const node = new HandFedNode({ 'client-output-buffer-limit': 'slave 3000000 0 0' })
    const client = node.accept()
    const { link, id, offset } = fullSync(node)
    node.slow.add(link)
    node.call(link, 'REPLCONF', 'ACK', String(offset))
    for (let i = 0; i < 29; i++) node.call(client, 'SET', 'k', 'x'.repeat(100_000))
    expect(node.ended.has(link)).toBe(false)
    expect(node.unsentBytes(link)).toBeLessThan(1_300_000)
    for (let i = 0; i < 3; i++) node.call(client, 'SET', 'k', 'x'.repeat(100_000))
    expect(node.ended.has(link)).toBe(true)
    const again = node.accept()
    node.call(again, 'REPLCONF', 'capa', 'eof')
    expect(node.call(again, 'PSYNC', id, String(offset + 1))).toMatch(/^\+CONTINUE\r\n\*2/)
  })

  test('one that acknowledges nothing for repl-timeout is dropped', () => {
    const node = new HandFedNode({ 'repl-timeout': '5' })
    const { link, offset } = fullSync(node)
    node.call(link, 'REPLCONF', 'ACK', String(offset))
    node.advance(4_000)
    expect(node.ended.has(link)).toBe(false)
    node.advance(3_000)
    expect(node.ended.has(link)).toBe(true)
  })

  test('held bytes leave in order as the link drains', () => {
    const node = new HandFedNode()
    const client = node.accept()
    const { link, offset } = fullSync(node)
    node.slow.add(link)
    let stream = node.call(link, 'REPLCONF', 'ACK', String(offset))
    for (let i = 0; i < 40; i++) node.call(client, 'APPEND', 'k', `${i}`.padStart(100_000, '-'))
    for (let rounds = 0; node.unsentBytes(link) > 0 && rounds < 100; rounds++) {
      node.drain(link, 300_000)
      stream += node.taken(link)
    }
    const expected = wire('SELECT', '0') + Array.from({ length: 40 }, (_, i) => wire('APPEND', 'k', `${i}`.padStart(100_000, '-'))).join('')
    expect(stream.replaceAll(PING, '')).toBe(expected)
  })
})

describe('[REP6] WAIT', () => {
  function withReplica(): { node: HandFedNode; client: LinkId; replica: LinkId; offset: () => number } {
    const node = new HandFedNode()
    const { link, offset } = fullSync(node)
    node.call(link, 'REPLCONF', 'ACK', String(offset))
    return { node, client: node.accept(), replica: link, offset: () => node.node.replication.offset }
  }

  test('asks replicas at once and replies when one has what was written', () => {
    const { node, client, replica, offset } = withReplica()
    node.call(client, 'SET', 'a', '1')
    node.taken(replica)
    const written = offset()
    expect(node.call(client, 'WAIT', '1', '0')).toBe('')
    expect(node.taken(replica)).toBe(wire('REPLCONF', 'GETACK', '*'))
    // What the client sends meanwhile waits, and nobody else does.
    expect(node.call(client, 'GET', 'a')).toBe('')
    const other = node.accept()
    expect(node.call(other, 'GET', 'a')).toBe('$1\r\n1\r\n')
    node.call(replica, 'REPLCONF', 'ACK', String(written - 1))
    expect(node.taken(client)).toBe('')
    node.call(replica, 'REPLCONF', 'ACK', String(written))
    node.advance(1)
    expect(node.taken(client)).toBe(':1\r\n$1\r\n1\r\n')
  })

  test('replies with what there is when the time is over', () => {
    const { node, client } = withReplica()
    node.call(client, 'SET', 'a', '1')
    expect(node.call(client, 'WAIT', '1', '500')).toBe('')
    node.advance(499)
    expect(node.taken(client)).toBe('')
    node.advance(1)
    expect(node.taken(client)).toBe(':0\r\n')
  })

  test('inside a transaction it does not block', () => {
    const { node, client } = withReplica()
    node.call(client, 'MULTI')
    node.call(client, 'SET', 'a', '1')
    node.call(client, 'WAIT', '5', '0')
    expect(node.call(client, 'EXEC')).toMatch(/^\*2\r\n\+OK\r\n:[01]\r\n$/)
  })

  test('a node that becomes a replica lets go of those who wait', () => {
    const { node, client, replica } = withReplica()
    node.call(client, 'SET', 'a', '1')
    node.call(client, 'WAIT', '1', '0')
    node.within(() => node.node.replication.follow({ host: '10.0.0.2', port: 7001 }))
    node.advance(100)
    expect(node.taken(client)).toMatch(/^-UNBLOCKED /)
    expect(node.ended.has(replica)).toBe(true)
    expect(node.call(node.accept(), 'WAIT', '1', '0')).toMatch(/^-ERR WAIT cannot be used with replica instances/)
  })

  test('wrong arguments', () => {
    const { node, client } = withReplica()
    expect(node.call(client, 'WAIT', 'a', '0')).toBe('-ERR value is not an integer or out of range\r\n')
    expect(node.call(client, 'WAIT', '0', 'a')).toBe('-ERR timeout is not an integer or out of range\r\n')
    expect(node.call(client, 'WAIT', '0', '-1')).toBe('-ERR timeout is negative\r\n')
  })
})

describe('[REP7] REPLCONF, ROLE and REPLICAOF', () => {
  test.each([
    [['foo', 'bar'], '-ERR Unrecognized REPLCONF option: foo'],
    [['foo'], '-ERR syntax error'],
    [['capa', 'eof', 'capa'], '-ERR syntax error'],
    [['listening-port', 'x'], '-ERR value is not an integer or out of range'],
    [['version', 'z'], '-ERR Unrecognized version format: z'],
    [['rdb-only', 'x'], '-ERR value is not an integer or out of range'],
    [['rdb-filter-only', 'functions'], '-ERR Unsupported rdb-filter-only option: functions'],
    [['set-cluster-node-id', 'abc'], '-ERR Unknown node abc'],
    [['ip-address', 'a'.repeat(300)], '-ERR REPLCONF ip-address provided by replica instance is too long: 300 bytes'],
    [['ip-address', 'example.com', 'capa', 'never-heard-of'], '+OK']
  ])('REPLCONF %s', (args, reply) => {
    const node = new HandFedNode()
    expect(node.call(node.accept(), 'REPLCONF', ...args)).toBe(`${reply}\r\n`)
  })

  test('ACK of somebody who is no replica is passed over', () => {
    const node = new HandFedNode()
    expect(node.call(node.accept(), 'REPLCONF', 'ACK', '5')).toBe('')
  })

  test('ROLE names the replicas that get the stream', () => {
    const node = new HandFedNode()
    const { link, offset } = fullSync(node)
    const client = node.accept()
    expect(node.call(client, 'ROLE')).toBe(`*3\r\n$6\r\nmaster\r\n:${node.node.replication.offset}\r\n*0\r\n`)
    node.call(link, 'REPLCONF', 'ACK', String(offset))
    expect(node.call(client, 'ROLE')).toContain(`*1\r\n*3\r\n$8\r\n10.0.0.9\r\n$4\r\n7001\r\n$${String(offset).length}\r\n${offset}\r\n`)
  })

  test("who replicates whom is the cluster's to say", () => {
    const node = new HandFedNode()
    const client = node.accept()
    for (const name of ['REPLICAOF', 'SLAVEOF'])
      expect(node.call(client, name, 'NO', 'ONE')).toBe('-ERR REPLICAOF not allowed in cluster mode.\r\n')
  })
})
