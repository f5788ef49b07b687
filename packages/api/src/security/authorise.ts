import type { Role, Topic } from '@slotscope/observer/stream'
import { ApiFailure } from '../errors.ts'

/**
 * Who may do what. Every door (HTTP routes, topics of a stream, work that a plan starts) asks `authorise` and nothing else
 * decides; what is not in the table is denied.
 */

export type Actor = { readonly user: string; readonly role: Role }

/**
 * What is done: `see` state and figures, `scrape` metrics, `browse` keys and values, `plan`, `withdraw` a plan, `migrate`, `operate` nodes (fail over,
 * replicate, add slots, a setting), `restructure` (who is a member, a failover without votes), `diagnose` nodes (INFO, settings, who is connected),
 * `entitle`: see, test and change the users of the servers, `disconnect` clients, `probe` what clients notice,
 * `acknowledge`, `label` databases, `edit` data, send a `command`, `leave`;
 * `manage` accounts, `inspect` the audit, `connect` to further clusters;
 * `play` a recording, which everybody who looks then sees.
 */
export type Verb =
  | 'see'
  | 'scrape'
  | 'browse'
  | 'plan'
  | 'withdraw'
  | 'migrate'
  | 'operate'
  | 'restructure'
  | 'diagnose'
  | 'entitle'
  | 'disconnect'
  | 'probe'
  | 'acknowledge'
  | 'label'
  | 'edit'
  | 'command'
  | 'leave'
  | 'manage'
  | 'inspect'
  | 'connect'
  | 'play'

/** To what it is done. `owner` is the user who made the thing, where that matters. */
export type Resource =
  | { readonly kind: 'api' }
  | { readonly kind: 'cluster'; readonly cluster: string }
  | { readonly kind: 'topic'; readonly cluster: string; readonly topic: Topic }
  | { readonly kind: 'plan'; readonly cluster: string; readonly owner: string }

const rank: Readonly<Record<Role, number>> = { viewer: 1, operator: 2, admin: 3 }

/** The least role that may do it. A viewer changes nothing in a cluster. */
export const leastRole = {
  see: 'viewer',
  scrape: 'viewer',
  browse: 'viewer',
  plan: 'viewer',
  withdraw: 'viewer',
  leave: 'viewer',
  migrate: 'operator',
  operate: 'operator',
  restructure: 'admin',
  diagnose: 'operator',
  entitle: 'admin',
  disconnect: 'operator',
  probe: 'operator',
  acknowledge: 'operator',
  label: 'operator',
  edit: 'operator',
  play: 'operator',
  /** Which command, the policy of the command line decides by role. */
  command: 'viewer',
  manage: 'admin',
  inspect: 'admin',
  connect: 'admin'
} as const satisfies Record<Verb, Role>

/** True when the actor may do it. Unknown roles and verbs are denied. */
export function mayDo(actor: Actor, verb: Verb, resource: Resource): boolean {
  const have = Object.hasOwn(rank, actor.role) ? rank[actor.role] : 0
  const need = Object.hasOwn(leastRole, verb) ? rank[leastRole[verb]] : Number.POSITIVE_INFINITY
  if (have < need) return false
  // The plan of somebody else is for an operator to take away.
  if (verb === 'withdraw' && resource.kind === 'plan' && resource.owner !== actor.user) return have >= rank.operator
  return true
}

/** Throws `FORBIDDEN` unless the actor may do it. */
export function authorise(actor: Actor, verb: Verb, resource: Resource): void {
  if (mayDo(actor, verb, resource)) return
  throw new ApiFailure('FORBIDDEN', `a ${actor.role} may not ${words[verb] ?? 'do this'}; it takes the role ${leastRole[verb] ?? 'admin'}`)
}

const words: Readonly<Record<Verb, string>> = {
  see: 'see this',
  scrape: 'read the metrics',
  browse: 'look at keys and values',
  plan: 'make a plan',
  withdraw: 'withdraw this plan',
  leave: 'log out',
  migrate: 'move slots or cancel a move',
  operate: 'change what a node does',
  restructure: 'say who belongs to the cluster',
  diagnose: 'look into nodes',
  entitle: 'see or say who may do what on the servers',
  disconnect: 'end connections of clients',
  probe: 'start or stop a probe',
  acknowledge: 'acknowledge an outcome',
  label: 'name a database',
  edit: 'change data',
  play: 'decide what of a recording is shown',
  command: 'send commands',
  manage: 'manage accounts',
  inspect: 'read the audit',
  connect: 'say which clusters are watched'
}
