import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import type { Account, Role } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { Check } from 'typebox/value'
import { ApiFailure, OptionError } from '../errors.ts'
import type { Actor } from './authorise.ts'
import { type PasswordCost, type PasswordHash, Passwords, passwordProblem } from './passwords.ts'

type Kept = Account & { readonly scrypt: PasswordHash }

/** Letters, digits, `.`, `_`, `-`; at most 64. The roles are the names under which links log in. */
export const accountName = '^(?!(?:viewer|operator|admin)$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'
export const roles: readonly Role[] = ['viewer', 'operator', 'admin']

const cost = Type.Integer({ minimum: 1, maximum: 2 ** 20 })
const factor = Type.Integer({ minimum: 1, maximum: 16 })
const bytes = Type.String({ pattern: '^[A-Za-z0-9_-]{16,128}$' })
const fileSchema = Type.Object({
  accounts: Type.Array(
    Type.Object({
      name: Type.String({ pattern: accountName }),
      role: Type.Union(roles.map((role) => Type.Literal(role))),
      createdAtMs: Type.Number(),
      scrypt: Type.Object({ N: cost, r: factor, p: factor, salt: bytes, hash: bytes })
    })
  )
})

/**
 * Who may log in by name and password. They stand in one file (0600, written aside and renamed), which the command line changes too:
 * `reload` sees that. Without a file they live as long as the api.
 */
export class Accounts {
  readonly #path: string | undefined
  readonly #passwords: Passwords
  #accounts = new Map<string, Kept>()
  #readStamp = ''

  /** Throws `OptionError` for a file that is there and does not hold accounts. */
  constructor(path: string | undefined, passwordCost?: PasswordCost) {
    this.#path = path
    this.#passwords = new Passwords(passwordCost)
    this.reload()
  }

  /** True when they outlive the api. */
  get kept(): boolean {
    return this.#path !== undefined
  }

  /** By name, without what the passwords became. */
  get all(): readonly Account[] {
    return [...this.#accounts.values()]
      .map(({ name, role, createdAtMs }) => ({ name, role, createdAtMs }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Throws `NOT_FOUND`. */
  get(name: string): Account {
    const { scrypt, ...account } = this.#find(name)
    return account
  }

  /** Throws `BAD_REQUEST` in words for a name that is taken or no name, and for a password that is too easy. */
  async add(name: string, role: Role, password: string, nowMs: number): Promise<Account> {
    if (!new RegExp(accountName).test(name))
      throw new ApiFailure('BAD_REQUEST', 'a name has 1 to 64 letters, digits, ".", "_" or "-", and is not the name of a role')
    const problem = passwordProblem(password, name)
    if (problem !== null) throw new ApiFailure('BAD_REQUEST', problem)
    const scrypt = await this.#passwords.hash(password)
    this.reload()
    // Names that differ in case only would be taken for each other by people.
    if ([...this.#accounts.keys()].some((taken) => taken.toLowerCase() === name.toLowerCase()))
      throw new ApiFailure('BAD_REQUEST', `there is an account ${name} already`)
    const account = { name, role, createdAtMs: nowMs }
    this.#change((accounts) => accounts.set(name, { ...account, scrypt }))
    return account
  }

  /** Throws `NOT_FOUND`. */
  remove(name: string): void {
    this.reload()
    this.#find(name)
    this.#change((accounts) => accounts.delete(name))
  }

  /** Throws `NOT_FOUND`. */
  setRole(name: string, role: Role): void {
    this.reload()
    const account = this.#find(name)
    this.#change((accounts) => accounts.set(name, { ...account, role }))
  }

  /** Who this is, or undefined. It takes as long for a name that nobody has. Throws `TOO_MANY_REQUESTS`. */
  async logIn(name: string, password: string): Promise<Actor | undefined> {
    const known = this.#accounts.get(name)
    if (!(await this.#passwords.fits(password, known?.scrypt))) return undefined
    // It may have been changed or removed while the password was looked at.
    const still = this.#accounts.get(name)
    return still !== undefined && still.scrypt.hash === known?.scrypt.hash ? { user: name, role: still.role } : undefined
  }

  /**
   * Reads the file again if it is another one than before, and answers the names that were removed or have another role or password
   * now. Throws `OptionError`; then everything stays as it was.
   */
  reload(): readonly string[] {
    if (this.#path === undefined) return []
    const stamp = stampOf(this.#path)
    if (stamp === this.#readStamp) return []
    const accounts = read(this.#path)
    const changed = [...this.#accounts.values()].filter((was) => {
      const is = accounts.get(was.name)
      return is === undefined || is.role !== was.role || is.scrypt.hash !== was.scrypt.hash
    })
    this.#accounts = accounts
    this.#readStamp = stamp
    return changed.map(({ name }) => name)
  }

  #find(name: string): Kept {
    const account = this.#accounts.get(name)
    if (account === undefined) throw new ApiFailure('NOT_FOUND', `no account "${name}"`)
    return account
  }

  /** On disk first: what could not be written down is not so. */
  #change(how: (accounts: Map<string, Kept>) => unknown): void {
    const next = new Map(this.#accounts)
    how(next)
    if (this.#path !== undefined) write(this.#path, next)
    this.#accounts = next
    if (this.#path !== undefined) this.#readStamp = stampOf(this.#path)
  }
}

function read(path: string): Map<string, Kept> {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map()
    throw new OptionError(`the file of accounts cannot be read: ${path}`)
  }
  if (!Check(fileSchema, value)) throw new OptionError(`${path} does not hold accounts`)
  return new Map(value.accounts.map((account) => [account.name, account as Kept]))
}

function write(path: string, accounts: ReadonlyMap<string, Kept>): void {
  const aside = `${path}.${process.pid}.new`
  writeFileSync(aside, `${JSON.stringify({ accounts: [...accounts.values()] }, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(aside, path)
}

function stampOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? '' : `${stats.ino} ${stats.size} ${stats.mtimeNs}`
}
