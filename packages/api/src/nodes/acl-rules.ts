/**
 * What rules of ACL SETUSER make of a user: told before they are sent, as the difference to what each node has. The answer of the node is
 * what counts. Sources: Valkey 9.1 `acl.c`, `ACLSetUser`, `ACLSetSelector` and `ACLDescribeUser`.
 */

type KeyPattern = { readonly text: string; readonly reads: boolean; readonly writes: boolean }

/** What one selector allows. */
type Rights = {
  readonly keys: 'all' | readonly KeyPattern[]
  readonly channels: 'all' | readonly string[]
  readonly databases: 'all' | readonly number[]
  /** `+@all` or `-@all`, then what was said after it. */
  readonly commands: readonly string[]
}

export type AclUserState = {
  readonly isOn: boolean
  readonly needsNoPassword: boolean
  /** `#` and SHA-256 in hexadecimal. */
  readonly passwordHashes: readonly string[]
  readonly own: Rights
  readonly selectors: readonly Rights[]
}

const nothing: Rights = { keys: [], channels: [], databases: 'all', commands: ['-@all'] }

/** A user that was just made: it may nothing, and nobody logs in. */
export const newUser: AclUserState = { isOn: false, needsNoPassword: false, passwordHashes: [], own: nothing, selectors: [] }

/** Applies rules in order: all of them, or none when one is wrong. A rule in `problem` holds no password but its sign. */
export function applyRules(user: AclUserState, rules: readonly string[]): AclUserState | { readonly problem: string } {
  let state = user
  for (const rule of rules) {
    const next = applyRule(state, rule)
    if ('problem' in next) return { problem: `${hiddenSecret(rule)}: ${next.problem}` }
    state = next
  }
  return state
}

/** The sign of a rule that holds a password or its hash, without it; every other rule as it is. */
export function hiddenSecret(rule: string): string {
  return /^[><#!]/.test(rule) ? `${rule[0]}(hidden)` : rule
}

type Step<T> = T | { readonly problem: string }

function applyRule(user: AclUserState, rule: string): Step<AclUserState> {
  switch (rule.toLowerCase()) {
    case 'on':
      return { ...user, isOn: true }
    case 'off':
      return { ...user, isOn: false }
    case 'nopass':
      return { ...user, needsNoPassword: true, passwordHashes: [] }
    case 'resetpass':
      return { ...user, needsNoPassword: false, passwordHashes: [] }
    case 'reset':
      return newUser
    case 'clearselectors':
      return { ...user, selectors: [] }
    // How payloads of RESTORE are checked; ACL LIST does not always say it.
    case 'sanitize-payload':
    case 'skip-sanitize-payload':
      return user
  }
  if (/^[#!]/.test(rule)) return applyPassword(user, rule[0] as '#' | '!', `#${rule.slice(1)}`)
  if (rule.startsWith('(')) {
    if (!rule.endsWith(')')) return { problem: 'the parenthesis is not closed' }
    const words = rule.slice(1, -1).split(/ +/).filter(Boolean)
    const made = words.reduce<Step<Rights>>((rights, word) => ('problem' in rights ? rights : applyRight(rights, word)), nothing)
    return 'problem' in made ? made : { ...user, selectors: [...user.selectors, made] }
  }
  const own = applyRight(user.own, rule)
  return 'problem' in own ? own : { ...user, own }
}

function applyPassword(user: AclUserState, sign: '#' | '!', hash: string): Step<AclUserState> {
  if (!/^#[0-9a-f]{64}$/.test(hash)) return { problem: 'a hash is 64 digits of lower-case hexadecimal' }
  const isKnown = user.passwordHashes.includes(hash)
  if (sign === '!' && !isKnown) return { problem: 'the user has no such password' }
  if (sign === '!') return { ...user, passwordHashes: user.passwordHashes.filter((one) => one !== hash) }
  return { ...user, needsNoPassword: false, passwordHashes: isKnown ? user.passwordHashes : [...user.passwordHashes, hash] }
}

function applyRight(rights: Rights, rule: string): Step<Rights> {
  const lower = rule.toLowerCase()
  switch (lower) {
    case 'allkeys':
    case '~*':
      return { ...rights, keys: 'all' }
    case 'resetkeys':
      return { ...rights, keys: [] }
    case 'allchannels':
    case '&*':
      return { ...rights, channels: 'all' }
    case 'resetchannels':
      return { ...rights, channels: [] }
    case 'alldbs':
      return { ...rights, databases: 'all' }
    case 'resetdbs':
      return { ...rights, databases: [] }
    case 'allcommands':
    case '+@all':
      return { ...rights, commands: ['+@all'] }
    case 'nocommands':
    case '-@all':
      return { ...rights, commands: ['-@all'] }
  }
  if (/\s/.test(rule)) return { problem: 'a rule has no space' }
  const databases = /^db=(\d{1,10}(?:,\d{1,10})*)$/.exec(lower)
  if (databases !== null) {
    const all = (databases[1] ?? '').split(',').map(Number)
    return { ...rights, databases: [...new Set(all)].sort((a, b) => a - b) }
  }
  const keys = /^(?:~|%([RW]{1,2})~)(.*)$/is.exec(rule)
  if (keys !== null) return addKeys(rights, keys[2] ?? '', (keys[1] ?? 'RW').toUpperCase())
  if (rule.startsWith('&')) {
    if (rights.channels === 'all') return { problem: 'all channels are allowed already: resetchannels first' }
    const text = rule.slice(1)
    return rights.channels.includes(text) ? rights : { ...rights, channels: [...rights.channels, text] }
  }
  if (/^[+-](@[a-z0-9_-]+|[a-z0-9_.-]+(\|[^|\s]+)?)$/.test(lower)) return addCommand(rights, lower)
  return { problem: 'this is no rule of ACL SETUSER' }
}

function addKeys(rights: Rights, text: string, letters: string): Step<Rights> {
  if (rights.keys === 'all') return { problem: 'all keys are allowed already: resetkeys first' }
  const known = rights.keys.find((pattern) => pattern.text === text)
  const pattern = {
    text,
    reads: letters.includes('R') || (known?.reads ?? false),
    writes: letters.includes('W') || (known?.writes ?? false)
  }
  return { ...rights, keys: known ? rights.keys.map((one) => (one === known ? pattern : one)) : [...rights.keys, pattern] }
}

/** What was said before of the same command, or of a part of it, is void (`ACLSelectorRemoveCommandRule`). */
function addCommand(rights: Rights, rule: string): Rights {
  const name = rule.slice(1)
  const [all = '-@all', ...said] = rights.commands
  return { ...rights, commands: [all, ...said.filter((one) => one.slice(1) !== name && !one.startsWith(`${name}|`, 1)), rule] }
}

/** The rules that make it, without its passwords: what ACL LIST would say. */
export function describeState(user: AclUserState): readonly string[] {
  return [
    user.isOn ? 'on' : 'off',
    ...(user.needsNoPassword ? ['nopass'] : []),
    ...describeRights(user.own),
    ...user.selectors.map((selector) => `(${describeRights(selector).join(' ')})`)
  ]
}

function describeRights({ keys, channels, databases, commands }: Rights): string[] {
  return [
    ...(keys === 'all' ? ['~*'] : keys.map(({ text, reads, writes }) => `${reads && writes ? '' : reads ? '%R' : '%W'}~${text}`)),
    ...(channels === 'all' ? ['&*'] : channels.map((text) => `&${text}`)),
    ...(databases === 'all' ? [] : databases.length === 0 ? ['resetdbs'] : [`db=${databases.join(',')}`]),
    ...commands
  ]
}

/** What one user has and the other has not, in rules; the order counts where only it differs. */
export function compareStates(before: AclUserState | null, after: AclUserState | null) {
  const old = before === null ? [] : describeState(before)
  const fresh = after === null ? [] : describeState(after)
  const [removed, added] = [old.filter((rule) => !fresh.includes(rule)), fresh.filter((rule) => !old.includes(rule))]
  const isOrder = removed.length === 0 && added.length === 0 && old.join(' ') !== fresh.join(' ')
  const hashes = (user: AclUserState | null) => user?.passwordHashes ?? []
  return {
    removed: isOrder ? [old.join(' ')] : removed,
    added: isOrder ? [fresh.join(' ')] : added,
    passwordsRemoved: hashes(before).filter((hash) => !hashes(after).includes(hash)).length,
    passwordsAdded: hashes(after).filter((hash) => !hashes(before).includes(hash)).length
  }
}
