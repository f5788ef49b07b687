import { describe, expect, test } from 'vitest'
import { InMemoryNode } from './in-memory-node.ts'
import { SimulatedShard } from './simulated-shard.ts'

const NULL_ARRAY = '*-1\r\n'

/** A node and three clients. */
function nodeWithClients() {
  const memory = new InMemoryNode()
  return { memory, clients: [memory.connect(), memory.connect(), memory.connect()] as const }
}

function infoOf(memory: InMemoryNode, link: number, field: string): string | undefined {
  return new RegExp(`^${field}:(.*)\r$`, 'm').exec(memory.command(link, 'INFO', 'clients'))?.[1]
}

describe('[BLK1] in order of arrival', () => {
  test('one push serves as many as it has elements for, the first first', () => {
    const { memory, clients } = nodeWithClients()
    const [first, second, pusher] = clients
    memory.command(first, 'BLPOP', 'k', '0')
    memory.command(second, 'BLPOP', 'k', '0')
    memory.command(pusher, 'RPUSH', 'k', 'x')
    expect([memory.received(first), memory.received(second)]).toEqual(['*2\r\n$1\r\nk\r\n$1\r\nx\r\n', ''])
    memory.command(pusher, 'RPUSH', 'k', 'y', 'z')
    expect(memory.received(second)).toBe('*2\r\n$1\r\nk\r\n$1\r\ny\r\n')
    expect(memory.command(pusher, 'LLEN', 'k')).toBe(':1\r\n')
  })

  test('ten thousand wait for one key, and a push costs no more than for one', () => {
    const memory = new InMemoryNode({ config: { maxclients: '20000' } })
    const waiting = Array.from({ length: 10_000 }, () => memory.connect())
    for (const link of waiting) memory.command(link, 'BLPOP', 'k', '0')
    const pusher = memory.connect()
    for (let i = 0; i < 1_000; i++) memory.command(pusher, 'RPUSH', 'k', String(i))
    expect(waiting.filter((link) => memory.received(link) !== '')).toEqual(waiting.slice(0, 1_000))
  })

  test('a pipeline serves after each of its commands, not at its end', () => {
    const { memory, clients } = nodeWithClients()
    const [waiting, pusher] = clients
    memory.command(waiting, 'BLPOP', 'k', '0')
    expect(memory.send(pusher, 'RPUSH k x\r\nLLEN k\r\n')).toBe(':1\r\n:0\r\n')
  })
})

describe('[BLK3] the end of a wait', () => {
  test.each([
    ['0.25', 250],
    ['1', 1_000],
    ['0.0001', 1]
  ])('a timeout of %s s is over after %i ms and not before', (timeout, ms) => {
    const { memory, clients } = nodeWithClients()
    const [waiting] = clients
    expect(memory.command(waiting, 'BLPOP', 'k', timeout)).toBe('')
    const wake = memory.effects.findLast((effect) => effect.type === 'wake')
    memory.advance(ms - 1)
    expect(memory.received(waiting)).toBe('')
    memory.advance(1)
    expect(memory.received(waiting)).toBe(NULL_ARRAY)
    if (ms < 100) expect(wake).toMatchObject({ atMonotonicMs: memory.monotonicMs })
  })

  test.each([
    ['XREAD', ['XREAD', 'BLOCK', '20', 'STREAMS', 's', '$']],
    ['XREADGROUP', ['XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', '20', 'STREAMS', 's', '>']]
  ])('%s waits so many milliseconds, and has read nothing', (_, read) => {
    const { memory, clients } = nodeWithClients()
    const [waiting, other] = clients
    memory.command(other, 'XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM')
    expect(memory.command(waiting, ...read)).toBe('')
    memory.advance(19)
    expect(memory.received(waiting)).toBe('')
    memory.advance(1)
    expect(memory.received(waiting)).toBe(NULL_ARRAY)
    memory.command(other, 'XADD', 's', '1-1', 'f', 'v')
    expect([memory.received(waiting), memory.command(other, 'XPENDING', 's', 'g')]).toEqual(['', '*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n'])
  })

  test('what is sent meanwhile runs afterwards, in order', () => {
    const { memory, clients } = nodeWithClients()
    const [waiting, pusher] = clients
    expect(memory.send(waiting, 'BLPOP k 0\r\nBLPOP k 0.1\r\nPING\r\n')).toBe('')
    expect(infoOf(memory, pusher, 'blocked_clients')).toBe('1')
    memory.command(pusher, 'RPUSH', 'k', 'x')
    memory.advance(50)
    expect(memory.received(waiting)).toBe('*2\r\n$1\r\nk\r\n$1\r\nx\r\n')
    memory.advance(150)
    expect(memory.received(waiting)).toBe(`${NULL_ARRAY}+PONG\r\n`)
  })

  test('who is gone is not served, and leaves nothing behind', () => {
    const { memory, clients } = nodeWithClients()
    const [gone, waiting, pusher] = clients
    memory.command(gone, 'BLPOP', 'k', 'other{k}', '10')
    memory.command(waiting, 'BLPOP', 'k', '10')
    expect(['blocked_clients', 'total_blocking_keys', 'clients_in_timeout_table'].map((field) => infoOf(memory, pusher, field))).toEqual([
      '2',
      '2',
      '2'
    ])
    memory.input({ type: 'linkClosed', link: gone, reason: '' })
    expect(['blocked_clients', 'total_blocking_keys'].map((field) => infoOf(memory, pusher, field))).toEqual(['1', '1'])
    memory.command(pusher, 'RPUSH', 'k', 'x')
    expect(memory.received(waiting)).toContain('x')
    expect(infoOf(memory, pusher, 'total_blocking_keys')).toBe('0')
  })

  test('who waits is marked in CLIENT LIST, and can be killed', () => {
    const { memory, clients } = nodeWithClients()
    const [waiting, other] = clients
    memory.command(waiting, 'CLIENT', 'SETNAME', 'waiting')
    memory.command(waiting, 'BLPOP', 'k', '0')
    expect(memory.command(other, 'CLIENT', 'LIST', 'NAME', 'waiting')).toContain(' flags=b ')
    expect(memory.command(other, 'CLIENT', 'KILL', 'NAME', 'waiting')).toBe(':1\r\n')
    expect(memory.effects).toContainEqual({ type: 'close', link: waiting })
    expect(infoOf(memory, other, 'blocked_clients')).toBe('0')
  })

  test('a reply that is not wanted is not given later either', () => {
    const { memory, clients } = nodeWithClients()
    const [waiting, pusher] = clients
    memory.send(waiting, 'CLIENT REPLY SKIP\r\nBLPOP k 0\r\nPING\r\n')
    memory.command(pusher, 'RPUSH', 'k', 'x')
    memory.advance(1)
    expect(memory.received(waiting)).toBe('+PONG\r\n')
    memory.send(waiting, 'CLIENT REPLY OFF\r\nBLPOP k 0.001\r\nCLIENT REPLY ON\r\n')
    memory.advance(5)
    memory.advance(5)
    expect(memory.received(waiting)).toBe('+OK\r\n')
  })

  test('one call is counted, however long it waits', () => {
    const { memory, clients } = nodeWithClients()
    const [waiting, pusher] = clients
    memory.command(waiting, 'BLPOP', 'k', '0')
    memory.command(pusher, 'RPUSH', 'k', 'x')
    expect(memory.command(pusher, 'INFO', 'commandstats')).toMatch(/cmdstat_blpop:calls=1,/)
  })

  test('memory that has run out meanwhile is said to who would add to it', () => {
    const { memory, clients } = nodeWithClients()
    const [waiting, pusher] = clients
    memory.command(waiting, 'BLMOVE', '{t}a', '{t}b', 'LEFT', 'LEFT', '0')
    memory.send(pusher, 'MULTI\r\nRPUSH {t}a x\r\nCONFIG SET maxmemory 1\r\nEXEC\r\n')
    expect(memory.received(waiting)).toBe("-OOM command not allowed when used memory > 'maxmemory'.\r\n")
  })
})

describe('[BLK5] sent away at once', () => {
  const slotOf = { foo: 12_182, bar: 5_061 }

  test('MOVED, when the slot has migrated; the others wait on', () => {
    const shard = new SimulatedShard({ seed: 7, shards: 2, replicas: 0 })
    const waiting = shard.connect(1)
    const replies: unknown[] = []
    waiting.send(['BLPOP', 'foo', 0], (reply) => replies.push(reply))
    const [first] = shard.endpoints
    expect(shard.call(1, 'CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', slotOf.foo, slotOf.foo, 'NODE', first?.id ?? '')).toBe('OK')
    shard.until(() => replies.length > 0, 'the waiting client is answered')
    expect(replies).toEqual([{ error: `MOVED ${slotOf.foo} ${first?.host}:${first?.port}` }])
    expect(shard.call(1, 'INFO', 'clients')).toContain('blocked_clients:0')
  })

  test('CLUSTERDOWN, when a slot has no owner any more', () => {
    const { memory, clients } = nodeWithClients()
    const [waiting, other] = clients
    memory.command(waiting, 'BLPOP', 'foo', '0')
    memory.command(other, 'CLUSTER', 'DELSLOTS', String(slotOf.bar))
    memory.advance(1)
    expect(memory.received(waiting)).toBe('-CLUSTERDOWN The cluster is down\r\n')
  })

  test('UNBLOCKED and the end, when the node becomes a replica', () => {
    const shard = new SimulatedShard({ seed: 9, shards: 2, replicas: 0 })
    const [first] = shard.endpoints
    const waiting = shard.connect(1)
    const replies: unknown[] = []
    shard.call(1, 'CLUSTER', 'DELSLOTSRANGE', 8192, 16_383)
    shard.call(0, 'CLUSTER', 'ADDSLOTSRANGE', 8192, 16_383)
    shard.call(1, 'CONFIG', 'SET', 'cluster-require-full-coverage', 'no')
    waiting.send(['WAIT', 5, 0], (reply) => replies.push(reply))
    shard.call(1, 'PING')
    expect(shard.call(1, 'CLUSTER', 'REPLICATE', first?.id ?? '')).toBe('OK')
    shard.until(() => replies.length > 0 && !waiting.open, 'the waiting client is answered')
    expect(replies).toEqual([{ error: 'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)' }])
  })
})

describe('[BLK2] [BLK4] replicas', () => {
  test('hear of the plain pop, and have what their primary has', () => {
    const shard = new SimulatedShard({ seed: 3, replicas: 1 })
    const [blpop, blmove] = [shard.connect(0), shard.connect(0)]
    const replies: unknown[] = []
    blpop.send(['BLPOP', '{t}b', 0], (reply) => replies.push(reply))
    blmove.send(['BLMOVE', '{t}a', '{t}b', 'LEFT', 'LEFT', 0], (reply) => replies.push(reply))
    shard.call(0, 'PING')
    shard.call(0, 'RPUSH', '{t}a', 'x', 'y')
    shard.until(() => replies.length === 2, 'both are served')
    shard.catchUp()
    shard.call(1, 'READONLY')
    expect(shard.call(1, 'LRANGE', '{t}a', 0, -1)).toEqual(['y'])
    expect(shard.call(1, 'EXISTS', '{t}b')).toBe(0)
  })
})
