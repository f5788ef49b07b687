import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OptionError } from '../errors.ts'
import { findKey, findOrMakeKey, SecretBox } from './secret-box.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slotscope-key-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('[T13] secrets at rest', () => {
  test('are opened by the same key for the same thing, and by nothing else', () => {
    const box = new SecretBox(randomBytes(32))
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, bound) => {
        const sealed = box.seal(text, bound)
        expect(box.open(sealed, bound)).toBe(text)
        expect(box.open(sealed, `${bound}.`)).toBeUndefined()
        expect(new SecretBox(randomBytes(32)).open(sealed, bound)).toBeUndefined()
      })
    )
  })

  test('a change of any byte is noticed, and no two are alike', () => {
    const box = new SecretBox(randomBytes(32))
    const sealed = box.seal('canary', 'x')
    expect(sealed).not.toContain('canary')
    expect(box.seal('canary', 'x')).not.toBe(sealed)
    const bytes = Buffer.from(sealed.slice(3), 'base64url')
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes)
      changed[i] = (changed[i] ?? 0) ^ 1
      expect(box.open(`v1.${changed.toString('base64url')}`, 'x')).toBeUndefined()
    }
    for (const broken of ['', 'v1.', 'v2.AAAA', sealed.slice(0, -4)]) expect(box.open(broken, 'x')).toBeUndefined()
  })

  test('the key is made once, for its owner alone', () => {
    const source = { ownFile: join(folder, 'secrets.key') }
    expect(findKey(source)).toBeUndefined()
    const box = findOrMakeKey(source)
    expect(statSync(source.ownFile).mode & 0o777).toBe(0o600)
    expect(findOrMakeKey(source).keyId).toBe(box.keyId)
    expect(findKey({ ...source, text: readFileSync(source.ownFile, 'utf8') })?.keyId).toBe(box.keyId)
  })

  test('a key that somebody named has to be there, and an error does not repeat it', () => {
    const ownFile = join(folder, 'secrets.key')
    expect(() => findOrMakeKey({ ownFile, file: join(folder, 'nowhere') })).toThrow('cannot be read')
    const file = join(folder, 'bad.key')
    writeFileSync(file, 'canary-not-a-key')
    for (const source of [
      { ownFile, file },
      { ownFile, text: 'canary' },
      { ownFile, text: '' }
    ]) {
      const make = () => findOrMakeKey(source)
      expect(make).toThrow(OptionError)
      expect(make).toThrow(/^(?!.*canary).*does not hold a key/)
    }
    expect(new SecretBox(Buffer.alloc(32)).keyId).toBe(findKey({ ownFile, text: '0'.repeat(64) })?.keyId)
  })
})
