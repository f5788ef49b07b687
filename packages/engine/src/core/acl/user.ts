import { Selector } from './selector.ts'
import { applySelectorRule } from './selector-rules.ts'
import { sameSecret, sha256Hex } from './sha256.ts'

/** Somebody who logs in: a name, passwords, and what is allowed. Connections hold the object, so a change is in force at once. */
export class User {
  readonly name: string
  isOn = false
  /** Any password is right. */
  needsNoPassword = false
  /** SHA-256 in hexadecimal. */
  #passwords: string[] = []
  /** The first is the user's own. */
  #selectors: Selector[] = [new Selector()]
  /** Nothing can be denied: the one question that commands of such a user are asked. */
  unrestricted = false

  readonly #listensByDefault: boolean

  /** `listensByDefault`: may it listen to every channel until a rule says otherwise (`acl-pubsub-default allchannels`)? */
  constructor(name: string, listensByDefault = false) {
    this.name = name
    this.#listensByDefault = listensByDefault
    this.own.setAllCommands(false)
    this.own.allChannels = listensByDefault
  }

  get own(): Selector {
    return this.#selectors[0] as Selector
  }

  get selectors(): readonly Selector[] {
    return this.#selectors
  }

  get passwords(): readonly string[] {
    return this.#passwords
  }

  /** May somebody log in with this password? */
  accepts(password: string): boolean {
    if (!this.isOn) return false
    if (this.needsNoPassword) return true
    const hash = sha256Hex(password)
    return this.#passwords.filter((known) => sameSecret(known, hash)).length > 0
  }

  /** Applies rules in order: all of them, or none when one is wrong; then the text says which and why. */
  apply(rules: readonly string[]): string | undefined {
    const draft = new User(this.name, this.#listensByDefault)
    draft.become(this)
    for (const rule of rules) {
      const problem = draft.applyRule(rule)
      if (problem !== undefined) return `Error in ACL SETUSER modifier '${rule}': ${problem}`
    }
    this.become(draft)
    return undefined
  }

  /** The line of ACL LIST. */
  describe(): string {
    const parts = ['user', this.name, this.isOn ? 'on' : 'off']
    if (this.needsNoPassword) parts.push('nopass')
    parts.push(...this.#passwords.map((hash) => `#${hash}`), this.own.describe())
    for (const selector of this.#selectors.slice(1)) parts.push(`(${selector.describe()})`)
    return parts.join(' ')
  }

  /** Takes over everything but the name: whoever is connected as this user keeps the object. */
  become(other: User): void {
    this.isOn = other.isOn
    this.needsNoPassword = other.needsNoPassword
    this.#passwords = [...other.#passwords]
    this.#selectors = other.#selectors.map((selector) => selector.copy())
    this.unrestricted = this.own.allowsAll
  }

  /** Applies one rule; the text is what is wrong with it. Call `become` of whoever shall have it. */
  applyRule(rule: string): string | undefined {
    switch (rule.toLowerCase()) {
      case 'on':
        this.isOn = true
        return undefined
      case 'off':
        this.isOn = false
        return undefined
      case 'nopass':
        this.needsNoPassword = true
        this.#passwords = []
        return undefined
      case 'resetpass':
        this.needsNoPassword = false
        this.#passwords = []
        return undefined
      case 'reset':
        this.become(new User(this.name, this.#listensByDefault))
        return undefined
      case 'clearselectors':
        this.#selectors.length = 1
        return undefined
      // RESTORE checks every payload here, whoever sends it.
      case 'sanitize-payload':
      case 'skip-sanitize-payload':
        return undefined
    }
    switch (rule[0]) {
      case '>':
        return this.#addPassword(sha256Hex(rule.slice(1)))
      case '#':
        return isHash(rule.slice(1)) ? this.#addPassword(rule.slice(1)) : BAD_HASH
      case '<':
        return this.#removePassword(sha256Hex(rule.slice(1)))
      case '!':
        return isHash(rule.slice(1)) ? this.#removePassword(rule.slice(1)) : BAD_HASH
      case '(':
        return this.#addSelector(rule)
      default:
        return applySelectorRule(this.own, rule)
    }
  }

  #addPassword(hash: string): undefined {
    if (!this.#passwords.includes(hash)) this.#passwords.push(hash)
    this.needsNoPassword = false
  }

  #removePassword(hash: string): string | undefined {
    const at = this.#passwords.indexOf(hash)
    if (at < 0) return 'The password you are trying to remove from the user does not exist'
    this.#passwords.splice(at, 1)
    return undefined
  }

  #addSelector(rule: string): string | undefined {
    const selector = new Selector()
    selector.setAllCommands(false)
    selector.allChannels = this.#listensByDefault
    for (const one of rule.slice(1, -1).split(/ +/)) {
      const problem = one === '' ? undefined : applySelectorRule(selector, one)
      if (problem !== undefined) return problem
    }
    this.#selectors.push(selector)
    return undefined
  }
}

const BAD_HASH = 'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters'

function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}
