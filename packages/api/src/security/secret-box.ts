import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { OptionError } from '../errors.ts'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const VERSION = 'v1.'

/** Where the key stands. Text in the environment comes before a file. */
export type KeySource = {
  /** Its text as the environment has it. */
  readonly text?: string | undefined
  /** A file that somebody named: it has to be there. */
  readonly file?: string | undefined
  /** A file of our own, made when it is absent. */
  readonly ownFile: string
}

/** Encrypts short texts for a file: AES-256-GCM, a fresh nonce each time. */
export class SecretBox {
  /** Tells keys apart without telling anything of them. */
  readonly keyId: string
  readonly #key: Buffer

  /** `key` has 32 bytes. */
  constructor(key: Buffer) {
    this.#key = key
    this.keyId = createHmac('sha256', key).update('slotscope key id').digest('hex').slice(0, 16)
  }

  /** `bound` is not kept, and opening takes the same again: what belongs together cannot be put together anew by whoever has no key. */
  seal(text: string, bound: string): string {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(bound))
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    return VERSION + sealed.toString('base64url')
  }

  /** Undefined when it was sealed with another key or for something else, or was changed. */
  open(sealed: string, bound: string): string | undefined {
    if (!sealed.startsWith(VERSION)) return undefined
    const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url')
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(bound)).setAuthTag(bytes.subarray(-TAG_BYTES))
    try {
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8')
    } catch {
      return undefined
    }
  }
}

/** The box of the key that is there; undefined when there is none. Throws `OptionError` for what is no key, without its text. */
export function findKey(source: KeySource): SecretBox | undefined {
  if (source.text !== undefined) return boxOf(source.text, 'the key in the environment')
  if (source.file !== undefined) return boxOf(readKey(source.file), source.file)
  return existsSync(source.ownFile) ? boxOf(readKey(source.ownFile), source.ownFile) : undefined
}

/** The key that is there, or a fresh one in our own file, which only its owner can read. */
export function findOrMakeKey(source: KeySource): SecretBox {
  const found = findKey(source)
  if (found !== undefined) return found
  const key = randomBytes(KEY_BYTES)
  try {
    writeFileSync(source.ownFile, `${key.toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true })
  } catch (error) {
    throw new OptionError(`the key for secrets cannot be written: ${(error as Error).message}`)
  }
  return new SecretBox(key)
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new OptionError(`the key for secrets cannot be read: ${(error as Error).message}`)
  }
}

function boxOf(text: string, where: string): SecretBox {
  const trimmed = text.trim()
  const key = /^[0-9a-fA-F]{64}$/.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(trimmed, 'base64')
  if (key.length !== KEY_BYTES || !/^[A-Za-z0-9+/=_-]+$/.test(trimmed))
    throw new OptionError(`${where} does not hold a key: it takes 32 bytes in base64, as "openssl rand -base64 32" prints them`)
  return new SecretBox(key)
}
