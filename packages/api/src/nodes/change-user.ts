import { createHash } from 'node:crypto'
import { type AclUser, type Command, ErrorReply, parseAclList, parseConfig, type Reply } from '@slotscope/observer'
import type { AskedNode, UserChange, UserChangePreview, UserChangeResult, UserDifference } from '@slotscope/observer/stream'
import type { AskedCluster } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import { type AclUserState, applyRules, compareStates, hiddenSecret, newUser } from './acl-rules.ts'
import { askEach } from './every-node.ts'
import { hashOf, isGrave, type UserAtNode, warningsOf } from './user-warnings.ts'

const CAUSE = 'nodes'

/** One change of a user, looked at: what each node has and would have, and what to send. */
export type LookedAtChange = {
  readonly preview: Omit<UserChangePreview, 'nonce' | 'expiresInMs'>
  /** What was seen: another one stands for another state of the nodes, or for another change. */
  readonly seen: string
  readonly command: Command
}

type SeenNode = {
  readonly asked: AskedNode
  readonly at: UserAtNode | null
  readonly hasAclFile: boolean | null
  readonly problem: string | null
}

/**
 * Asks each node of a change for the user that it has. Nothing is changed. Throws `BAD_REQUEST` for what is no rule, so that nothing which may
 * be a mistyped password goes further, and `PLAN_REFUSED` when `default` would be deleted.
 */
export async function lookAtChange(
  cluster: AskedCluster,
  change: UserChange,
  { now, ourPassword }: { readonly now: () => number; readonly ourPassword: string | undefined }
): Promise<LookedAtChange> {
  if (change.rules === null && change.user === 'default')
    throw new ApiFailure('PLAN_REFUSED', 'the user default cannot be deleted: switch it off')
  const rules = change.rules?.map(withoutPlainPassword) ?? null
  if (rules !== null) refuseNoRules(rules)
  const questions = [
    ['ACL', 'LIST'],
    ['ACL', 'WHOAMI'],
    ['CONFIG', 'GET', 'aclfile', 'primaryuser', 'masteruser']
  ]
  const answers = await askEach(cluster, change.nodes, questions, { cause: CAUSE, now })
  const nodes = answers.map(({ replies, ...asked }) => seenNode(cluster, asked, replies, change.user, rules))
  const seen = nodes.flatMap(({ at }) => (at === null ? [] : [at]))
  return {
    command: commandOf(change.user, rules),
    seen: digest([change.user, rules, nodes.map(({ asked, at }) => [asked.node, at?.before ?? null, at === null])]),
    preview: {
      command: commandOf(change.user, rules?.map(hiddenSecret) ?? null),
      nodes: nodes.map(({ asked, hasAclFile }) => ({ ...asked, hasAclFile })),
      differences: differencesOf(nodes),
      warnings: warningsOf(change.user, seen, ourPassword),
      typedName: isGrave(change.user, seen) ? change.user : null
    }
  }
}

/** Sends it to every node that showed what it has. A node that refuses, or does not answer, has an error; the others go on. */
export async function changeUser(
  cluster: AskedCluster,
  { command, preview }: LookedAtChange,
  { save, now }: { readonly save: boolean; readonly now: () => number }
): Promise<readonly UserChangeResult[]> {
  const reached = preview.nodes.filter(({ error }) => error === null)
  const done = new Map<string, UserChangeResult>()
  for (const { replies, ...asked } of await askEach(
    cluster,
    reached.map(({ node }) => node),
    [command],
    { cause: CAUSE, now }
  )) {
    const [reply] = replies
    const error = reply instanceof ErrorReply ? withoutHashes(reply.message) : asked.error
    done.set(asked.node, { ...asked, error, saved: null, saveError: null })
  }
  const saving = save ? reached.filter(({ node, hasAclFile }) => hasAclFile && done.get(node)?.error === null).map(({ node }) => node) : []
  for (const { replies, node, error } of await askEach(cluster, saving, [['ACL', 'SAVE']], { cause: CAUSE, now })) {
    const [reply] = replies
    const saveError = reply instanceof ErrorReply ? reply.message : error
    const result = done.get(node)
    if (result) done.set(node, { ...result, saved: saveError === null, saveError })
  }
  return preview.nodes.map(({ hasAclFile, ...asked }) => done.get(asked.node) ?? { ...asked, saved: null, saveError: null })
}

/** A password goes to the nodes as its hash, which they keep anyway. */
function withoutPlainPassword(rule: string): string {
  if (rule.startsWith('>')) return hashOf(rule.slice(1))
  return rule.startsWith('<') ? `!${hashOf(rule.slice(1)).slice(1)}` : rule
}

function refuseNoRules(rules: readonly string[]): void {
  // What a user has or has not is for its nodes to say: here only the form counts.
  const made = applyRules(
    newUser,
    rules.filter((rule) => !rule.startsWith('!'))
  )
  if (!('problem' in made)) return
  throw new ApiFailure('BAD_REQUEST', made.problem)
}

function commandOf(user: string, rules: readonly string[] | null): string[] {
  return rules === null ? ['ACL', 'DELUSER', user] : ['ACL', 'SETUSER', user, ...rules]
}

function seenNode(
  cluster: AskedCluster,
  asked: AskedNode,
  [list, whoami, config]: readonly Reply[],
  user: string,
  rules: readonly string[] | null
): SeenNode {
  const blind = (error: string): SeenNode => ({ asked: { ...asked, error }, at: null, hasAclFile: null, problem: null })
  if (asked.error !== null) return blind(asked.error)
  if (list instanceof ErrorReply) return blind(list.message)
  const users = parseAclList(list)
  if ('error' in users) return blind(users.error)
  const found = users.value.find(({ name }) => name === user)
  const before = found === undefined ? null : stateOf(found)
  if (before !== null && 'problem' in before) return blind(`what it says of this user is not understood: ${before.problem}`)
  const after = rules === null ? null : applyRules(before ?? newUser, rules)
  const problem = after !== null && 'problem' in after ? after.problem : null
  const settings = config instanceof ErrorReply ? { error: config.message } : parseConfig(config)
  const setting = (name: string) => ('error' in settings ? undefined : settings.value.get(name))
  return {
    asked,
    problem,
    hasAclFile: setting('aclfile') === undefined ? null : setting('aclfile') !== '',
    at: {
      name: cluster.core().nodes[asked.node]?.name ?? asked.node,
      before,
      // Where it will be refused, it stays.
      after: after !== null && 'problem' in after ? (before ?? newUser) : after,
      whoami: whoami instanceof Uint8Array ? Buffer.from(whoami).toString() : typeof whoami === 'string' ? whoami : null,
      primaryUser: setting('primaryuser') || setting('masteruser') || null
    }
  }
}

function stateOf({ isOn, needsNoPassword, passwordHashes, rules }: AclUser): AclUserState | { readonly problem: string } {
  const made = applyRules(newUser, rules)
  return 'problem' in made ? made : { ...made, isOn, needsNoPassword, passwordHashes }
}

function differencesOf(nodes: readonly SeenNode[]): readonly UserDifference[] {
  const groups = new Map<string, { readonly difference: Omit<UserDifference, 'nodes'>; readonly nodes: number[] }>()
  nodes.forEach(({ at, problem }, index) => {
    if (at === null) return
    const difference = { isThere: at.before !== null, ...compareStates(at.before, at.after), problem }
    const key = JSON.stringify(difference)
    const group = groups.get(key)
    if (group) group.nodes.push(index)
    else groups.set(key, { difference, nodes: [index] })
  })
  return [...groups.values()]
    .sort((a, b) => b.nodes.length - a.nodes.length)
    .map(({ difference, nodes: places }) => ({ nodes: places, ...difference }))
}

function digest(seen: unknown): string {
  return createHash('sha256').update(JSON.stringify(seen)).digest('hex')
}

/** Servers repeat the rule that they refuse. */
function withoutHashes(words: string): string {
  return words.replace(/([#!])[0-9a-f]{64}/g, '$1(hidden)')
}
