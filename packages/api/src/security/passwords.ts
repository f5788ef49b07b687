import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { ApiFailure } from '../errors.ts'
import { isCommon } from './common-passwords.ts'

/** What scrypt made of a password, with its parameters, so that they can be raised for new ones. Bytes are base64url. */
export type PasswordHash = { readonly N: number; readonly r: number; readonly p: number; readonly salt: string; readonly hash: string }

export type PasswordCost = Pick<PasswordHash, 'N' | 'r' | 'p'>

/** 128 MiB and some tenths of a second for each try (OWASP's first choice for scrypt). */
export const passwordCost: PasswordCost = { N: 2 ** 17, r: 8, p: 1 }

export const PASSWORD_LENGTH = { least: 12, most: 256 } as const
const HASH_BYTES = 32
/** One try at a time, since each takes that memory; whoever comes after so many is asked to come again. */
const MOST_WAITING = 16

/** Hashes and compares passwords, one at a time. */
export class Passwords {
  readonly #cost: PasswordCost
  readonly #nobody: PasswordHash
  #waiting = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(cost: PasswordCost = passwordCost) {
    this.#cost = cost
    this.#nobody = { ...cost, salt: randomBytes(16).toString('base64url'), hash: randomBytes(HASH_BYTES).toString('base64url') }
  }

  async hash(password: string): Promise<PasswordHash> {
    const salt = randomBytes(16)
    const hash = await this.#inTurn(() => derive(password, salt, this.#cost))
    return { ...this.#cost, salt: salt.toString('base64url'), hash: hash.toString('base64url') }
  }

  /** True when it is the password. Without a hash (nobody has that name) it takes as long and says no. Throws `TOO_MANY_REQUESTS`. */
  async fits(password: string, known: PasswordHash | undefined): Promise<boolean> {
    if (this.#waiting >= MOST_WAITING)
      throw new ApiFailure('TOO_MANY_REQUESTS', 'many log in just now: try again', { retryAfterSeconds: 5 })
    const against = known ?? this.#nobody
    const hash = await this.#inTurn(() => derive(password, Buffer.from(against.salt, 'base64url'), against))
    const expected = Buffer.from(against.hash, 'base64url')
    return known !== undefined && hash.length === expected.length && timingSafeEqual(hash, expected)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting++
    const done = this.#last.then(work).finally(() => this.#waiting--)
    this.#last = done.catch(() => undefined)
    return done
  }
}

/** Why this is no password for that account, in words; null when it is one. */
export function passwordProblem(password: string, name: string): string | null {
  const length = [...password].length
  if (length < PASSWORD_LENGTH.least) return `the password needs at least ${PASSWORD_LENGTH.least} characters`
  if (length > PASSWORD_LENGTH.most) return `the password may have at most ${PASSWORD_LENGTH.most} characters`
  if (password.toLowerCase().includes(name.toLowerCase()) && name.length > 2) return 'the password may not hold the name of the account'
  if (new Set(password).size < 5) return 'the password needs at least 5 different characters'
  if (isCommon(password)) return 'the password is made of what guessers try first'
  return null
}

function derive(password: string, salt: Buffer, { N, r, p }: PasswordCost): Promise<Buffer> {
  const options: ScryptOptions = { N, r, p, maxmem: 2 ** 20 + 256 * N * r }
  return new Promise((resolve, reject) => {
    // The same signs can be typed as different code points on different keyboards.
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}
