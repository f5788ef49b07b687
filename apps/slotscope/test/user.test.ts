import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readArguments, UsageError, type UserArguments } from '../src/arguments.ts'
import { audit } from '../src/audit.ts'
import { firstLine } from '../src/password-prompt.ts'
import { user } from '../src/user.ts'

const password = 'correct horse battery'

describe('[T12] slotscope user', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slotscope-user-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))
  const run = (...argv: string[]) => user(readArguments(['user', ...argv, '--data', folder]) as UserArguments, async () => password)

  test('adds, lists, changes and removes accounts in a file of its owner only, without the password in it', async () => {
    expect(await run('list')).toEqual(['no accounts in this folder'])
    expect(await run('add', 'ann', '--role', 'operator')).toEqual(['ann may log in now, as operator'])
    expect((await run('list'))[0]).toMatch(/^ann\toperator\tsince \d{4}-\d\d-\d\d$/)
    await run('role', 'ann', '--role', 'viewer')
    expect((await run('list'))[0]).toContain('viewer')
    const file = join(folder, 'accounts.json')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const text = await readFile(file, 'utf8')
    expect(text).not.toContain(password)
    expect(JSON.parse(text).accounts[0].scrypt).toMatchObject({ N: 2 ** 17, r: 8, p: 1 })
    await run('remove', 'ann')
    expect(await run('list')).toEqual(['no accounts in this folder'])
  })

  test('says what is wrong, and changes nothing', async () => {
    await expect(run('remove', 'bob')).rejects.toThrow(new UsageError('no account "bob"'))
    await expect(run('add', 'admin', '--role', 'admin')).rejects.toThrow('not the name of a role')
    await expect(run('add', 'correct', '--role', 'admin')).rejects.toThrow('may not hold the name')
    const broken = join(folder, 'accounts.json')
    await writeFile(broken, '{"accounts":[{"name":"x"}]}')
    await expect(run('list')).rejects.toThrow('does not hold accounts')
    expect(await readFile(broken, 'utf8')).toBe('{"accounts":[{"name":"x"}]}')
  })

  test.each([
    [['add', 'ann'], '--role viewer, operator or admin'],
    [['add', '--role', 'admin'], 'needs one name'],
    [['add', 'ann', '--role', 'root'], 'not "root"'],
    [['shout'], 'user knows'],
    [[], 'user knows']
  ])('user %j is refused', (argv, words) => {
    expect(() => readArguments(['user', ...argv, '--data', 'x'])).toThrow(words)
  })

  test('needs the folder; the password is the first line of what is piped in', async () => {
    expect(() => readArguments(['user', 'list'])).toThrow('--data FOLDER')
    expect(await firstLine(Readable.from(['a password \r\nmore\n']) as NodeJS.ReadableStream)).toBe('a password ')
    await expect(firstLine(Readable.from([]) as NodeJS.ReadableStream)).rejects.toThrow('no password')
  })

  test('[T16] audit verify names the line, or says what is wrong with the file', async () => {
    const file = join(folder, 'audit.jsonl')
    await expect(audit({ file, last: undefined })).rejects.toThrow(UsageError)
    await writeFile(file, '{"not":"sealed"}\n')
    expect(await audit({ file, last: undefined })).toEqual({
      words: 'line 1: its content is not what its hash stands for; 0 before it hold',
      holds: false
    })
    await writeFile(file, '')
    expect(await audit({ file, last: undefined })).toEqual({ words: '0 lines hold', holds: true })
    expect(() => readArguments(['audit', 'burn'])).toThrow('audit verify FILE')
    expect(() => readArguments(['audit', 'verify', file, '--last', 'x'])).toThrow('64 hex digits')
    expect(readArguments(['audit', 'verify', file, '--last', 'a'.repeat(64)])).toMatchObject({ last: 'a'.repeat(64) })
    expect(await audit({ file, last: 'a'.repeat(64) })).toMatchObject({ holds: false })
    expect(readArguments(['audit', 'verify', file])).toEqual({ command: 'audit', file, last: undefined })
  })
})
