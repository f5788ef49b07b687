import { joinSelectors } from '../acl/joined-selectors.ts'
import type { Selector } from '../acl/selector.ts'
import type { ReplyWriter } from '../resp/reply-writer.ts'
import { type CommandFlag, defineCommand } from './define-command.ts'

const ADMIN: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale']

export const setUser = defineCommand({
  name: 'ACL|SETUSER',
  group: 'server',
  since: '6.0.0',
  summary: 'Makes a user, or changes one, by rules: all of them, or none when one is wrong.',
  arity: -3,
  flags: ADMIN,
  run: ({ node, reply }, args) => {
    const name = args.text(2)
    if (/[\0\s]/.test(name)) return reply.error("ERR Usernames can't contain spaces or null characters")
    const rules = joinSelectors(Array.from({ length: args.length - 3 }, (_, index) => args.text(index + 3)))
    if (typeof rules === 'string') return reply.error(`ERR ${rules}`)
    const problem = node.acl.setUser(name, rules)
    if (problem === undefined) reply.ok()
    else reply.error(`ERR ${problem}`)
  }
})

export const deleteUser = defineCommand({
  name: 'ACL|DELUSER',
  group: 'server',
  since: '6.0.0',
  summary: 'Removes users, and ends their connections.',
  arity: -3,
  flags: ADMIN,
  run: ({ client, node, reply }, args) => {
    const names = Array.from({ length: args.length - 2 }, (_, index) => args.text(index + 2))
    if (names.includes('default')) return reply.error("ERR The 'default' user cannot be removed")
    reply.integer(names.filter((name) => node.acl.removeUser(name, client)).length)
  }
})

export const getUser = defineCommand({
  name: 'ACL|GETUSER',
  group: 'server',
  since: '6.0.0',
  summary: 'Tells what a user may do.',
  arity: 3,
  flags: ADMIN,
  run: ({ node, reply }, args) => {
    const user = node.acl.user(args.text(2))
    if (!user) return reply.null()
    reply.map(7)
    reply.latin1('flags')
    const flags = [user.isOn ? 'on' : 'off', ...(user.needsNoPassword ? ['nopass'] : [])]
    reply.set(flags.length)
    for (const flag of flags) reply.latin1(flag)
    reply.latin1('passwords')
    reply.array(user.passwords.length)
    for (const hash of user.passwords) reply.latin1(hash)
    writeSelector(reply, user.own)
    reply.latin1('selectors')
    const others = user.selectors.slice(1)
    reply.array(others.length)
    for (const selector of others) {
      reply.map(4)
      writeSelector(reply, selector)
    }
  }
})

function writeSelector(reply: ReplyWriter, selector: Selector): void {
  const fields = [
    ['commands', selector.describeCommands()],
    ['keys', selector.describeKeys()],
    ['channels', selector.describeChannels()],
    ['databases', selector.describeDatabases()]
  ] as const
  for (const [name, text] of fields) {
    reply.latin1(name)
    reply.latin1(text)
  }
}

export const list = defineCommand({
  name: 'ACL|LIST',
  group: 'server',
  since: '6.0.0',
  summary: 'Shows every user as the rules that make it.',
  arity: 2,
  flags: ADMIN,
  run: ({ node, reply }) => {
    const users = node.acl.users()
    reply.array(users.length)
    for (const user of users) reply.latin1(user.describe())
  }
})

export const users = defineCommand({
  name: 'ACL|USERS',
  group: 'server',
  since: '6.0.0',
  summary: 'Names the users.',
  arity: 2,
  flags: ADMIN,
  run: ({ node, reply }) => {
    const all = node.acl.users()
    reply.array(all.length)
    for (const { name } of all) reply.latin1(name)
  }
})
