import { afterEach, describe, expect, test } from 'vitest'
import { latin1Bytes } from '../src/core/bytes.ts'
import { renderNodesConf } from '../src/core/cluster/nodes-conf.ts'
import { Random } from '../src/core/prng.ts'
import { MemoryDisk, NodeServer } from '../src/hosts/tcp/index.ts'
import { topologyOf } from './bus-network.ts'
import { randomWrite } from './random-writes.ts'
import { freeTestPorts } from './test-ports.ts'
import { ask, eventually, flat, hasValkey, ValkeyNode, WireClient } from './valkey-node.ts'

const DATABASES = 4

/** Our node and a real one in one shard, over real sockets. */
describe.runIf(hasValkey())('our node in one shard with valkey-server', () => {
  const closing: { close(): unknown }[] = []

  afterEach(async () => {
    for (const one of closing.splice(0).reverse()) await one.close()
  })

  function closed<T extends { close(): unknown }>(one: T): T {
    closing.push(one)
    return one
  }

  type Member = { readonly port: number; readonly client: WireClient; readonly start: () => Promise<void> }

  /** The primary is started; the replica when the test says so. */
  async function shard(
    primaryIs: 'ours' | 'real',
    settings: Readonly<Record<string, string>> = {},
    realSettings: Readonly<Record<string, string>> = {}
  ): Promise<{ primary: Member; replica: Member }> {
    const base = await freeTestPorts(2)
    const topology = topologyOf(1, 1, base)
    const config = { 'cluster-databases': String(DATABASES), 'cluster-node-timeout': '2000', ...settings }
    const member = (index: number, isOurs: boolean): Member => {
      const port = base + index
      const conf = renderNodesConf(topology, topology[index]!.id)
      const start = async () => {
        if (!isOurs) closed(await ValkeyNode.start(port, { ...config, ...realSettings }, conf))
        else {
          const server = closed(
            new NodeServer({ bind: '127.0.0.1', port, seed: port, disk: new MemoryDisk({ 'nodes.conf': latin1Bytes(conf) }), config })
          )
          await server.listen()
        }
      }
      let client: WireClient | undefined
      return {
        port,
        start,
        get client() {
          client ??= closed(new WireClient(port))
          return client
        }
      }
    }
    const primary = member(0, primaryIs === 'ours')
    const replica = member(1, primaryIs !== 'ours')
    await primary.start()
    await eventually(async () => (await ask(primary.port, 'SET', 'x', '1')) === 'OK', 'the primary serves')
    return { primary, replica }
  }

  const info = async (member: Member, field: string) =>
    new RegExp(`(?:^|\\n)${field}:(.*?)\\r`).exec(flat(await member.client.call('INFO', 'everything')))?.[1]

  async function caughtUp(primary: Member, replica: Member): Promise<void> {
    await eventually(async () => {
      if ((await info(replica, 'master_link_status')) !== 'up') return false
      if ((await info(replica, 'master_replid')) !== (await info(primary, 'master_replid'))) return false
      return (await info(replica, 'master_repl_offset')) === (await info(primary, 'master_repl_offset'))
    }, 'the replica has caught up')
  }

  /** Everything that a server holds, as text. */
  async function contents(member: Member): Promise<string[]> {
    const client = closed(new WireClient(member.port))
    const call = async (...args: string[]) => flat(await client.call(...args))
    const lines: string[] = []
    await call('READONLY')
    for (let database = 0; database < DATABASES; database++) {
      await call('SELECT', String(database))
      const keys = await client.call('KEYS', '*')
      if (typeof keys === 'string') throw new Error(keys)
      for (const key of keys.items.map(flat)) {
        const line = [database, key, await call('PEXPIRETIME', key)]
        const type = await call('TYPE', key)
        if (type === 'string') line.push(await call('GET', key))
        else if (type === 'list') line.push(await call('LRANGE', key, '0', '-1'))
        else if (type === 'zset') line.push(await call('ZRANGE', key, '0', '-1', 'WITHSCORES'))
        else if (type === 'set') {
          const members = await client.call('SMEMBERS', key)
          line.push(...(typeof members === 'string' ? [] : members.items.map(flat).sort()))
        } else if (type === 'hash') {
          const fields = await client.call('HKEYS', key)
          const names = typeof fields === 'string' ? [] : fields.items.map(flat).sort()
          for (const name of names) line.push(name, await call('HGET', key, name), await call('HPEXPIRETIME', key, 'FIELDS', '1', name))
        } else if (type === 'stream') {
          line.push(await call('XINFO', 'STREAM', key), await call('XRANGE', key, '-', '+'))
          // Consumers that have got nothing are not passed on, nor how long ago entries were delivered.
          line.push((await call('XINFO', 'GROUPS', key)).replace(/ consumers \d+/g, ''))
          const pending = await call('XPENDING', key, 'g', '-', '+', '1000')
          line.push(pending.replace(/(\d+-\d+ \w+) \d+/g, '$1'))
        }
        lines.push(`${type} ${line.join(' ')}`)
      }
    }
    client.close()
    return lines.sort()
  }

  const LATER = Date.now() + 3_600_000

  /** Every type, small and large, with deadlines of keys and fields, in several databases. */
  async function fill(client: WireClient, mark: string): Promise<void> {
    for (const database of [0, 2, 3]) {
      await client.call('SELECT', String(database))
      const commands: string[][] = [
        ['SET', `s:${mark}`, `value ${mark}\r\n\0\xff`],
        ['SET', `int:${mark}`, '-12345678901'],
        ['SET', `large:${mark}`, 'abc'.repeat(5000)],
        ['SET', `timed:${mark}`, '1', 'PXAT', String(LATER)],
        ['HSET', `h:${mark}`, 'f', '1', 'g', 'x'.repeat(100)],
        ['HSETEX', `hx:${mark}`, 'PXAT', String(LATER), 'FIELDS', '2', 'a', '1', 'b', '2'],
        ['HSET', `hx:${mark}`, 'plain', '3'],
        ['RPUSH', `l:${mark}`, 'a', '1', '-1', '70000', '9223372036854775807', 'x'.repeat(300)],
        ['RPUSH', `ll:${mark}`, ...Array.from({ length: 2000 }, (_, i) => `element ${i}`)],
        ['SADD', `is:${mark}`, '1', '-5', '70000', '9223372036854775807'],
        ['SADD', `sl:${mark}`, 'a', 'b', '17'],
        ['SADD', `sh:${mark}`, ...Array.from({ length: 700 }, (_, i) => `member ${i}`)],
        ['ZADD', `z:${mark}`, '1.5', 'm', '-inf', 'n', '3', 'o', '1e20', 'p'],
        ['ZADD', `zs:${mark}`, ...Array.from({ length: 300 }, (_, i) => [String(i / 7), `member ${i}`]).flat()],
        ['HSET', `hl:${mark}`, ...Array.from({ length: 600 }, (_, i) => [`field ${i}`, String(i)]).flat()],
        ['XADD', `x:${mark}`, '*', 'f', '1', 'g', 'text'],
        ['XADD', `x:${mark}`, 'MAXLEN', '~', '10', '*', 'f', '-70000', 'g', ''],
        ['XADD', `x:${mark}`, '*', 'other', 'x'.repeat(5000)],
        ['XGROUP', 'CREATE', `x:${mark}`, 'g', '0'],
        ['XREADGROUP', 'GROUP', 'g', 'alice', 'COUNT', '2', 'STREAMS', `x:${mark}`, '>'],
        ['XADD', `xd:${mark}`, '5-*', 'a', 'b'],
        ['XADD', `xd:${mark}`, '5-*', 'a', 'c'],
        ['XDEL', `xd:${mark}`, '5-0'],
        ['XGROUP', 'CREATE', `xd:${mark}`, 'g', '$'],
        ['XCLAIM', `xd:${mark}`, 'g', 'bob', '0', '5-1', 'FORCE', 'RETRYCOUNT', '3'],
        ['PEXPIREAT', `z:${mark}`, String(LATER + database)]
      ]
      for (const command of commands)
        expect(flat(await client.call(...command)), command.slice(0, 2).join(' ')).not.toMatch(/^(ERR|WRONG|MOVED|CLUSTERDOWN)/)
    }
  }

  describe.each(['ours', 'real'] as const)('the primary is %s', (primaryIs) => {
    test('[REP2] [RDB2] a full sync of all types in several databases, then the stream', async () => {
      const { primary, replica } = await shard(primaryIs)
      await fill(primary.client, 'before')
      await replica.start()
      for (let i = 0; i < 20; i++) await fill(primary.client, `during ${i % 4}`)
      await caughtUp(primary, replica)
      const expected = await contents(primary)
      expect(expected.length).toBe(3 * 16 * 5 + 1)
      expect(await contents(replica)).toEqual(expected)
      expect(await info(primary, 'sync_full')).toBe('1')

      await primary.client.call('SELECT', '2')
      const writes = [
        'INCR n',
        'MULTI',
        'SET {t}a 1',
        'SET {t}b 2',
        'EXEC',
        'SPOP sl:before',
        'SET e v EX 100',
        'GETEX e EX 200',
        'HINCRBYFLOAT h:before f 1.5',
        'DEL l:before',
        'LPOP ll:before 5',
        'HEXPIRE h:before 500 FIELDS 1 g',
        'HPERSIST hx:before FIELDS 1 a',
        'HDEL hx:before b',
        'RENAME s:before renamed',
        'ZADD z:before INCR 2 m',
        'XTRIM x:before MAXLEN 2',
        'XREADGROUP GROUP g bob STREAMS x:before >',
        'XREADGROUP GROUP g dora NOACK STREAMS xd:before >',
        'XACK xd:before g 5-1',
        'XAUTOCLAIM x:before g carol 0 0'
      ]
      for (const write of writes) await primary.client.call(...write.split(' '))
      await primary.client.call('SELECT', '3')
      await primary.client.call('FLUSHDB')
      await primary.client.call('INCRBYFLOAT', 'f', '1.25')
      await caughtUp(primary, replica)
      expect(await contents(replica)).toEqual(await contents(primary))
    })

    test('[REP3] a replica whose link was cut goes on where it stood', async () => {
      const { primary, replica } = await shard(primaryIs)
      await replica.start()
      await fill(primary.client, 'before')
      await caughtUp(primary, replica)
      for (let round = 0; round < 3; round++) {
        await primary.client.call('CLIENT', 'KILL', 'TYPE', 'replica')
        await fill(primary.client, `after ${round}`)
        await caughtUp(primary, replica)
        expect(await contents(replica)).toEqual(await contents(primary))
      }
      expect(await info(primary, 'sync_full')).toBe('1')
      expect(await info(primary, 'sync_partial_ok')).toBe('3')
    })

    test('[REP3] a replica that missed more than the backlog holds gets everything', async () => {
      const { primary, replica } = await shard(primaryIs, { 'repl-backlog-size': '16384' })
      await replica.start()
      await caughtUp(primary, replica)
      // One step on the primary: the replica cannot come back in between.
      await primary.client.call('SELECT', '1')
      await primary.client.call('MULTI')
      await primary.client.call('CLIENT', 'KILL', 'TYPE', 'replica')
      for (let i = 0; i < 10; i++) await primary.client.call('SET', `{a}${i}`, 'x'.repeat(50_000))
      await primary.client.call('EXEC')
      await caughtUp(primary, replica)
      expect(await contents(replica)).toEqual(await contents(primary))
      expect(await info(primary, 'sync_full')).toBe('2')
    })

    test('[REP12] after many writes of every type, with deadlines that pass, both hold the same', async () => {
      const { primary, replica } = await shard(primaryIs)
      await replica.start()
      await caughtUp(primary, replica)
      const random = new Random(1)
      for (let i = 0; i < 4_000; i++) {
        if (i % 500 === 0) await primary.client.call('SELECT', String(random.below(DATABASES)))
        const reply = flat(await primary.client.call(...randomWrite(random, Date.now())))
        expect(reply).not.toMatch(/^ERR (unknown|syntax|wrong number)/)
      }
      await caughtUp(primary, replica)
      // What passes while we look is gone on both sides in the end.
      await eventually(async () => {
        const [held, replicated] = [await contents(primary), await contents(replica)]
        return held.length > 0 && held.join('\n') === replicated.join('\n')
      }, 'both hold the same')
      expect(await info(primary, 'sync_full')).toBe('1')
    })

    test('[REP6] WAIT returns when the replica has what was written', async () => {
      const { primary, replica } = await shard(primaryIs)
      await replica.start()
      await caughtUp(primary, replica)
      await eventually(async () => (await info(primary, 'slave0'))?.includes('state=online') ?? false, 'the replica is online')
      for (let i = 0; i < 5; i++) {
        await primary.client.call('SET', 'w', String(i))
        expect(await primary.client.call('WAIT', '1', '5000')).toBe(':1')
      }
      await primary.client.call('SET', 'w', 'last')
      expect(await primary.client.call('WAIT', '2', '50')).toBe(':1')
    })
  })

  test.each([
    ['real', { 'repl-diskless-sync': 'no' }],
    ['real', { 'repl-diskless-sync': 'no', rdbcompression: 'no', rdbchecksum: 'no' }],
    ['real', { 'dual-channel-replication-enabled': 'yes' }],
    ['ours', { 'dual-channel-replication-enabled': 'yes' }],
    ['ours', { 'repl-diskless-load': 'swapdb' }]
  ] as const)('[REP2] a full sync, the primary is %s, and the real one has %j', async (primaryIs, realSettings) => {
    const { primary, replica } = await shard(primaryIs, {}, realSettings)
    await fill(primary.client, 'before')
    await replica.start()
    await fill(primary.client, 'during')
    await caughtUp(primary, replica)
    expect(await contents(replica)).toEqual(await contents(primary))
  })

  test('[REP3] our node follows the real replica that took its place, from where it stands', async () => {
    const { primary: ours, replica: real } = await shard('ours')
    await real.start()
    await fill(ours.client, 'before')
    await caughtUp(ours, real)
    expect(await ask(real.port, 'CLUSTER', 'FAILOVER', 'TAKEOVER')).toBe('OK')
    await eventually(async () => (await info(ours, 'role')) === 'slave', 'our node is a replica')
    await eventually(async () => (await ask(real.port, 'SET', 'after', '1')) === 'OK', 'the real one serves')
    await fill(real.client, 'after')
    await caughtUp(real, ours)
    expect(await contents(ours)).toEqual(await contents(real))
    expect(await info(real, 'sync_partial_ok')).toBe('1')
    expect(await info(real, 'sync_full')).toBe('0')
  })

  test('[RDB2] what one server DUMPs the other RESTOREs, every type both ways', async () => {
    const { primary: ours } = await shard('ours')
    const { primary: real } = await shard('real')
    await fill(ours.client, 'x')
    const expected = (await contents(ours)).filter((line) => line.split(' ')[1] === '0')
    for (const client of [ours.client, real.client]) await client.call('SELECT', '0')
    const keys = await ours.client.call('KEYS', '*')
    const names = typeof keys === 'string' ? [] : keys.items.map(flat)
    expect(names.length).toBe(17)
    await real.client.call('FLUSHALL')
    for (const name of names) {
      const deadline = flat(await ours.client.call('PEXPIRETIME', name))
      const payload = flat(await ours.client.call('DUMP', name))
      expect(flat(await real.client.call('RESTORE', name, deadline === '-1' ? '0' : deadline, payload, 'ABSTTL')), name).toBe('OK')
    }
    expect(await contents(real)).toEqual(expected)
    await ours.client.call('FLUSHALL')
    for (const name of names) {
      const deadline = flat(await real.client.call('PEXPIRETIME', name))
      const payload = flat(await real.client.call('DUMP', name))
      expect(flat(await ours.client.call('RESTORE', name, deadline === '-1' ? '0' : deadline, payload, 'ABSTTL')), name).toBe('OK')
    }
    expect(await contents(ours)).toEqual(expected)
  })
})
