import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { AclError } from '../src/core/acl/acl.ts'
import { MemoryDisk, NodeServer } from '../src/hosts/tcp/index.ts'
import { freeTestPorts } from './test-ports.ts'
import { ask, flat, hasValkey, ValkeyNode, WireClient } from './valkey-node.ts'

const FIRST = 'user alice on >secret ~a* &* +@read (+set ~b*)\nuser default on nopass ~* &* +@all\n'

/** Our node and a real one, each with an ACL file of its own that says the same. */
describe.runIf(hasValkey())('aclfile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slotscope-acl-'))
  const files = { ours: join(folder, 'ours.acl'), real: join(folder, 'real.acl') }
  const closing: { close(): unknown }[] = []
  let ports: { ours: number; real: number }

  const write = (text: string) => {
    for (const file of Object.values(files)) writeFileSync(file, text, 'latin1')
  }
  const startOurs = async (port: number, config: Readonly<Record<string, string>>) => {
    const server = new NodeServer({
      bind: '127.0.0.1',
      port,
      seed: 1,
      disk: new MemoryDisk(),
      config: { 'cluster-enabled': 'no', ...config }
    })
    closing.push(server)
    await server.listen()
  }
  /** What both answer, the name of the file left out. */
  const both = async (...command: string[]) => {
    const replies = await Promise.all(
      (['ours', 'real'] as const).map(async (kind) => (await ask(ports[kind], ...command)).replaceAll(files[kind], 'FILE'))
    )
    expect(replies[0], command.join(' ')).toBe(replies[1])
    return replies[0] as string
  }

  beforeAll(async () => {
    const base = await freeTestPorts(2)
    ports = { ours: base, real: base + 1 }
    write(FIRST)
    await startOurs(ports.ours, { aclfile: files.ours })
    closing.push(await ValkeyNode.start(ports.real, { 'cluster-enabled': 'no', aclfile: files.real }))
  })
  beforeEach(async () => {
    write(FIRST)
    for (const port of Object.values(ports)) await ask(port, 'ACL', 'LOAD')
  })
  afterAll(async () => {
    for (const one of closing.reverse()) await one.close()
    rmSync(folder, { recursive: true })
  })

  test('is read at the start and by ACL LOAD', async () => {
    expect(await both('ACL', 'LIST')).toContain('user alice on #')
    expect(await both('CONFIG', 'GET', 'acl-pubsub-default')).toBe('acl-pubsub-default resetchannels')
    write('\n  user bob on nopass allkeys +get\n\nuser default on nopass +@all ~* &*\n')
    expect(await both('ACL', 'LOAD')).toBe('OK')
    expect(await both('ACL', 'LIST')).toContain('user bob on nopass ~*')
    expect(await both('ACL', 'USERS')).toBe('bob default')
  })

  test.each([
    ['an unknown command', 'user x on +get +foo +bar\n'],
    ['a comment', '# none\nuser x on\n'],
    ['no name', 'user\n'],
    ['another keyword', 'usr x on\n'],
    ['a rule that is none', 'user x on get\nuser y nonsense more\n'],
    ['a user twice', 'user x on\nuser x off\n'],
    ['much at once', 'user x +foo ~a %Z~b\nuser x\nuser y #12\n\nzz\nuser z -@nosuch\n'],
    ['a wrong database', 'user x on db=a\n'],
    ['a wrong password hash', 'user x on #zz\n']
  ])('%s changes nothing', async (_, text) => {
    const before = await both('ACL', 'LIST')
    write(text)
    expect(await both('ACL', 'LOAD')).toMatch(/^ERR .*ACL errors detected, no change to the previously active ACL rules was performed$/)
    expect(await both('ACL', 'LIST')).toBe(before)
    // It is no start either.
    const port = await freeTestPorts(1)
    await expect(startOurs(port, { aclfile: files.ours })).rejects.toThrow(AclError)
  })

  test('without the default user, or empty, or not there', async () => {
    write('user x on +get\n')
    expect(await both('ACL', 'LOAD')).toBe('OK')
    expect(await both('ACL', 'LIST')).toContain('user default on nopass')
    write('')
    expect(await both('ACL', 'LOAD')).toBe('OK')
    expect(await both('ACL', 'USERS')).toBe('default')
    for (const file of Object.values(files)) rmSync(file)
    expect(await both('ACL', 'LOAD')).toBe("ERR Error loading ACLs, opening file 'FILE': No such file or directory")
    expect(await both('ACL', 'USERS')).toBe('default')
  })

  test('connections of a user who is gone end, those of others go on as what they are now', async () => {
    for (const port of Object.values(ports)) {
      const [alice, other] = [new WireClient(port), new WireClient(port)]
      await alice.call('AUTH', 'alice', 'secret')
      write('user alice on >other ~* +get\nuser default on nopass ~* &* +@all\n')
      expect(flat(await other.call('ACL', 'LOAD'))).toBe('OK')
      expect(flat(await alice.call('SET', 'b', '1'))).toBe("NOPERM User alice has no permissions to run the 'set' command")
      expect(await alice.call('GET', 'b')).toBe('(nil)')
      write('user default on nopass ~* &* +@all\n')
      expect(flat(await other.call('ACL', 'LOAD'))).toBe('OK')
      await expect(alice.call('GET', 'b')).rejects.toThrow('closed')
      expect(flat(await other.call('PING'))).toBe('PONG')
      other.close()
      write(FIRST)
    }
  })

  test('ACL SAVE writes it so that it can be read, and keeps who may read it', async () => {
    await both('ACL', 'SETUSER', 'carol', 'on', '>pw', '~c*', '&ch*', '+@list', '-lpush', '(+get ~z)')
    await both('ACL', 'SETUSER', 'm\u00e9l', 'on')
    expect(await both('ACL', 'SAVE')).toBe('OK')
    const saved = readFileSync(files.ours, 'latin1')
    expect(saved).toBe(readFileSync(files.real, 'latin1'))
    expect(statSync(files.ours).mode & 0o777).toBe(0o644)
    const before = await both('ACL', 'LIST')
    expect(await both('ACL', 'LOAD')).toBe('OK')
    expect(await both('ACL', 'LIST')).toBe(before)
  })

  test('a node without one says so, and one whose file cannot be written', async () => {
    const port = await freeTestPorts(1)
    await startOurs(port, {})
    expect(await ask(port, 'ACL', 'LOAD')).toMatch(/^ERR This instance is not configured to use an ACL file\./)
    expect(await ask(port, 'ACL', 'SAVE')).toMatch(/^ERR This instance is not configured to use an ACL file\./)
    const inside = join(folder, 'inside')
    const config = { aclfile: join(inside, 'a.acl') }
    const lost = await freeTestPorts(1)
    await expect(startOurs(lost, config)).rejects.toThrow(`opening file '${config.aclfile}': No such file or directory`)
    mkdirSync(inside)
    writeFileSync(config.aclfile, FIRST)
    await startOurs(lost, config)
    rmSync(inside, { recursive: true })
    expect(await ask(lost, 'ACL', 'SAVE')).toBe(
      'ERR There was an error trying to save the ACLs. Please check the server logs for more information'
    )
  })
})

describe('acl-pubsub-default', () => {
  test('allchannels lets users who are made listen to all channels', async () => {
    const port = await freeTestPorts(1)
    const server = new NodeServer({
      bind: '127.0.0.1',
      port,
      seed: 1,
      disk: new MemoryDisk(),
      config: { 'cluster-enabled': 'no', 'acl-pubsub-default': 'allchannels' },
      users: [
        ['x', 'on', '+get', '(+set', '~a)'],
        ['default', 'on', 'nopass', '~*', '+@all']
      ]
    })
    try {
      await server.listen()
      expect(await ask(port, 'ACL', 'LIST')).toBe('user default on nopass ~* &* +@all user x on &* -@all +get (~a &* -@all +set)')
      expect(await ask(port, 'CONFIG', 'SET', 'acl-pubsub-default', 'resetchannels')).toBe('OK')
      await ask(port, 'ACL', 'SETUSER', 'y')
      expect(await ask(port, 'ACL', 'LIST')).toContain('user y off resetchannels -@all')
    } finally {
      await server.close()
    }
  })
})
