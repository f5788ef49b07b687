import { createHash } from 'node:crypto'
import type { AclUserState } from './acl-rules.ts'

/** What a node says that a change of a user bears on. */
export type UserAtNode = {
  /** Of the node. */
  readonly name: string
  /** The user as it is; null: it is not there. */
  readonly before: AclUserState | null
  /** As it will be; null: it is deleted. */
  readonly after: AclUserState | null
  /** The user that our connections to it have; null: it does not say. */
  readonly whoami: string | null
  /** Replicas log in to it as this user; null: as `default`, or it does not say. */
  readonly primaryUser: string | null
}

/** What a change does to others than the user itself, in sentences; `ourPassword`: the one of the profile. */
export function warningsOf(user: string, nodes: readonly UserAtNode[], ourPassword: string | undefined): readonly string[] {
  const at = (fits: (node: UserAtNode) => boolean, words: (where: string) => string) => {
    const names = nodes.filter(fits).map(({ name }) => name)
    return names.length === 0 ? [] : [words(names.length === nodes.length ? '' : `, at ${listed(names)}`)]
  }
  const isOpen = (state: AclUserState | null) => state?.isOn === true && state.needsNoPassword
  const isOurs = ({ whoami }: UserAtNode) => whoami === user
  const letsUsIn = ({ after }: UserAtNode) =>
    after?.needsNoPassword === true || (ourPassword !== undefined && (after?.passwordHashes.includes(hashOf(ourPassword)) ?? false))
  return [
    ...(user === 'default'
      ? [
          ...at(
            ({ before, after }) => isOpen(before) && !isOpen(after),
            (where) => `Clients that do not log in are the user default: from then on they are refused${where}.`
          ),
          ...at(
            ({ before, after }) => !isOpen(before) && isOpen(after),
            (where) => `From then on whoever reaches the port is let in without a password${where}.`
          )
        ]
      : []),
    ...at(isOurs, (where) => `Slotscope itself is connected as this user${where}.`),
    ...at(
      (node) => isOurs(node) && node.after === null,
      (where) =>
        `Its own connections end at once and it cannot log in again${where}: it sees nothing more there, and cannot save it either.`
    ),
    ...at(
      (node) => isOurs(node) && node.after !== null && !node.after.isOn,
      (where) => `Slotscope keeps the connections that it has and cannot log in again once one of them ends${where}.`
    ),
    ...at(
      (node) => isOurs(node) && node.after?.isOn === true && !letsUsIn(node),
      (where) =>
        `What Slotscope logs in with is not among its passwords${where}: once a connection ends, it cannot come back. Change its profile as well.`
    ),
    ...at(
      (node) => isOurs(node) && node.after !== null && differsInRights(node.before, node.after),
      (where) => `What its rules do not allow, Slotscope cannot see or do any more${where}; Health then names the rule that is missing.`
    ),
    ...at(
      ({ primaryUser }) => primaryUser === user,
      (where) => `Replicas log in to their primaries as this user (primaryuser)${where}.`
    )
  ]
}

function differsInRights(before: AclUserState | null, after: AclUserState): boolean {
  return JSON.stringify([before?.own, before?.selectors]) !== JSON.stringify([after.own, after.selectors])
}

/** True where the change can lock out us, replicas, or whoever does not log in: it takes the typed name. */
export function isGrave(user: string, nodes: readonly UserAtNode[]): boolean {
  return user === 'default' || nodes.some((node) => node.after === null || node.whoami === user || node.primaryUser === user)
}

/** `#` and the SHA-256 of a password, as ACL SETUSER takes it. */
export function hashOf(password: string): string {
  return `#${createHash('sha256').update(password).digest('hex')}`
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 6)
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ')
}
