import { createHash, timingSafeEqual } from 'node:crypto'
import { OptionError } from '../errors.ts'

/** Shorter ones can be guessed. */
const SHORTEST = 32

/** The token of a machine that has no browser, as `Authorization: Bearer <token>`. */
export class MachineToken {
  readonly #hash: Buffer

  /** Throws `OptionError` for a token that is too short, or that no header can carry. */
  constructor(token: string) {
    if (!/^[\x21-\x7e]+$/.test(token) || token.length < SHORTEST)
      throw new OptionError(
        `a token must be at least ${SHORTEST} visible ASCII characters without spaces, such as "openssl rand -hex 32" prints`
      )
    this.#hash = hashOf(token)
  }

  /** In a time that does not tell how much of it is right. */
  isIn(authorization: string | undefined): boolean {
    const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
    return token !== undefined && timingSafeEqual(hashOf(token), this.#hash)
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
