import { joinSelectors } from './joined-selectors.ts'
import type { User } from './user.ts'

/** What stands at the end of whatever is wrong with a file. */
const NOTHING_CHANGED = 'WARNING: ACL errors detected, no change to the previously active ACL rules was performed'

/**
 * Reads an ACL file: a line per user, `user NAME rule ...`, and empty lines; comments there are none. The users by name, or all that is
 * wrong, each with its line, in the words of the reference (`ACLLoadFromFile`). `makeUser` makes one who may do nothing.
 */
export function parseAclFile(path: string, text: string, makeUser: (name: string) => User): ReadonlyMap<string, User> | string {
  const users = new Map<string, User>()
  const problems: string[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '') continue
    const at = `${path}:${index + 1}`
    const [keyword, name, ...words] = line.split(' ')
    if (keyword !== 'user' || name === undefined) {
      problems.push(`${at} should start with user keyword followed by the username.`)
      continue
    }
    if (users.has(name)) {
      problems.push(`WARNING: Duplicate user '${name}' found on line ${index + 1}.`)
      continue
    }
    const user = makeUser(name)
    users.set(name, user)
    const rules = joinSelectors(words.filter((word) => word !== ''))
    if (typeof rules === 'string') problems.push(`${at}: Unmatched parenthesis in selector definition.`)
    else problems.push(...problemsOf(user, rules).map((problem) => `${at}: ${problem}.`))
  }
  return problems.length === 0 ? users : [...problems, NOTHING_CHANGED].join(' ')
}

/** Applies the rules. Unknown commands are all named, for they are no secret; of the rest only the first is, and not by its text. */
function problemsOf(user: User, rules: readonly string[]): string[] {
  const problems: string[] = []
  let isBroken = false
  for (const rule of rules) {
    const problem = user.applyRule(rule)
    if (problem === undefined) continue
    if (problem.startsWith('Unknown command or category')) problems.push(`Error in applying operation '${rule}': ${problem}`)
    else if (!isBroken) {
      isBroken = true
      problems.push(problem)
    }
  }
  return problems
}
