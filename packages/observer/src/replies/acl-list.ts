import type { Reply } from '../caller.ts'
import { type Parsed, textOf } from './shape.ts'

/** One user of a server, by the rules that make it. Hashes of its passwords are kept apart: they must not travel further. */
export type AclUser = {
  readonly name: string
  readonly isOn: boolean
  /** Anybody may log in as this user. */
  readonly needsNoPassword: boolean
  /** SHA-256 of each password, in hexadecimal, sorted. */
  readonly passwordHashes: readonly string[]
  /** Everything else, in order; a selector is one rule with its parentheses. */
  readonly rules: readonly string[]
}

/**
 * Parses ACL LIST: `user NAME on nopass ~* &* +@all`, one line per user (Valkey `acl.c`, `ACLDescribeUser`). What does not fit is told
 * without a word of it, since a line holds hashes.
 */
export function parseAclList(reply: Reply | undefined): Parsed<readonly AclUser[]> {
  if (!Array.isArray(reply)) return { error: 'ACL LIST: expected a list' }
  const users: AclUser[] = []
  for (const [index, entry] of (reply as readonly Reply[]).entries()) {
    const [keyword, name, ...words] = rulesOf(textOf(entry) ?? '')
    if (keyword !== 'user' || name === undefined) return { error: `ACL LIST: line ${index + 1} describes no user` }
    users.push({
      name,
      isOn: words.includes('on'),
      needsNoPassword: words.includes('nopass'),
      passwordHashes: words.filter((word) => word.startsWith('#')).sort(),
      rules: words.filter((word) => word !== 'on' && word !== 'off' && word !== 'nopass' && !/^[#><!]/.test(word))
    })
  }
  return { value: users }
}

/** Words of a line; what stands in parentheses is one. Patterns hold no space, but may hold a parenthesis of their own. */
function rulesOf(line: string): string[] {
  const rules: string[] = []
  let open: string | undefined
  for (const word of line.split(' ')) {
    if (word === '') continue
    if (open === undefined && !word.startsWith('(')) {
      rules.push(word)
      continue
    }
    open = open === undefined ? word : `${open} ${word}`
    if (!word.endsWith(')')) continue
    rules.push(open)
    open = undefined
  }
  return open === undefined ? rules : [...rules, open]
}
