import { afterEach, describe, expect, test } from 'vitest'
import { keySlot } from '../src/core/cluster/slot.ts'
import { MemoryDisk, NodeServer } from '../src/hosts/tcp/index.ts'
import { freeTestPorts } from './test-ports.ts'
import { ask, eventually, flat, hasValkey, ValkeyNode, WireClient } from './valkey-node.ts'

/** Slots between our node and a real one, and the operator's commands beside the real server's. */
describe.runIf(hasValkey())('slot migration beside valkey-server', () => {
  const closing: { close(): unknown }[] = []

  afterEach(async () => {
    for (const one of closing.splice(0).reverse()) await one.close()
  })

  const ports = () => freeTestPorts(3)

  async function ours(port: number): Promise<void> {
    const server = new NodeServer({
      bind: '127.0.0.1',
      port,
      seed: port,
      disk: new MemoryDisk(),
      config: { 'cluster-node-timeout': '2000', 'cluster-databases': '4' }
    })
    closing.push(server)
    await server.listen()
  }

  async function real(port: number): Promise<void> {
    closing.push(await ValkeyNode.start(port, { 'cluster-node-timeout': '2000', 'cluster-databases': '4' }))
  }

  /** Two nodes, the first with slots 0-9999 and the second with the rest; both agree. */
  async function joined(first: number, second: number): Promise<void> {
    await ask(first, 'CLUSTER', 'ADDSLOTSRANGE', '0', '9999')
    await ask(second, 'CLUSTER', 'ADDSLOTSRANGE', '10000', '16383')
    await ask(first, 'CLUSTER', 'MEET', '127.0.0.1', String(second))
    for (const port of [first, second]) {
      await eventually(async () => (await ask(port, 'CLUSTER', 'INFO')).includes('cluster_state:ok'), `${port} is ok`)
      await eventually(
        async () =>
          (await ask(port, 'CLUSTER', 'SLOTS')).includes('10000 16383') && (await ask(port, 'CLUSTER', 'SLOTS')).includes('0 9999'),
        `${port} knows all owners`
      )
    }
  }

  async function stateOf(port: number, name: string): Promise<string> {
    const list = await ask(port, 'CLUSTER', 'GETSLOTMIGRATIONS')
    const job = list.slice(list.indexOf(name))
    return /state (\S+)/.exec(job)?.[1] ?? ''
  }

  const tag = (low: number, high: number) => {
    for (let i = 0; ; i++) if (keySlot(Buffer.from(`k${i}`)) >= low && keySlot(Buffer.from(`k${i}`)) <= high) return `{k${i}}`
  }

  test('[MIG1] MIGRATESLOTS answers wrong arguments as valkey-server does', async () => {
    const base = await ports()
    await ours(base)
    await real(base + 1)
    await joined(base, base + 1)
    const idOf = async (port: number) => ask(port, 'CLUSTER', 'MYID')
    const ourId = await idOf(base)
    const realId = await idOf(base + 1)
    // Each case asks both nodes about slots of their own; M is the node's own id, O the other's; s+n is the node's nth slot.
    const cases: readonly string[] = [
      '',
      'SLOTSRANGE',
      'SLOTSRANGE 1',
      'FOO 1 2 NODE O',
      'SLOTSRANGE s+0 s+1',
      'SLOTSRANGE s+0 s+1 NODE',
      'SLOTSRANGE s+0 s+1 OTHER O',
      'SLOTSRANGE 16384 16385 NODE O',
      'SLOTSRANGE -1 5 NODE O',
      'SLOTSRANGE s+0 99999 NODE O',
      'SLOTSRANGE s+0 NODE O',
      'SLOTSRANGE s+0 x NODE O',
      'SLOTSRANGE s+5 s+3 NODE O',
      'SLOTSRANGE NODE O',
      'SLOTSRANGE 9990 10010 NODE O',
      'SLOTSRANGE s+1 s+3 s+2 s+4 NODE O',
      'SLOTSRANGE s+0 s+1 NODE O SLOTSRANGE s+1 s+2 NODE O',
      'SLOTSRANGE s+0 s+1 NODE abc',
      'SLOTSRANGE s+0 s+1 NODE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      'SLOTSRANGE s+0 s+1 NODE M',
      'SLOTSRANGE t+0 t+1 NODE O',
      'slotsrange s+0 s+1 node M'
    ]
    const askCase = async (port: number, text: string, own: number, other: number, me: string, you: string) => {
      const words = text
        .split(' ')
        .filter(Boolean)
        .map((word) =>
          word.replace(/^s\+(\d)$/, (_, n) => String(own + Number(n))).replace(/^t\+(\d)$/, (_, n) => String(other + Number(n)))
        )
        .map((word) => (word === 'M' ? me : word === 'O' ? you : word))
      // Texts that name slots by number are compared with both nodes' own written alike.
      return (await ask(port, 'CLUSTER', 'MIGRATESLOTS', ...words)).replace(/\b(500|1200)(\d)\b/g, 's$2')
    }
    for (const text of cases) {
      const answered = await askCase(base, text, 5000, 12_000, ourId, realId)
      const expected = await askCase(base + 1, text, 12_000, 5000, realId, ourId)
      expect(answered, `MIGRATESLOTS ${text}`).toBe(expected)
      expect(answered.startsWith('ERR'), `MIGRATESLOTS ${text}: ${answered}`).toBe(true)
    }
    expect(await ask(base, 'CLUSTER', 'CANCELSLOTMIGRATIONS')).toBe(await ask(base + 1, 'CLUSTER', 'CANCELSLOTMIGRATIONS'))
    for (const sub of ['ACK', 'PAUSED', 'SNAPSHOT-EOF', 'REQUEST-PAUSE', 'REQUEST-FAILOVER', 'FAILOVER-GRANTED', 'NONSENSE']) {
      expect(await ask(base, 'CLUSTER', 'SYNCSLOTS', sub)).toBe(await ask(base + 1, 'CLUSTER', 'SYNCSLOTS', sub))
    }
    const finish = ['CLUSTER', 'SYNCSLOTS', 'FINISH', 'STATE', 'SUCCESS', 'NAME', 'a'.repeat(40)]
    expect(await ask(base, ...finish)).toBe(await ask(base + 1, ...finish))
  })

  /** All that a migration keeps of the streams: not how long ago consumers asked. */
  async function streamsOf(key: string, read: (...args: string[]) => Promise<string>): Promise<string[]> {
    const groups = (text: string) => text.replace(/ (seen|active)-time -?\d+/g, '')
    const info = async (name: string) => groups(await read('XINFO', 'STREAM', key + name, 'FULL', 'COUNT', '0'))
    return [await read('XRANGE', `${key}x`, '-', '+'), await info('x'), await info('empty')]
  }

  test.each(['from us to a real node', 'from a real node to us'])(
    '[MIG2] slots move %s, with every type, deadline and database',
    async (way) => {
      const base = await ports()
      const [source, target] = way === 'from us to a real node' ? [base, base + 1] : [base + 1, base]
      await ours(base)
      await real(base + 1)
      await joined(source, target)
      const key = tag(0, 999)
      const client = new WireClient(source)
      closing.push(client)
      const deadline = String(Date.now() + 3_600_000)
      await client.call('SELECT', '0')
      await client.call('SET', `${key}s`, 'text')
      await client.call('SET', `${key}e`, 'ends', 'PXAT', deadline)
      await client.call('RPUSH', `${key}l`, ...Array.from({ length: 150 }, (_, i) => String(i)))
      await client.call('SADD', `${key}set`, 'a', 'b', '3')
      await client.call('ZADD', `${key}z`, '1.5', 'm', '-inf', 'n')
      await client.call('HSET', `${key}h`, 'f', 'v', 'g', 'w')
      await client.call('HPEXPIREAT', `${key}h`, deadline, 'FIELDS', '1', 'f')
      for (let i = 1; i <= 150; i++) await client.call('XADD', `${key}x`, `${i}-1`, 'n', String(i), ...(i % 50 === 0 ? ['more', ''] : []))
      await client.call('XDEL', `${key}x`, '7-1', '150-1')
      await client.call('XGROUP', 'CREATE', `${key}x`, 'g', '0')
      await client.call('XREADGROUP', 'GROUP', 'g', 'alice', 'COUNT', '3', 'STREAMS', `${key}x`, '>')
      await client.call('XCLAIM', `${key}x`, 'g', 'bob', '0', '2-1', 'RETRYCOUNT', '9')
      await client.call('XGROUP', 'CREATECONSUMER', `${key}x`, 'g', 'carol')
      await client.call('XGROUP', 'CREATE', `${key}empty`, 'h', '9007199254740993-18446744073709551615', 'MKSTREAM', 'ENTRIESREAD', '5')
      const read =
        (client: WireClient) =>
        async (...args: string[]) =>
          flat(await client.call(...args))
      const streams = await streamsOf(key, read(client))
      await client.call('SELECT', '2')
      await client.call('SET', `${key}s`, 'in database 2')

      expect(await ask(source, 'CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', '0', '999', 'NODE', await ask(target, 'CLUSTER', 'MYID'))).toBe(
        'OK'
      )
      await eventually(
        async () => (await ask(source, 'CLUSTER', 'GETSLOTMIGRATIONS')).includes('state success'),
        'the source reports success'
      )
      const name = /name (\S+)/.exec(await ask(source, 'CLUSTER', 'GETSLOTMIGRATIONS'))?.[1] ?? ''
      expect(await stateOf(target, name)).toBe('success')

      expect(await ask(source, 'GET', `${key}s`)).toBe(`MOVED ${keySlot(Buffer.from(`${key}s`))} 127.0.0.1:${target}`)
      const there = new WireClient(target)
      closing.push(there)
      const readThere = read(there)
      expect(await readThere('GET', `${key}s`)).toBe('text')
      expect(await streamsOf(key, readThere)).toEqual(streams)
      expect(await readThere('PEXPIRETIME', `${key}e`)).toBe(deadline)
      expect(await readThere('LRANGE', `${key}l`, '0', '-1')).toBe(Array.from({ length: 150 }, (_, i) => String(i)).join(' '))
      expect((await readThere('SMEMBERS', `${key}set`)).split(' ').sort()).toEqual(['3', 'a', 'b'])
      expect(await readThere('ZRANGE', `${key}z`, '0', '-1', 'WITHSCORES')).toBe('n -inf m 1.5')
      expect(await readThere('HPEXPIRETIME', `${key}h`, 'FIELDS', '2', 'f', 'g')).toBe(`${deadline} -1`)
      expect(await readThere('HGET', `${key}h`, 'g')).toBe('w')
      await there.call('SELECT', '2')
      expect(await readThere('GET', `${key}s`)).toBe('in database 2')
      expect(await ask(source, 'DBSIZE')).toBe('0')
    }
  )

  test('[MIG3] slots go to and fro between us and a real node under writes, and no acknowledged write is lost', async () => {
    const base = await ports()
    await ours(base)
    await real(base + 1)
    await joined(base, base + 1)
    const key = tag(0, 999)
    let running = true
    let acknowledged = 0
    const writer = (async () => {
      let client = new WireClient(base)
      closing.push(client)
      while (running) {
        const reply = flat(await client.call('INCR', `${key}count`))
        if (reply.startsWith('MOVED')) {
          client.close()
          client = new WireClient(Number(reply.split(':')[1]))
          closing.push(client)
        } else {
          // Exactly one more than the last: nothing lost, nothing twice.
          expect(reply).toBe(String(++acknowledged))
        }
      }
    })()
    for (let round = 0; round < 4; round++) {
      const [source, target] = round % 2 === 0 ? [base, base + 1] : [base + 1, base]
      expect(await ask(source, 'CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', '0', '999', 'NODE', await ask(target, 'CLUSTER', 'MYID'))).toBe(
        'OK'
      )
      await eventually(async () => !(await ask(target, 'GET', `${key}count`)).startsWith('MOVED'), 'the target serves the slots')
      await eventually(async () => (await ask(source, 'GET', `${key}count`)).startsWith('MOVED'), 'the source has heard of it')
      const before = acknowledged
      await eventually(async () => acknowledged > before + 20, 'writes go on')
    }
    running = false
    await writer
    expect(acknowledged).toBeGreaterThan(100)
    expect(await ask(base, 'GET', `${key}count`)).toBe(String(acknowledged))
  })
})
