import { createPrivateKey, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { MemoryDisk, NodeServer } from '@slotscope/engine/tcp'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { freeTestPorts } from '../../../packages/engine/test/test-ports.ts'
import { ask, eventually, flat, WireClient } from '../../../packages/engine/test/valkey-node.ts'
import { TlsFolder } from './support/tls-folder.ts'

let folder: TlsFolder
beforeAll(async () => {
  folder = await TlsFolder.make()
})
afterAll(() => folder.close())

const closing: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close()
})

/** A node with a port for TLS right after its plain one; `config` comes on top of the folder's settings. */
async function start(
  config: Readonly<Record<string, string>> = {},
  plain = true
): Promise<{ port: number; tlsPort: number; log: string[] }> {
  const port = await freeTestPorts(2)
  const log: string[] = []
  const server = new NodeServer({
    bind: '127.0.0.1',
    port: plain ? port : 0,
    seed: port,
    disk: new MemoryDisk(),
    config: { 'cluster-enabled': 'no', 'tls-port': String(port + 1), ...folder.settings, ...config },
    log: (_, text) => log.push(text)
  })
  closing.push(server)
  await server.listen()
  return { port, tlsPort: port + 1, log }
}

async function call(client: Promise<WireClient>, ...command: string[]): Promise<string> {
  const connected = await client
  closing.push(connected)
  return flat(await connected.call(...command))
}

describe('clients over TLS', () => {
  test('are served, in large pieces too, beside those who come plainly', async () => {
    const { port, tlsPort } = await start()
    const large = 'x'.repeat(3_000_000)
    const client = await folder.connect(tlsPort, 'client')
    closing.push(client)
    expect(flat(await client.call('SET', 'k', large))).toBe('OK')
    expect(flat(await client.call('GET', 'k')) === large).toBe(true)
    expect(await ask(port, 'STRLEN', 'k')).toBe('3000000')
    expect(await ask(port, 'INFO', 'server')).toContain(
      `listener0:name=tcp,bind=127.0.0.1,port=${port}\r\nlistener1:name=tls,bind=127.0.0.1,port=${tlsPort}\r\n`
    )
  })

  test('are all that there are where port is 0', async () => {
    const { port, tlsPort } = await start({}, false)
    expect(await call(folder.connect(tlsPort, 'client'), 'INFO', 'server')).toContain(`tcp_port:${tlsPort}\r\n`)
    await expect(ask(port, 'PING')).rejects.toThrow()
  })

  test.each([
    ['yes', { client: true, nobody: false, stranger: false }],
    ['optional', { client: true, nobody: true, stranger: false }],
    ['no', { client: true, nobody: true, stranger: true }]
  ])('tls-auth-clients %s lets in %j', async (value, allowed) => {
    const { tlsPort } = await start({ 'tls-auth-clients': value })
    const isIn = (name?: string) =>
      folder.connect(tlsPort, name).then(
        (client) => {
          client.close()
          return true
        },
        () => false
      )
    expect({ client: await isIn('client'), nobody: await isIn(), stranger: await isIn('stranger') }).toEqual(allowed)
    // It may be changed while the node runs.
    expect(await call(folder.connect(tlsPort, 'client'), 'CONFIG', 'SET', 'tls-auth-clients', 'no')).toBe('OK')
    expect(await isIn()).toBe(true)
  })

  test('speak a version that is allowed', async () => {
    const { tlsPort } = await start({ 'tls-protocols': 'TLSv1.3' })
    await expect(folder.connect(tlsPort, 'client', { maxVersion: 'TLSv1.2' })).rejects.toThrow(/alert protocol version/)
    expect(await call(folder.connect(tlsPort, 'client', { minVersion: 'TLSv1.3' }), 'CONFIG', 'SET', 'tls-protocols', 'TLSv1.2')).toBe('OK')
    await expect(folder.connect(tlsPort, 'client', { minVersion: 'TLSv1.3' })).rejects.toThrow(/alert protocol version/)
    expect(await call(folder.connect(tlsPort, 'client'), 'PING')).toBe('PONG')
  })

  test('with a cipher that is allowed', async () => {
    const { tlsPort } = await start({ 'tls-ciphers': 'ECDHE-ECDSA-AES256-GCM-SHA384', 'tls-protocols': 'TLSv1.2' })
    await expect(folder.connect(tlsPort, 'client', { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).rejects.toThrow(/handshake failure/)
    expect(await call(folder.connect(tlsPort, 'client', { ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' }), 'PING')).toBe('PONG')
  })

  test('who say nonsense, nothing or half of it lose their connection, and nobody else does', async () => {
    const { tlsPort, log } = await start()
    const client = await folder.connect(tlsPort, 'client')
    closing.push(client)
    const said: Promise<void>[] = []
    for (const bytes of ['PING\r\n', randomBytes(500), Buffer.from('160301', 'hex'), '']) {
      const socket = connect(tlsPort, '127.0.0.1')
      said.push(new Promise((resolve) => socket.on('error', () => {}).once('close', () => resolve())))
      socket.resume()
      socket.write(bytes)
      if (bytes.length < 5) setTimeout(() => socket.resetAndDestroy(), 20)
    }
    await Promise.all(said)
    expect(flat(await client.call('PING'))).toBe('PONG')
    await eventually(async () => log.some((line) => line.startsWith('Error accepting a client connection: ')), 'the log tells of it')
  })
})

describe('certificates', () => {
  test('are read anew by CONFIG SET, under their old name too; who is connected stays', async () => {
    const { port, tlsPort } = await start()
    const client = await folder.connect(tlsPort, 'client')
    closing.push(client)
    expect(await folder.shownAt(tlsPort)).toBe('server')
    const second = ['tls-cert-file', folder.file('second.crt'), 'tls-key-file', folder.file('second.key')]
    expect(await ask(port, 'CONFIG', 'SET', ...second)).toBe('OK')
    expect(await folder.shownAt(tlsPort)).toBe('second')
    const [cert, key] = ['second.crt', 'second.key'].map((name) => readFileSync(folder.file(name), 'utf8')) as [string, string]
    try {
      folder.write('second.crt', readFileSync(folder.file('server.crt'), 'utf8'))
      folder.write('second.key', readFileSync(folder.file('server.key'), 'utf8'))
      expect(await ask(port, 'CONFIG', 'SET', 'tls-cert-file', folder.file('second.crt'))).toBe('OK')
      expect(await folder.shownAt(tlsPort)).toBe('server')
    } finally {
      folder.write('second.crt', cert)
      folder.write('second.key', key)
    }
    expect(flat(await client.call('PING'))).toBe('PONG')
  })

  test('that cannot be used change nothing', async () => {
    const { port, tlsPort, log } = await start()
    for (const [name, value] of [
      ['tls-cert-file', folder.file('nosuch.crt')],
      ['tls-key-file', folder.file('client.key')],
      ['tls-ca-cert-file', folder.file('nosuch.crt')],
      ['tls-protocols', 'TLSv9'],
      ['tls-ciphers', 'NOSUCH']
    ] as const) {
      const before = await ask(port, 'CONFIG', 'GET', name)
      expect(await ask(port, 'CONFIG', 'SET', 'maxclients', '77', name, value)).toBe(
        `ERR CONFIG SET failed (possibly related to argument '${name}') - Unable to update TLS configuration. Check server logs.`
      )
      expect(await ask(port, 'CONFIG', 'GET', name)).toBe(before)
    }
    expect(await ask(port, 'CONFIG', 'GET', 'maxclients')).toBe('maxclients 10000')
    expect(log).toContain(`Failed to load certificate: ${folder.file('nosuch.crt')}: No such file or directory`)
    expect(await call(folder.connect(tlsPort, 'client'), 'PING')).toBe('PONG')
  })

  test('of a folder count, and a key may have a password', async () => {
    mkdirSync(folder.file('authorities/inner'), { recursive: true })
    folder.write('authorities/ca.pem', readFileSync(folder.file('ca.crt'), 'utf8'))
    folder.write('authorities/README', 'no certificate')
    const key = createPrivateKey(readFileSync(folder.file('server.key')))
    const locked = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' })
    folder.write('locked.key', String(locked))
    const settings = { 'tls-ca-cert-file': '', 'tls-ca-cert-dir': folder.file('authorities'), 'tls-key-file': folder.file('locked.key') }
    const { tlsPort } = await start({ ...settings, 'tls-key-file-pass': 'open sesame' })
    expect(await call(folder.connect(tlsPort, 'client'), 'PING')).toBe('PONG')
    await expect(folder.connect(tlsPort, 'stranger')).rejects.toThrow()
    await expect(start({ ...settings, 'tls-key-file-pass': 'wrong' })).rejects.toThrow('Failed to configure TLS. Check logs for more info.')
  })
})

describe('between nodes', () => {
  const SETTINGS = { 'cluster-enabled': 'yes', 'cluster-node-timeout': '2000', 'tls-cluster': 'yes', 'tls-replication': 'yes' }

  test('bus and replication are over TLS, and clients hear of the port of their own kind', async () => {
    const primary = await start(SETTINGS)
    const replica = await start(SETTINGS)
    await ask(primary.port, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    expect(await ask(replica.port, 'CLUSTER', 'MEET', '127.0.0.1', String(primary.tlsPort))).toBe('OK')
    const id = await ask(primary.port, 'CLUSTER', 'MYID')
    await eventually(async () => (await ask(replica.port, 'CLUSTER', 'REPLICATE', id)) === 'OK', 'they know each other')
    await eventually(async () => (await ask(primary.port, 'SET', 'k', 'v')) === 'OK', 'the primary serves')
    await eventually(async () => (await ask(primary.port, 'WAIT', '1', '1000')) === '1', 'the replica has it')
    expect(await ask(replica.port, 'INFO', 'replication')).toContain(`master_port:${primary.tlsPort}\r\n`)
    expect(await ask(primary.port, 'INFO', 'replication')).toContain(`port=${replica.tlsPort},state=online`)
    // Nothing of a cluster is spoken plainly.
    const plain = new WireClient(primary.tlsPort + 10_000)
    closing.push(plain)
    await expect(plain.call('RCmb')).rejects.toThrow(/closed/)

    expect(await ask(replica.port, 'GET', 'k')).toBe(`MOVED 7629 127.0.0.1:${primary.port}`)
    expect(await call(folder.connect(replica.tlsPort, 'client'), 'GET', 'k')).toBe(`MOVED 7629 127.0.0.1:${primary.tlsPort}`)
    const bus = primary.tlsPort + 10_000
    expect(await ask(replica.port, 'CLUSTER', 'NODES')).toContain(`${id} 127.0.0.1:${primary.port}@${bus} master`)
    expect(await call(folder.connect(replica.tlsPort, 'client'), 'CLUSTER', 'NODES')).toContain(
      `${id} 127.0.0.1:${primary.tlsPort}@${bus} master`
    )
    expect(await ask(replica.port, 'CLUSTER', 'SLOTS')).toContain(`127.0.0.1 ${primary.port} ${id}`)
    expect(await call(folder.connect(replica.tlsPort, 'client'), 'CLUSTER', 'SLOTS')).toContain(`127.0.0.1 ${primary.tlsPort} ${id}`)
    expect(await ask(replica.port, 'CLUSTER', 'SHARDS')).toContain(`id ${id} port ${primary.port} tls-port ${primary.tlsPort} ip 127.0.0.1`)
  })
})
