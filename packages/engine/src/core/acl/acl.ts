import { latin1Bytes } from '../bytes.ts'
import type { Client } from '../client.ts'
import type { CommandDefinition } from '../commands/define-command.ts'
import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'
import { type Denial, denialOf, mayListen } from './access.ts'
import { parseAclFile } from './acl-file.ts'
import { AclLog } from './acl-log.ts'
import { joinSelectors } from './joined-selectors.ts'
import { User } from './user.ts'

/** Denials since the start, by reason: INFO's `acl_access_denied_*`. */
export type AclCounts = { auth: number; command: number; key: number; channel: number; database: number }

/** Users that are declared cannot be made: what is wrong, in the words of the reference, and of those of the configuration which one. */
export class AclError extends Error {
  readonly declaration: number | undefined

  constructor(problem: string, declaration?: number) {
    super(problem)
    this.declaration = declaration
  }
}

/**
 * Who may do what. Every connection has a user from its beginning: `default`, who may do everything and needs no password until
 * somebody says otherwise.
 */
export class Acl {
  readonly #node: Node
  readonly #users = new Map<string, User>()
  readonly defaultUser = new User('default')
  readonly log: AclLog
  readonly denied: AclCounts = { auth: 0, command: 0, key: 0, channel: 0, database: 0 }

  constructor(node: Node) {
    this.#node = node
    this.log = new AclLog(node)
    this.defaultUser.apply(UNRESTRICTED)
    this.#users.set('default', this.defaultUser)
    if (node.config.text('requirepass') !== '') this.requirePassword()
    for (const [index, words] of (node.options.users ?? []).entries()) this.#declare(words, index)
    const problem = node.config.text('aclfile') === '' ? undefined : this.load()
    if (problem !== undefined) throw new AclError(problem)
  }

  /** A user that the configuration declares by its name and rules, once. */
  #declare([name = '', ...words]: readonly string[], index: number): void {
    const fail = (problem: string) => {
      throw new AclError(`Error in user declaration '${name}': ${problem}`, index)
    }
    if (this.#node.config.text('aclfile') !== '') {
      fail('with an ACL file the configuration may declare none, for it would not be clear which of the two holds')
    }
    if ((this.#node.options.users ?? []).findIndex(([other]) => other === name) !== index) {
      fail('Duplicate user found. A user can only be defined once in config files')
    }
    const rules = joinSelectors(words)
    if (typeof rules === 'string') return fail(rules)
    const user = this.#newUser(name)
    for (const rule of rules) {
      const problem = user.applyRule(rule)
      if (problem !== undefined) fail(`${problem} (${rule})`)
    }
    this.#take(name, user)
  }

  #newUser(name: string): User {
    return new User(name, this.#node.config.text('acl-pubsub-default') === 'allchannels')
  }

  /** A user is from now on what another one is. */
  #take(name: string, made: User): void {
    const user = this.#users.get(name) ?? new User(name)
    user.become(made)
    this.#users.set(name, user)
  }

  // ---- the file ----------------------------------------------------------------------------------------------------

  /** Users are those of `aclfile` from now on, and connections of others end; the text is what is wrong, and then nothing has changed. */
  load(): string | undefined {
    const path = this.#node.config.text('aclfile')
    const file = this.#node.options.files?.read(path) ?? { error: 'this node has no files' }
    if ('error' in file) return `Error loading ACLs, opening file '${path}': ${file.error}`
    const found = parseAclFile(path, file.text, (name) => this.#newUser(name))
    if (typeof found === 'string') return found
    for (const [name] of [...this.#users]) if (!found.has(name) && name !== 'default') this.#users.delete(name)
    if (!found.has('default')) this.defaultUser.apply(['reset', ...UNRESTRICTED])
    for (const [name, user] of found) this.#take(name, user)
    for (const client of [...this.#node.clients.values()]) {
      if (this.#users.get(client.user.name) === client.user) this.#reviewed(client)
      else if (client === this.#node.execution.running) client.closing = true
      else this.#node.closeClient(client, 'its user is not in the ACL file')
    }
    return undefined
  }

  /** Writes all users to `aclfile`; the text is the system's when it cannot. */
  save(): string | undefined {
    const { config, options } = this.#node
    const lines = this.users().map((user) => `${user.describe()}\n`)
    return options.files ? options.files.replace(config.text('aclfile'), lines.join('')) : 'this node has no files'
  }

  /** A connection that says nothing of a user may do nothing but log in. */
  get loginRequired(): boolean {
    return !this.defaultUser.needsNoPassword || !this.defaultUser.isOn
  }

  /** Sorted by name. */
  users(): User[] {
    return [...this.#users.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  user(name: string): User | undefined {
    return this.#users.get(name)
  }

  /** `requirepass` has been set: it is the only password of the default user; an empty one means that none is needed. */
  requirePassword(): void {
    const password = this.#node.config.text('requirepass')
    this.defaultUser.apply(['resetpass', password === '' ? 'nopass' : `>${password}`])
  }

  // ---- logging in --------------------------------------------------------------------------------------------------

  /** A connection begins, or begins anew. */
  begin(client: Client): void {
    client.user = this.defaultUser
    client.loggedIn = !this.loginRequired
    this.#judge(client)
  }

  /** False, and logged, when the name or the password is wrong; `command` is the word by which it was tried. */
  logIn(client: Client, name: string, password: string, command: string): boolean {
    const user = this.#users.get(name)
    if (!user?.accepts(password)) {
      this.denied.auth++
      this.log.add(client, 'auth', contextOf(client), command, name)
      return false
    }
    client.user = user
    client.loggedIn = true
    this.#judge(client)
    return true
  }

  #judge(client: Client): void {
    client.isChecked = !client.loggedIn || !client.user.unrestricted
  }

  // ---- users -------------------------------------------------------------------------------------------------------

  /** ACL SETUSER: makes or changes a user; the text is what is wrong, and then nothing has changed. */
  setUser(name: string, rules: readonly string[]): string | undefined {
    const user = this.#users.get(name) ?? this.#newUser(name)
    const problem = user.apply(rules)
    if (problem !== undefined) return problem
    this.#users.set(name, user)
    for (const client of [...this.#node.clients.values()]) {
      if (client.user === user) this.#reviewed(client)
    }
    return undefined
  }

  /** What a client's user may has changed. */
  #reviewed(client: Client): void {
    this.#judge(client)
    if (client.subscriptions > 0 && !this.#mayGoOnListening(client)) {
      this.#node.closeClient(client, 'its user may not listen to these channels any more')
    }
  }

  /** ACL DELUSER: its connections end. False when there is no such user. */
  removeUser(name: string, by: Client): boolean {
    const user = this.#users.get(name)
    if (!user) return false
    this.#users.delete(name)
    for (const client of [...this.#node.clients.values()]) {
      if (client.user !== user) continue
      // The caller's own ends after its reply.
      if (client === by) client.closing = true
      else this.#node.closeClient(client, 'its user was removed')
    }
    return true
  }

  #mayGoOnListening(client: Client): boolean {
    const { user } = client
    const all = (names: Iterable<string>, arePatterns: boolean) =>
      [...names].every((name) => mayListen(user, latin1Bytes(name), arePatterns))
    return all(client.channels, false) && all(client.shardChannels, false) && all(client.patterns, true)
  }

  // ---- commands ----------------------------------------------------------------------------------------------------

  /** Why a client's command is not allowed, counted and logged; undefined: it is. For users whom something can be denied. */
  denialFor(client: Client, definition: CommandDefinition, args: Args): Denial | undefined {
    const denial = denialOf(client.user, definition, args, client.transaction?.database ?? client.database)
    if (denial) this.note(client, denial, definition, args, contextOf(client))
    return denial
  }

  note(client: Client, { reason, index }: Denial, definition: CommandDefinition, args: Args, context: 'toplevel' | 'multi'): void {
    this.denied[reason]++
    const object = index === 0 ? definition.name.toLowerCase() : args.text(index)
    this.log.add(client, reason, context, object, client.user.name)
  }
}

/** The rules of the default user until somebody says otherwise. */
const UNRESTRICTED = ['on', 'nopass', '+@all', '~*', '&*']

function contextOf(client: Client): 'toplevel' | 'multi' {
  return client.transaction ? 'multi' : 'toplevel'
}

/** The error that a client gets. What it may not touch is not named. */
export function denialError(user: User, { reason }: Denial, definition: CommandDefinition): string {
  switch (reason) {
    case 'command':
      return `NOPERM User ${user.name} has no permissions to run the '${definition.name.toLowerCase()}' command`
    case 'key':
      return 'NOPERM No permissions to access a key'
    case 'channel':
      return 'NOPERM No permissions to access a channel'
    case 'database':
      return 'NOPERM No permissions to access database'
  }
}

/** What ACL DRYRUN says, to somebody who may know. */
export function denialInWords(user: User, { reason, index }: Denial, definition: CommandDefinition, args: Args): string {
  const who = `User ${user.name} has no permissions to`
  if (reason === 'command') return `${who} run the '${definition.name.toLowerCase()}' command`
  return reason === 'database' ? `${who} access database ${args.text(index)}` : `${who} access the '${args.text(index)}' ${reason}`
}
