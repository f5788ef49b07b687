import { describe, expect, test } from 'vitest'
import { InMemoryNode } from './in-memory-node.ts'
import { SimulatedShard } from './simulated-shard.ts'

const NOAUTH = '-NOAUTH Authentication required.\r\n'

function bulk(...parts: readonly string[]): string {
  return `*${parts.length}\r\n${parts.map((part) => `$${part.length}\r\n${part}\r\n`).join('')}`
}

describe('[ACL3] strangers', () => {
  const withPassword = () => new InMemoryNode({ config: { requirepass: 'secret' } })

  test('may log in and leave, and nothing else', () => {
    const memory = withPassword()
    const link = memory.connect()
    for (const words of [['GET', 'k'], ['NOSUCH'], ['GET'], ['MULTI'], ['COMMAND']]) expect(memory.command(link, ...words)).toBe(NOAUTH)
    expect(memory.command(link, 'AUTH', 'wrong')).toBe('-WRONGPASS invalid username-password pair or user is disabled.\r\n')
    expect(memory.command(link, 'AUTH', 'secret')).toBe('+OK\r\n')
    expect(memory.command(link, 'GET', 'k')).toBe('$-1\r\n')
    memory.command(link, 'RESET')
    expect(memory.command(link, 'GET', 'k')).toBe(NOAUTH)
  })

  test.each([
    ['*11\r\n', '-ERR Protocol error: unauthenticated multibulk length\r\n'],
    ['*1\r\n$16385\r\n', '-ERR Protocol error: unauthenticated bulk length\r\n']
  ])('%j ends the connection', (bytes, error) => {
    const memory = withPassword()
    const link = memory.connect()
    expect(memory.send(link, bytes)).toBe(error)
    expect(memory.effects).toContainEqual({ type: 'close', link })
    const known = memory.connect()
    memory.command(known, 'AUTH', 'secret')
    expect(memory.send(known, bytes)).toBe('')
  })

  test('are cut off when they do not read what they are told', () => {
    const memory = withPassword()
    const link = memory.connect()
    memory.send(link, 'PING\r\n'.repeat(100))
    expect(memory.effects).toContainEqual({ type: 'close', link })
  })

  test('who came before there was a password stays', () => {
    const memory = new InMemoryNode()
    const [early, admin] = [memory.connect(), memory.connect()]
    memory.command(admin, 'CONFIG', 'SET', 'requirepass', 'secret')
    expect(memory.command(early, 'GET', 'k')).toBe('$-1\r\n')
    expect(memory.command(memory.connect(), 'GET', 'k')).toBe(NOAUTH)
    memory.command(admin, 'CONFIG', 'SET', 'requirepass', '')
    expect(memory.command(memory.connect(), 'GET', 'k')).toBe('$-1\r\n')
  })
})

describe('[ACL2] a change is in force at once', () => {
  test('for who waits: rights that are gone are missed when the key comes', () => {
    const memory = new InMemoryNode()
    const [admin, waiting] = [memory.connect(), memory.connect()]
    memory.command(admin, 'ACL', 'SETUSER', 'bob', 'on', 'nopass', '+@all', '~*')
    memory.command(waiting, 'AUTH', 'bob', '')
    memory.command(waiting, 'BLPOP', 'k', '0')
    memory.command(admin, 'ACL', 'SETUSER', 'bob', 'resetkeys', '~other')
    memory.command(admin, 'RPUSH', 'k', 'x')
    expect(memory.received(waiting)).toBe('-NOPERM No permissions to access a key\r\n')
    expect(memory.command(admin, 'LLEN', 'k')).toBe(':1\r\n')
  })

  test('for who listens, and for whose user is gone', () => {
    const memory = new InMemoryNode()
    const [admin, listening, other] = [memory.connect(), memory.connect(), memory.connect()]
    memory.command(admin, 'ACL', 'SETUSER', 'bob', 'on', 'nopass', '+@all', '~*', '&a*')
    for (const link of [listening, other]) memory.command(link, 'AUTH', 'bob', '')
    memory.command(listening, 'SUBSCRIBE', 'abc')
    memory.command(admin, 'ACL', 'SETUSER', 'bob', '&b*')
    expect(memory.effects).not.toContainEqual({ type: 'close', link: listening })
    memory.command(admin, 'ACL', 'SETUSER', 'bob', 'resetchannels', '&b*')
    expect(memory.effects).toContainEqual({ type: 'close', link: listening })
    memory.command(admin, 'ACL', 'DELUSER', 'bob')
    expect(memory.effects).toContainEqual({ type: 'close', link: other })
  })
})

test('[ACL5] no log and no monitor shows a password', () => {
  const memory = new InMemoryNode({ config: { 'commandlog-execution-slower-than': '0' } })
  const [client, monitor] = [memory.connect(), memory.connect()]
  memory.command(monitor, 'MONITOR')
  memory.command(client, 'ACL', 'SETUSER', 'bob', 'on', '>hunter2')
  memory.command(client, 'AUTH', 'bob', 'hunter2')
  memory.command(client, 'AUTH', 'default', 'hunter2')
  memory.command(client, 'HELLO', '2', 'AUTH', 'bob', 'hunter2', 'SETNAME', 'me')
  memory.command(client, 'AUTH', 'default', '')
  memory.command(client, 'CONFIG', 'SET', 'primaryauth', 'hunter2', 'hz', '10')
  const shown = memory.received(monitor) + memory.command(client, 'COMMANDLOG', 'GET', '-1', 'slow')
  expect(shown).not.toContain('hunter2')
  expect(shown).toContain('SETNAME')
})

test('ACL GENPASS gives as many digits as are asked for, and never the same', () => {
  const memory = new InMemoryNode()
  const link = memory.connect()
  expect(memory.command(link, 'ACL', 'GENPASS')).toMatch(/^\$64\r\n[0-9a-f]{64}\r\n$/)
  expect(memory.command(link, 'ACL', 'GENPASS', '5')).toMatch(/^\$2\r\n[0-9a-f]{2}\r\n$/)
  expect(memory.command(link, 'ACL', 'GENPASS')).not.toBe(memory.command(link, 'ACL', 'GENPASS'))
})

test('[ACL1] rules that are wrong change nothing', () => {
  const memory = new InMemoryNode()
  const link = memory.connect()
  memory.command(link, 'ACL', 'SETUSER', 'bob', 'on', '+get')
  expect(memory.command(link, 'ACL', 'SETUSER', 'bob', 'off', '+nosuch')).toContain("modifier '+nosuch'")
  expect(memory.command(link, 'ACL', 'LIST')).toContain('user bob on resetchannels -@all +get')
  expect(memory.command(link, 'ACL', 'SETUSER', 'alice', '+nosuch')).toContain("modifier '+nosuch'")
  expect(memory.command(link, 'ACL', 'USERS')).toBe(bulk('bob', 'default'))
})

describe('[ACL4] nodes log in at each other', () => {
  const config = { requirepass: 'secret', primaryauth: 'secret' }

  test('to replicate', () => {
    const shard = new SimulatedShard({ seed: 21, replicas: 1, config })
    expect(shard.call(0, 'AUTH', 'secret')).toBe('OK')
    shard.call(0, 'SET', 'k', 'v')
    shard.catchUp()
    expect(shard.call(1, 'AUTH', 'secret')).toBe('OK')
    shard.call(1, 'READONLY')
    expect(shard.call(1, 'GET', 'k')).toBe('v')
  })

  test('to move slots; without a password the job says so', () => {
    const shard = new SimulatedShard({ seed: 22, shards: 2, replicas: 0, config })
    for (const index of [0, 1]) shard.call(index, 'AUTH', 'secret')
    shard.call(1, 'SET', 'foo', 'v')
    const migrate = () => shard.call(1, 'CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', 12_182, 12_182, 'NODE', shard.endpoints[0]?.id ?? '')
    const jobs = () => JSON.stringify(shard.call(1, 'CLUSTER', 'GETSLOTMIGRATIONS'))
    shard.call(1, 'CONFIG', 'SET', 'primaryauth', 'wrong')
    migrate()
    shard.until(() => jobs().includes('Failed to AUTH to target node: -WRONGPASS'), 'the job has failed')
    shard.call(1, 'CONFIG', 'SET', 'primaryauth', '')
    migrate()
    shard.until(() => jobs().includes('Received error during handshake to target: -NOAUTH'), 'the job has failed')
    shard.call(1, 'CONFIG', 'SET', 'primaryuser', 'default', 'primaryauth', 'secret')
    migrate()
    shard.until(() => jobs().includes('"success"'), 'the slot has moved')
    expect(shard.call(0, 'GET', 'foo')).toBe('v')
  })
})
