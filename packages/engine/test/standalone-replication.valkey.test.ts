import { afterEach, describe, expect, test } from 'vitest'
import { Random } from '../src/core/prng.ts'
import { MemoryDisk, NodeServer } from '../src/hosts/tcp/index.ts'
import { randomWrite } from './random-writes.ts'
import { freeTestPorts } from './test-ports.ts'
import { ask, eventually, flat, hasValkey, ValkeyNode, WireClient } from './valkey-node.ts'

/** Our node and a real one outside of a cluster, one as the replica of the other, over real sockets. */
describe.runIf(hasValkey())('[DB3] a node alone and a valkey-server replicate each other', () => {
  const closing: { close(): unknown }[] = []

  afterEach(async () => {
    for (const one of closing.splice(0).reverse()) await one.close()
  })

  function closed<T extends { close(): unknown }>(one: T): T {
    closing.push(one)
    return one
  }

  const ALONE = { 'cluster-enabled': 'no', databases: '16' }

  async function start(kind: 'ours' | 'real', port: number, settings: Readonly<Record<string, string>> = {}): Promise<WireClient> {
    if (kind === 'real') closed(await ValkeyNode.start(port, { ...ALONE, ...settings }))
    else {
      const server = new NodeServer({ bind: '127.0.0.1', port, seed: port, disk: new MemoryDisk(), config: { ...ALONE, ...settings } })
      await closed(server).listen()
    }
    return closed(new WireClient(port))
  }

  const info = async (client: WireClient, field: string) =>
    new RegExp(`(?:^|\\n)${field}:(.*?)\\r`).exec(flat(await client.call('INFO', 'everything')))?.[1]

  async function caughtUp(primary: WireClient, replica: WireClient): Promise<void> {
    await eventually(
      async () =>
        (await info(replica, 'master_link_status')) === 'up' &&
        (await info(replica, 'master_repl_offset')) === (await info(primary, 'master_repl_offset')),
      'the replica has caught up'
    )
  }

  /** Strings of every database, with their deadlines. */
  async function contents(client: WireClient): Promise<string[]> {
    const lines: string[] = []
    for (let database = 0; database < 16; database++) {
      await client.call('SELECT', String(database))
      const keys = await client.call('KEYS', '*')
      for (const key of typeof keys === 'string' ? [] : keys.items.map(flat)) {
        const dumped =
          flat(await client.call('TYPE', key)) === 'string' ? flat(await client.call('GET', key)) : flat(await client.call('TYPE', key))
        lines.push(`${database} ${key} ${flat(await client.call('PEXPIRETIME', key))} ${dumped}`)
      }
    }
    return lines.sort()
  }

  const roles = [
    ['ours', 'real'],
    ['real', 'ours']
  ] as const

  test.each(roles)('%s is the primary, %s the replica: datasets, SELECT, SWAPDB, messages', async (first, second) => {
    const [firstPort = 0, secondPort = 0] = [await freeTestPorts(2)].flatMap((port) => [port, port + 1])
    const primary = await start(first, firstPort)
    await primary.call('SET', 'before', 'v')
    await primary.call('SELECT', '7')
    await primary.call('SET', 'before', 'seven')
    await primary.call('SWAPDB', '7', '3')
    const replica = await start(second, secondPort)
    expect(flat(await replica.call('REPLICAOF', '127.0.0.1', String(firstPort)))).toBe('OK')
    expect(flat(await replica.call('REPLICAOF', '127.0.0.1', String(firstPort)))).toBe('OK Already connected to specified master')
    await caughtUp(primary, replica)
    expect(flat(await replica.call('CONFIG', 'GET', 'replicaof'))).toBe(`replicaof 127.0.0.1 ${firstPort}`)
    const listener = closed(new WireClient(secondPort))
    await listener.call('SUBSCRIBE', 'channel')

    const random = new Random(firstPort)
    for (let round = 0; round < 200; round++) {
      await primary.call('SELECT', String(random.below(16)))
      // What goes by itself would be there on one side and gone on the other.
      const write = randomWrite(random, Date.now())
      if (!write.some((part) => /EX$|PX|EXPIRE/.test(part))) await primary.call(...write)
      if (round % 20 === 0) await primary.call('SWAPDB', String(random.below(16)), String(random.below(16)))
    }
    await primary.call('MULTI')
    await primary.call('SELECT', '2')
    await primary.call('SET', 'x', 'y')
    await primary.call('SWAPDB', '2', '9')
    await primary.call('SET', 'z', 'y')
    await primary.call('EXEC')
    await primary.call('PUBLISH', 'channel', 'hello')
    expect(flat(await listener.next())).toBe('message channel hello')
    await caughtUp(primary, replica)
    expect(await contents(replica)).toEqual(await contents(primary))
    expect((await contents(primary)).length).toBeGreaterThan(3)

    // A replica takes no writes, and sends on who says that it understands.
    expect(flat(await replica.call('SET', 'a', 'b'))).toBe("READONLY You can't write against a read only replica.")
    const knowing = closed(new WireClient(secondPort))
    await knowing.call('CLIENT', 'CAPA', 'redirect')
    for (const command of [['GET', 'a'], ['SET', 'a', 'b'], ['DBSIZE'], ['FLUSHALL']])
      expect(flat(await knowing.call(...command)), command.join(' ')).toBe(`REDIRECT 127.0.0.1:${firstPort}`)
    expect(flat(await knowing.call('PING'))).toBe('PONG')
    await knowing.call('MULTI')
    expect(flat(await knowing.call('GET', 'a'))).toBe(`REDIRECT 127.0.0.1:${firstPort}`)
    expect(flat(await knowing.call('EXEC'))).toMatch(/^(EXECABORT|ERR EXEC without MULTI)/)
    await knowing.call('READONLY')
    expect(await knowing.call('GET', 'nosuch')).toBe('(nil)')
    expect(flat(await knowing.call('SET', 'a', 'b'))).toBe(`REDIRECT 127.0.0.1:${firstPort}`)

    const promotion = flat(await replica.call('REPLICAOF', 'NO', 'ONE'))
    expect([promotion, flat(await replica.call('SET', 'a', 'b')), await info(replica, 'role')]).toEqual(['OK', 'OK', 'master'])
    expect(flat(await replica.call('CONFIG', 'GET', 'replicaof')).trim()).toBe('replicaof')
  })

  test.each(roles)('%s has a replica by its configuration, %s', async (first, second) => {
    const [firstPort = 0, secondPort = 0] = [await freeTestPorts(2)].flatMap((port) => [port, port + 1])
    const primary = await start(first, firstPort)
    await primary.call('CONFIG', 'SET', 'requirepass', 'secret')
    await primary.call('AUTH', 'secret')
    await primary.call('SET', 'k', 'v')
    const replica = await start(second, secondPort, { replicaof: `127.0.0.1 ${firstPort}`, primaryauth: 'secret' })
    await caughtUp(primary, replica)
    expect(flat(await replica.call('ROLE'))).toMatch(new RegExp(`^slave 127.0.0.1 ${firstPort} connected \\d+$`))
    // A primary counts who follows once it has heard of it.
    const isCounted = new RegExp(`^master \\d+ 127.0.0.1 ${secondPort} \\d+$`)
    await eventually(async () => isCounted.test(flat(await primary.call('ROLE'))), 'the primary counts its replica')
    expect(flat(await replica.call('GET', 'k'))).toBe('v')
    expect(await ask(secondPort, 'HELLO')).toContain('mode standalone role replica')
  })
})
