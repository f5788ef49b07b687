import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AuditEntry, openAuditFile } from './audit.ts'
import { canonicalJson, verifyAudit } from './audit-chain.ts'

const entry = (resource: string): AuditEntry => ({
  actor: { user: 'ann', role: 'operator' },
  peer: '127.0.0.1',
  requestId: 'req-1',
  verb: 'edit',
  resource,
  outcome: 'done',
  before: { deadlineMs: null, text: '\u2028é"\\' },
  after: undefined
})

describe('[T16] the chain of the audit', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slotscope-audit-'))
    path = join(folder, 'audit.jsonl')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  async function write(...resources: string[]): Promise<void> {
    const audit = await openAuditFile(path, () => 0)
    await Promise.all(resources.map((resource) => audit.record(entry(resource))))
    await audit.close()
  }

  test('a hash that was noted elsewhere tells that the end was cut off, or that all was written anew', async () => {
    await write('a', 'b', 'c')
    const audit = await openAuditFile(path, () => 0)
    const noted = audit.lastHash() ?? ''
    await audit.record(entry('d'))
    await audit.close()
    expect(audit.lastHash()).not.toBe(noted)
    expect(await verifyAudit(path, noted)).toMatchObject({ lines: 4, problem: null })
    expect(await verifyAudit(path, audit.lastHash())).toMatchObject({ problem: null })
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
    await writeFile(path, `${lines.slice(0, 2).join('\n')}\n`)
    expect(await verifyAudit(path)).toMatchObject({ lines: 2, problem: null })
    expect(await verifyAudit(path, noted)).toMatchObject({ lines: 2, problem: { line: 3, words: expect.stringContaining('cut off') } })
    await rm(path)
    await write('x', 'y', 'z', 'q')
    expect(await verifyAudit(path, noted)).toMatchObject({ lines: 4, problem: { line: 5 } })
  })

  test('holds over restarts, from the first line on', async () => {
    await write('a', 'b')
    await write('c')
    expect(await verifyAudit(path)).toMatchObject({ lines: 3, problem: null, lastHash: expect.stringMatching(/^[0-9a-f]{64}$/) })
    const lines = (await readFile(path, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ sequence, resource }) => [sequence, resource])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c']
    ])
    expect(lines[2].previous).toBe(lines[1].hash)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test('one bit that is flipped, at any byte, is found, and its line named', async () => {
    await write('first', 'second', 'third')
    const whole = await readFile(path)
    let line = 1
    for (let index = 0; index < whole.length; index++) {
      const bytes = Buffer.from(whole)
      bytes.writeUInt8(bytes.readUInt8(index) ^ (1 << (index % 8)), index)
      await writeFile(path, bytes)
      const { problem } = await verifyAudit(path)
      expect(problem?.line, `byte ${index}`).toBe(line)
      if (whole.readUInt8(index) === 0x0a) line++
    }
    expect(line).toBe(4)
  })

  test.each([
    ['taken out', (lines: string[]) => lines.filter((_, index) => index !== 1), 2],
    ['put in twice', (lines: string[]) => [...lines.slice(0, 2), ...lines.slice(1)], 3],
    ['changed places', ([a = '', b = '', c = '']: string[]) => [a, c, b], 2],
    ['written anew with spaces', ([a = '', b = '', c = '']: string[]) => [a, b.replaceAll('":', '": '), c], 2]
  ])('a line that is %s is found', async (_what, change, line) => {
    await write('first', 'second', 'third')
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
    await writeFile(path, `${change(lines).join('\n')}\n`)
    expect((await verifyAudit(path)).problem?.line).toBe(line)
  })

  test('a crash at any byte of a line loses that line only, and the next start says so', async () => {
    await write('first', 'second')
    const two = await readFile(path)
    await write('third')
    const three = await readFile(path)
    for (let length = two.length + 1; length < three.length; length += 7) {
      await writeFile(path, three.subarray(0, length))
      expect((await verifyAudit(path)).problem?.line).toBe(3)
      await write('fourth')
      const mended = await readFile(path)
      expect(mended.subarray(0, two.length).equals(two)).toBe(true)
      expect(await verifyAudit(path)).toMatchObject({ lines: 4, problem: null })
      expect(JSON.parse(mended.toString().split('\n')[2] ?? '')).toMatchObject({ verb: 'mend', detail: { tornBytes: length - two.length } })
    }
    // Only the end of the line is missing: nothing is lost.
    await writeFile(path, three.subarray(0, -1))
    await write('fourth')
    expect(await verifyAudit(path)).toMatchObject({ lines: 4, problem: null })
    // The very first line was cut.
    await writeFile(path, three.subarray(0, 20))
    await write('again')
    expect(await verifyAudit(path)).toMatchObject({ lines: 2, problem: null })
  })

  test('a file of something else is not written to', async () => {
    await writeFile(path, 'my diary\n')
    await expect(openAuditFile(path, () => 0)).rejects.toThrow('does not end with a line of an audit')
    await appendFile(path, 'half a thought')
    await expect(openAuditFile(path, () => 0)).rejects.toThrow('slotscope audit verify')
    expect(await readFile(path, 'utf8')).toBe('my diary\nhalf a thought')
  })

  test('the same value has the same bytes', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}')
  })
})
