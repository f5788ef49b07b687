import type { Role } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { isRead } from '../src/clusters/read-only-caller.ts'
import type { CommandFacts } from '../src/commands/command-facts.ts'
import { verdictOf } from '../src/commands/policy.ts'
import { valkeyCommands } from './support/valkey-commands.ts'

const roles: readonly (Role | undefined)[] = [undefined, 'viewer', 'operator', 'admin']
const spoken = (facts: CommandFacts) => facts.name.toUpperCase().split('|')
const verdict = (role: Role | undefined, facts: CommandFacts, ...rest: string[]) =>
  verdictOf(role, { facts, words: [...spoken(facts), ...rest] })
const named = (name: string) => {
  const facts = valkeyCommands.find((one) => one.name === name)
  if (facts === undefined) throw new Error(`no command ${name}`)
  return facts
}
/** May it be sent, with these words behind its name? */
const may = (role: Role | undefined, line: string) => {
  const words = line.split(' ')
  const under = valkeyCommands.find((one) => one.name === words.slice(0, 2).join('|').toLowerCase())
  const facts = under ?? named((words[0] as string).toLowerCase())
  return verdictOf(role, { facts, words }).allowed
}

describe('[T8] which role may send which command', () => {
  test('every command of Valkey 9.1 by every role', async () => {
    const rows = valkeyCommands.map((facts) => {
      const cells = roles.map((role) => {
        const one = verdict(role, facts)
        return one.allowed ? (one.confirm ? 'confirm' : 'yes') : '-'
      })
      const last = verdict('admin', facts)
      return [facts.name.replace('|', ' ').padEnd(28), ...cells.map((cell) => cell.padEnd(9)), last.allowed ? '' : last.reason]
        .join(' ')
        .trimEnd()
    })
    expect(rows.length).toBeGreaterThan(390)
    const head = ['command'.padEnd(28), ...['none', 'viewer', 'operator', 'admin'].map((role) => role.padEnd(9)), 'why nobody may'].join(
      ' '
    )
    await expect(`${[head, ...rows].join('\n')}\n`).toMatchFileSnapshot('./golden/command-roles.txt')
  })

  test('what a role may send, the next one may too; who is not logged in may send nothing', () => {
    for (const facts of valkeyCommands) {
      const [none, viewer, operator, admin] = roles.map((role) => verdict(role, facts).allowed)
      expect([facts.name, none]).toEqual([facts.name, false])
      if (viewer) expect([facts.name, operator]).toEqual([facts.name, true])
      if (operator) expect([facts.name, admin]).toEqual([facts.name, true])
    }
  })

  test('what a viewer may send changes nothing, and passes --read-only; the server calls none of it dangerous', () => {
    for (const facts of valkeyCommands.filter((one) => verdict('viewer', one).allowed)) {
      expect([facts.name, facts.flags.has('write'), facts.categories.has('@dangerous')]).toEqual([facts.name, false, false])
      expect([facts.name, isRead(spoken(facts))]).toEqual([facts.name, facts.name !== 'command'])
    }
  })

  test.each(['SHUTDOWN', 'DEBUG', 'MONITOR', 'MODULE LOAD', 'REPLICAOF', 'MIGRATE', 'SUBSCRIBE', 'ACL SETUSER', 'AUTH', 'SAVE'])(
    '%s is sent by nobody',
    (line) => {
      for (const role of roles) expect(may(role, `${line} x y z`)).toBe(false)
    }
  )

  test.each([
    ['CONFIG SET dir /etc/ssh', false],
    ['CONFIG SET DBFILENAME authorized_keys', false],
    ['CONFIG SET maxmemory 1 dir /etc', false],
    ['CONFIG SET enable-debug-command yes', false],
    ['CONFIG SET tls-key-file /etc/passwd', false],
    ['CONFIG SET logfile /etc/motd', false],
    ['CONFIG SET maxmemory 1', true],
    ['CONFIG GET dir', true]
  ])('an admin: %s -> %s', (line, allowed) => {
    expect(may('admin', line)).toBe(allowed)
    expect(may('operator', line)).toBe(false)
  })

  test('what waits is refused, unless it waits for a second at most; keys may have any name', () => {
    expect(may('admin', 'BLPOP k 0')).toBe(false)
    expect(may('admin', 'WAIT 1 0')).toBe(false)
    expect(may('admin', 'WAIT 1 60000')).toBe(false)
    expect(may('admin', 'WAIT 1 1000')).toBe(true)
    expect(may('viewer', 'XREAD BLOCK 0 STREAMS s $')).toBe(false)
    expect(may('viewer', 'XREAD COUNT 1 block 5 STREAMS s 0')).toBe(false)
    expect(may('viewer', 'XREAD STREAMS block 0')).toBe(true)
  })

  test('scripts are for admins, and are confirmed, since they may hold anything', () => {
    for (const name of ['eval', 'evalsha', 'fcall']) {
      expect(verdict('operator', named(name)).allowed).toBe(false)
      expect(verdict('admin', named(name))).toEqual({ allowed: true, confirm: true })
    }
    for (const name of ['eval_ro', 'evalsha_ro', 'fcall_ro', 'function|load', 'script|load'])
      expect(verdict('operator', named(name)).allowed).toBe(false)
  })

  test('a server that lies about its commands gets no further than the tables', () => {
    const lying = (name: string): CommandFacts => ({ ...named(name), flags: new Set(['readonly']), categories: new Set(['@read']) })
    for (const name of ['shutdown', 'monitor', 'migrate', 'module|load', 'acl|setuser', 'replicaof'])
      expect(verdictOf('admin', { facts: lying(name), words: spoken(named(name)) }).allowed).toBe(false)
    // It can make a viewer send FLUSHALL to itself; --read-only does not believe it.
    expect(isRead(['FLUSHALL'])).toBe(false)
  })
})
