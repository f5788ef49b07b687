import { type AclUser, parseAclList } from '@slotscope/observer'
import type { ComparedUser, NodeUsersAnswer, UserVariant } from '@slotscope/observer/stream'
import { askedNodes, type NodeAnswer } from './every-node.ts'

/** Users of one node that are compared. */
const MOST_USERS = 5_000

/** ACL LIST of every node, user by user. Passwords are compared by their hashes here; how many there are is told, and no hash. */
export function compareUsers(answers: readonly NodeAnswer[]): NodeUsersAnswer {
  const nodes = askedNodes(answers)
  const users = answers.map((answer, index) => {
    if (answer.error !== null) return null
    const parsed = parseAclList(answer.reply)
    if ('value' in parsed) return new Map(parsed.value.slice(0, MOST_USERS).map((user) => [user.name, user]))
    nodes[index] = { node: answer.node, atMs: answer.atMs, error: parsed.error }
    return null
  })
  const names = new Set(users.flatMap((one) => [...(one?.keys() ?? [])]))
  return { nodes, users: [...names].sort().map((name) => compare(name, users)) }
}

function compare(name: string, users: readonly (ReadonlyMap<string, AclUser> | null)[]): ComparedUser {
  const groups = new Map<string, { readonly user: AclUser | undefined; readonly nodes: number[] }>()
  users.forEach((one, index) => {
    if (one === null) return
    const user = one.get(name)
    const key = JSON.stringify(user ?? null)
    const group = groups.get(key)
    if (group) group.nodes.push(index)
    else groups.set(key, { user, nodes: [index] })
  })
  const variants = [...groups.values()].sort((a, b) => b.nodes.length - a.nodes.length)
  return { name, variants: variants.map(({ user, nodes }, at) => told(user, at === 0 ? null : nodes)) }
}

function told(user: AclUser | undefined, nodes: readonly number[] | null): UserVariant {
  if (user === undefined) return { user: null, nodes }
  const { isOn, needsNoPassword, passwordHashes, rules } = user
  return { user: { isOn, needsNoPassword, passwords: passwordHashes.length, rules }, nodes }
}
