import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { ListenError, MemoryDisk, NodeServer, PortInUseError } from '../src/hosts/tcp/index.ts'
import { HandFedNode } from './hand-fed-node.ts'
import { freeTestPorts } from './test-ports.ts'
import { flat, WireClient } from './valkey-node.ts'

const closing: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close()
})

async function start(bind: string, port: number, config: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const log: string[] = []
  const server = new NodeServer({
    bind,
    port,
    seed: 1,
    disk: new MemoryDisk(),
    config: { 'cluster-enabled': 'no', ...config },
    log: (_, text) => log.push(text)
  })
  closing.push(server)
  await server.listen()
  return log
}

function client(at: number | string, host?: string): WireClient {
  const connected = new WireClient(at, host)
  closing.push(connected)
  return connected
}

/** An address of the range for documents, which no machine has. */
const NOBODYS = '192.0.2.1'

describe('a node listens', () => {
  test('at every address of bind, of both families, in a cluster for the bus too', async () => {
    const port = await freeTestPorts(1)
    await start('127.0.0.1 ::1', port, { 'cluster-enabled': 'yes' })
    expect(flat(await client(port).call('PING'))).toBe('PONG')
    const overIpv6 = client(port, '::1')
    expect(flat(await overIpv6.call('CLIENT', 'INFO'))).toMatch(new RegExp(`addr=\\[::1\\]:\\d+ laddr=\\[::1\\]:${port} `))
    expect(flat(await overIpv6.call('INFO', 'server'))).toContain(`listener0:name=tcp,bind=127.0.0.1,bind=::1,port=${port}\r\n`)
    for (const host of ['127.0.0.1', '::1']) await expect(listenAlone(host, port + 10_000), host).rejects.toThrow(/EADDRINUSE/)
  })

  test('at every address there is', async () => {
    const port = await freeTestPorts(1)
    await start('* -::*', port)
    expect(flat(await client(port).call('PING'))).toBe('PONG')
    expect(flat(await client(port, '127.0.0.2').call('PING'))).toBe('PONG')
    expect(flat(await client(port, '::1').call('PING'))).toBe('PONG')
  })

  test('without an address that may be missing, and not at all without one that may not', async () => {
    const port = await freeTestPorts(1)
    const warning = `Warning: Could not create server TCP listening socket ${NOBODYS}:${port}: Cannot assign requested address`
    expect(await start(`127.0.0.1 -${NOBODYS}`, port)).toContain(warning)
    expect(flat(await client(port).call('PING'))).toBe('PONG')
    const other = await freeTestPorts(1)
    await expect(start(`127.0.0.1 ${NOBODYS}`, other)).rejects.toThrow(
      new ListenError(`Failed listening on port ${other} (tcp), aborting.`)
    )
    // What had been opened before is free again.
    await start('127.0.0.1', other)
  })

  test('nowhere: that is an error', async () => {
    const words = 'Configured to not listen anywhere, exiting.'
    await expect(start('', await freeTestPorts(1))).rejects.toThrow(words)
    await expect(start(`-${NOBODYS}`, await freeTestPorts(1))).rejects.toThrow(words)
    await expect(start('127.0.0.1', 0)).rejects.toThrow(words)
  })

  test('at no port that somebody has', async () => {
    const port = await freeTestPorts(1)
    await start('127.0.0.1', port)
    await expect(start('127.0.0.1', port)).rejects.toThrow(PortInUseError)
  })

  test('at a socket in the file system, whose left-over file is no obstacle', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slotscope-socket-'))
    closing.push({ close: () => rmSync(folder, { recursive: true }) })
    const path = join(folder, 'node.sock')
    await start('127.0.0.1', 0, { unixsocket: path, unixsocketperm: '700', 'protected-mode': 'yes' })
    await closing.pop()?.close()
    await start('127.0.0.1', 0, { unixsocket: path, unixsocketperm: '700', 'protected-mode': 'yes' })
    expect(statSync(path).mode & 0o777).toBe(0o700)
    const local = client(path)
    expect(flat(await local.call('SET', 'k', 'v'))).toBe('OK')
    expect(flat(await local.call('CLIENT', 'INFO'))).toMatch(new RegExp(` addr=${path}:0 laddr=${path}:0 .* flags=U `))
    expect(flat(await local.call('CONFIG', 'GET', 'unixsocketperm'))).toBe('unixsocketperm 700')
  })
})

function listenAlone(host: string, port: number): Promise<void> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()))
  })
}

describe('protected-mode', () => {
  /** Links of a hand-fed node come from elsewhere. */
  const answerTo = (config: Readonly<Record<string, string>>, act?: (node: HandFedNode) => void) => {
    const node = new HandFedNode(config)
    act?.(node)
    const link = node.accept()
    return node.taken(link) || node.call(link, 'PING')
  }

  test('turns away who comes from elsewhere while nobody has to say who it is', () => {
    expect(answerTo({ 'protected-mode': 'yes' })).toMatch(
      /^-DENIED Running in protected mode because protected mode is enabled and no password/
    )
    expect(answerTo({ 'protected-mode': 'no' })).toBe('+PONG\r\n')
    expect(answerTo({ 'protected-mode': 'yes', requirepass: 'secret' })).toMatch(/^-NOAUTH/)
  })

  test('ends the connection and counts it', () => {
    const node = new HandFedNode({ 'protected-mode': 'yes' })
    const link = node.accept()
    expect(node.ended.has(link)).toBe(true)
    expect(node.node.stats.rejectedConnections).toBe(1)
    expect(node.node.clients.size).toBe(0)
  })
})

describe('maxclients', () => {
  test('turns away who comes when there are so many, and may be raised', () => {
    const node = new HandFedNode({ maxclients: '2' })
    const [first, second, third] = [node.accept(), node.accept(), node.accept()] as const
    expect(node.taken(third)).toBe('-ERR max number of clients reached\r\n')
    expect([node.ended.has(third), node.ended.has(second)]).toEqual([true, false])
    expect(node.call(first, 'CONFIG', 'SET', 'maxclients', '3')).toBe('+OK\r\n')
    expect(node.call(node.accept(), 'PING')).toBe('+PONG\r\n')
    node.cut(second)
    expect(node.call(node.accept(), 'PING')).toBe('+PONG\r\n')
  })
})

describe('timeout', () => {
  test('ends who says nothing for so long, and nobody who listens, waits or watches', () => {
    const node = new HandFedNode({ timeout: '3' })
    const says: Record<string, string[]> = {
      idle: ['PING'],
      subscriber: ['SUBSCRIBE', 'channel'],
      waiting: ['BLPOP', 'key', '0'],
      monitor: ['MONITOR'],
      busy: ['PING']
    }
    const links = Object.entries(says).map(([name, command]) => {
      const link = node.accept()
      node.call(link, ...command)
      return [name, link] as const
    })
    const busy = links.at(-1)?.[1] ?? 0
    for (let second = 0; second < 6; second++) {
      node.advance(1_000)
      node.call(busy, 'PING')
    }
    expect(links.filter(([, link]) => node.ended.has(link)).map(([name]) => name)).toEqual(['idle'])
  })
})
