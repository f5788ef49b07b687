import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDirectives, SettingsError, valuesOf } from '../src/node-settings.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slotscope-settings-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const values = (...argv: string[]) => valuesOf(readDirectives(argv).directives)

describe('what a node is told', () => {
  test('by name and words, the last of a name holds', () => {
    expect(values('--port', '7000', '--save', '900', '1', '--PORT', '7001', '--logfile', '')).toEqual({
      port: '7001',
      save: '900 1',
      logfile: ''
    })
    expect(
      values('--client-output-buffer-limit', 'normal', '1', '2', '3', '--client-output-buffer-limit', 'pubsub', '4', '5', '6')
    ).toEqual({
      'client-output-buffer-limit': 'normal 1 2 3 pubsub 4 5 6'
    })
    // A word is the bytes that a client would send.
    expect(values('--requirepass', 'm\u00e9')).toEqual({ requirepass: 'm\u00c3\u00a9' })
    expect(values('--save', '--appendonly', 'no')).toEqual({ save: '', appendonly: 'no' })
  })

  test('by a file first, with comments, quotes and files that it includes, then by the command line', () => {
    const part = file('part.conf', 'cluster-databases 4\nhz 20\n')
    const path = file('valkey.conf', `# a comment\n\nport 7000\nsave ""\n  logfile "a \\"log\\""\ninclude ${part}\nhz 30\r\n`)
    expect(values(path, '--port', '7005')).toEqual({ port: '7005', save: '', logfile: 'a "log"', 'cluster-databases': '4', hz: '30' })
  })

  test.each([
    [['--port'], /--port'\nwrong number of arguments/],
    [['nosuch.conf'], /can't open config file/],
    [['--', 'x', '--y'], /--y'\nwrong number/]
  ])('%j is refused', (argv, words) => {
    expect(() => readDirectives(argv)).toThrow(words)
  })

  test('what a file gets wrong is told with its line; one that includes itself ends', () => {
    const quotes = file('quotes.conf', 'port 7000\nlogfile "open\n')
    expect(() => readDirectives([quotes])).toThrow(/at line 2 of .*quotes\.conf\n>>> 'logfile "open'\nUnbalanced quotes/)
    const circle = join(folder, 'circle.conf')
    file('circle.conf', `include ${circle}\n`)
    expect(() => readDirectives([circle])).toThrow(SettingsError)
  })
})

describe('the process', () => {
  const command = fileURLToPath(new URL('../bin/slotscope.js', import.meta.url))
  const run = (...args: string[]) => spawnSync(process.execPath, [command, 'node', ...args], { encoding: 'utf8', timeout: 20_000 })

  test.each([
    [['--nosuch', '1'], "Reading the command line\n>>> '--nosuch 1'\nBad directive or wrong number of arguments"],
    [['--hz', 'many'], "--hz many'\nargument couldn't be parsed into an integer"],
    [['--appendonly', 'yes'], "--appendonly yes'\nargument(s) must be one of the following: no"],
    [['--port', '70000'], "--port 70000'\nargument must be between 0 and 65535 inclusive"],
    [['--port', 'x'], "--port x'\nargument couldn't be parsed into an integer"],
    [['--bind', ...Array.from({ length: 17 }, (_, index) => `127.0.0.${index}`)], '\nToo many bind addresses specified.'],
    [['--replicaof', '127.0.0.1', 'x'], "--replicaof 127.0.0.1 x'\nInvalid primary port"],
    [['--cluster-enabled', 'yes', '--replicaof', '127.0.0.1', '1'], '\nreplicaof directive not allowed in cluster mode'],
    [['--maxclients', '0'], "--maxclients 0'\nargument must be between 1 and 4294967295 inclusive"],
    [['--acl-pubsub-default', 'maybe'], 'argument(s) must be one of the following: allchannels, resetchannels'],
    [['--user', 'bob', 'on', '+foo'], "Error in user declaration 'bob': Unknown command or category name in ACL (+foo)"],
    [['--user', 'bob', 'on', '--user', 'bob', 'off'], ">>> '--user bob off'\nError in user declaration 'bob': Duplicate user found."],
    [['--user', 'bob', 'on', '(+get'], "Error in user declaration 'bob': Unmatched parenthesis in acl selector starting at '(+get'."],
    [['--aclfile', 'x.acl', '--user', 'bob', 'on'], "Error in user declaration 'bob': with an ACL file"],
    [['--rename-command', 'GET', 'x'], "--rename-command GET x'\nBad directive or wrong number of arguments"],
    [['--dbfilename', 'x.rdb'], "--dbfilename x.rdb'\nBad directive or wrong number of arguments"],
    [['--save', '900', '1'], "--save 900 1'\nargument(s) must be one of the following: ''"],
    [['--tls-auth-clients', 'maybe'], "--tls-auth-clients maybe'\nargument(s) must be one of the following: no, yes, optional"],
    [['--dir', '/proc/nosuch'], "--dir /proc/nosuch'\nCan't chdir to '/proc/nosuch': "],
    [['--protected-mode', 'maybe'], "--protected-mode maybe'\nargument must be 'yes' or 'no'"],
    [['--unixsocketperm', '888'], "--unixsocketperm 888'\n"]
  ])('%j ends it with 1 and the words of the reference', (args, words) => {
    const { status, stderr, stdout } = run(...args)
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toContain('*** FATAL CONFIG FILE ERROR ***')
    expect(stderr).toContain(words)
  })

  test.each([
    [['--port', '0'], '# Configured to not listen anywhere, exiting.\n'],
    [
      ['--port', '10000', '--bind', '192.0.2.1'],
      '# Warning: Could not create server TCP listening socket 192.0.2.1:10000: Cannot assign requested address\n'
    ],
    [['--port', '60000', '--bind', '127.0.0.1', '--cluster-enabled', 'yes'], '# Valkey port number too high.'],
    [
      ['--aclfile', 'nosuch.acl'],
      "# Aborting Valkey startup because of ACL errors: Error loading ACLs, opening file 'nosuch.acl': No such file or directory\n"
    ],
    [['--port', '0', '--tls-port', '10000'], '# No tls-cert-file configured!\n'],
    [
      ['--tls-port', '10000', '--tls-cert-file', 'nosuch.crt', '--tls-key-file', 'x', '--tls-auth-clients', 'no'],
      '# Failed to load certificate: nosuch.crt: No such file or directory\n'
    ],
    [['--tls-replication', 'yes'], '# Failed to configure TLS. Check logs for more info.\n']
  ])('%j ends it with 1 and a line of the log', (args, words) => {
    const { status, stderr, stdout } = run(...args)
    expect([status, stderr]).toEqual([1, ''])
    expect(stdout).toContain(words)
  })

  test('a wrong line of the file is named', () => {
    const path = file('wrong.conf', 'port 7000\nnosuch 1\n')
    expect(run(path).stderr).toContain(`Reading the configuration file, at line 2 of ${path}\n>>> 'nosuch 1'`)
  })

  test('log and process id are written where they are asked for', async () => {
    const port = 10_100 + Math.floor(Math.random() * 12_000)
    const child = spawn(process.execPath, [
      command,
      'node',
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--logfile',
      'node.log',
      '--pidfile',
      'node.pid'
    ])
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    const logged = () => {
      try {
        return readFileSync(join(folder, 'node.log'), 'utf8')
      } catch {
        return ''
      }
    }
    await expect
      .poll(logged, { timeout: 15_000 })
      .toMatch(/^\d+:M \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d\.\d{3} \* .*Ready to accept connections tcp\n$/ms)
    expect(readFileSync(join(folder, 'node.pid'), 'utf8')).toBe(`${child.pid}\n`)
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(logged()).toContain('* User requested shutdown...\n')
    expect(() => readFileSync(join(folder, 'node.pid'))).toThrow()
  })
})
