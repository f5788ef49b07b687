import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MemoryDisk, NodeServer } from '@slotscope/engine/tcp'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { freeTestPorts } from '../../../packages/engine/test/test-ports.ts'
import { ask, eventually, flat, hasValkey, ValkeyNode, type WireClient } from '../../../packages/engine/test/valkey-node.ts'
import { TlsFolder } from './support/tls-folder.ts'

const valkeyServer = process.env.VALKEY_SERVER ?? fileURLToPath(new URL('../../../.valkey/bin/valkey-server', import.meta.url))
const cli = join(dirname(valkeyServer), 'valkey-cli')

/** Our node and a real one that talk over TLS, and the reference's own client. */
describe.runIf(hasValkey())('over TLS, with real servers and tools', () => {
  let folder: TlsFolder
  beforeAll(async () => {
    folder = await TlsFolder.make()
  })
  afterAll(() => folder.close())

  const closing: { close(): unknown }[] = []
  afterEach(async () => {
    for (const one of closing.splice(0).reverse()) await one.close()
  })

  type Kind = 'ours' | 'real'

  /** A node with a plain port and one for TLS, `port + 1`. */
  async function start(kind: Kind, port: number, config: Readonly<Record<string, string>>): Promise<void> {
    const settings = { 'tls-port': String(port + 1), ...folder.settings, ...config }
    if (kind === 'real') closing.push(await ValkeyNode.start(port, settings))
    else {
      const server = new NodeServer({ bind: '127.0.0.1', port, seed: port, disk: new MemoryDisk(), config: settings })
      closing.push(server)
      await server.listen()
    }
  }

  async function secure(port: number): Promise<WireClient> {
    const client = await folder.connect(port + 1, 'client')
    closing.push(client)
    return client
  }

  const roles: [Kind, Kind][] = [
    ['ours', 'real'],
    ['real', 'ours']
  ]

  test.each(roles)('%s has a replica outside of a cluster, %s', async (first, second) => {
    const base = await freeTestPorts(4)
    await start(first, base, { 'cluster-enabled': 'no', 'tls-replication': 'yes' })
    await ask(base, 'SET', 'k', 'v')
    await start(second, base + 2, { 'cluster-enabled': 'no', 'tls-replication': 'yes', replicaof: `127.0.0.1 ${base + 1}` })
    await eventually(async () => (await ask(base + 2, 'INFO', 'replication')).includes('master_link_status:up'), 'the replica follows')
    expect(await ask(base + 2, 'GET', 'k')).toBe('v')
    await eventually(
      async () => (await ask(base, 'INFO', 'replication')).includes(`port=${base + 3},state=online`),
      'the primary counts it'
    )
    expect(flat(await (await secure(base)).call('WAIT', '1', '2000'))).toBe('1')
  })

  test.each(roles)('%s is met by %s over a bus of TLS, gives it a replica, and both name the ports alike', async (first, second) => {
    const base = await freeTestPorts(4)
    const config = { 'cluster-databases': '4', 'cluster-node-timeout': '2000', 'tls-cluster': 'yes', 'tls-replication': 'yes' }
    await start(first, base, config)
    await start(second, base + 2, config)
    await ask(base, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await ask(base + 2, 'CLUSTER', 'MEET', '127.0.0.1', String(base + 1))
    const id = await ask(base, 'CLUSTER', 'MYID')
    await eventually(async () => (await ask(base + 2, 'CLUSTER', 'REPLICATE', id)) === 'OK', 'they know each other')
    await eventually(async () => (await ask(base, 'SET', 'k', 'v')) === 'OK', 'the primary serves')
    await eventually(async () => (await ask(base, 'WAIT', '1', '1000')) === '1', 'the replica has it')
    for (const at of [base, base + 2]) {
      const isNamed = async () => (await ask(at, 'CLUSTER', 'SLOTS')).includes(`127.0.0.1 ${base + 2} `)
      await eventually(isNamed, `the node at ${at} counts the replica as one`)
    }
    // Each of the two says the same of both, to clients of either kind.
    for (const kind of ['plain', 'secure']) {
      const from = async (port: number, ...command: string[]) =>
        kind === 'plain' ? ask(port, ...command) : flat(await (await secure(port)).call(...command))
      const port = kind === 'plain' ? 0 : 1
      expect(await from(base + 2, 'GET', 'k'), kind).toBe(`MOVED 7629 127.0.0.1:${base + port}`)
      for (const at of [base, base + 2]) {
        const nodes = await from(at, 'CLUSTER', 'NODES')
        expect(nodes, kind).toContain(`127.0.0.1:${base + port}@${base + 10_001}`)
        expect(nodes, kind).toContain(`127.0.0.1:${base + 2 + port}@${base + 10_003}`)
        const slots = await from(at, 'CLUSTER', 'SLOTS')
        expect(slots, kind).toContain(`127.0.0.1 ${base + port} ${id}`)
        expect(slots, kind).toContain(`127.0.0.1 ${base + 2 + port} `)
        const shards = await from(at, 'CLUSTER', 'SHARDS')
        expect(shards, kind).toContain(`port ${base} tls-port ${base + 1} `)
        expect(shards, kind).toContain(`port ${base + 2} tls-port ${base + 3} `)
      }
    }
  })

  test.each(roles)('slots move from %s to %s', async (first, second) => {
    const base = await freeTestPorts(4)
    const config = { 'cluster-databases': '4', 'cluster-node-timeout': '2000', 'tls-cluster': 'yes', 'tls-replication': 'yes' }
    await start(first, base, config)
    await start(second, base + 2, config)
    await ask(base, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16382')
    await ask(base + 2, 'CLUSTER', 'ADDSLOTSRANGE', '16383', '16383')
    await ask(base + 2, 'CLUSTER', 'MEET', '127.0.0.1', String(base + 1))
    await eventually(async () => (await ask(base, 'SET', 'k', 'v')) === 'OK', 'the source serves')
    const target = await ask(base + 2, 'CLUSTER', 'MYID')
    await eventually(
      async () => (await ask(base, 'CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', '7629', '7629', 'NODE', target)) === 'OK',
      'the job begins'
    )
    await eventually(async () => (await ask(base + 2, 'GET', 'k')) === 'v', 'the target has the slot')
  })

  test('valkey-cli', async () => {
    const base = await freeTestPorts(2)
    await start('ours', base, { 'cluster-enabled': 'no' })
    const run = (name: string, ...words: string[]) =>
      spawnCli([
        '-p',
        String(base + 1),
        '--tls',
        '--cacert',
        folder.file('ca.crt'),
        '--cert',
        folder.file(`${name}.crt`),
        '--key',
        folder.file(`${name}.key`),
        ...words
      ])
    expect(await run('client', 'SET', 'k', 'v')).toEqual({ status: 0, stdout: 'OK\n', stderr: '' })
    expect((await run('client', '--bigkeys')).stdout).toContain('Biggest string found')
    expect((await run('stranger', 'GET', 'k')).stdout).not.toContain('v\n')
    expect((await run('client', 'GET', 'k')).stdout).toBe('v\n')
  })
})

/** The node that it talks to lives in this process, which must not stand still meanwhile. */
function spawnCli(args: readonly string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(cli, args, { timeout: 10_000 })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, stdout, stderr })))
}
