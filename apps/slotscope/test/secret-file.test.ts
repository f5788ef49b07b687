import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { UsageError } from '../src/arguments.ts'
import { secretIn, webhookOf } from '../src/secret-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'slotscope-secret-'))
afterAll(() => rmSync(folder, { recursive: true }))
const fileWith = (text: string) => {
  const file = join(folder, 'secret')
  writeFileSync(file, text)
  return file
}

describe('secrets from files', () => {
  test('are the text without the end of its line', () => {
    expect(secretIn(fileWith('a secret \r\n'))).toBe('a secret')
  })
  test('an empty, a large and a missing file are told', () => {
    for (const text of ['', '\n', 'x'.repeat(5_000)]) expect(() => secretIn(fileWith(text))).toThrow('must hold one line')
    expect(() => secretIn(join(folder, 'none'))).toThrow(UsageError)
  })
  test('the webhook is signed by the file, else by the environment, else not at all', () => {
    const url = 'http://127.0.0.1:1/'
    const environment = { SLOTSCOPE_WEBHOOK_SECRET: 'from there' }
    expect(webhookOf({ webhook: undefined, webhookSecretFile: undefined }, environment)).toBeUndefined()
    expect(webhookOf({ webhook: url, webhookSecretFile: undefined }, environment)).toEqual({ url, secret: 'from there' })
    expect(webhookOf({ webhook: url, webhookSecretFile: fileWith('from here') }, environment)).toEqual({ url, secret: 'from here' })
    expect(webhookOf({ webhook: url, webhookSecretFile: undefined }, {})).toEqual({ url, secret: undefined })
    expect(() => webhookOf({ webhook: undefined, webhookSecretFile: 'x' }, {})).toThrow('needs --webhook')
  })
})
