import type { Command } from '@slotscope/observer'
import type { CommandArgument, Role } from '@slotscope/observer/stream'
import { ApiFailure } from '../errors.ts'
import type { Catalogue } from './catalogue.ts'
import { type Asked, verdictOf } from './policy.ts'

/** A command that somebody wants to send: as it goes out, and as the policy and the audit see it. */
export type AskedCommand = Asked & {
  readonly command: Command
  readonly confirm: boolean
}

/**
 * Throws `BAD_REQUEST` for what the servers do not know or what has too few or too many words, `FORBIDDEN` with the reason for what
 * this role may not send.
 */
export function askedCommand(catalogue: Catalogue, role: Role, argv: readonly CommandArgument[]): AskedCommand {
  const bytes = argv.map((argument) => (typeof argument === 'string' ? Buffer.from(argument) : Buffer.from(argument.bytes, 'base64url')))
  const words = bytes.map((one) => one.toString('latin1'))
  const [name = '', sub = ''] = words
  const alone = catalogue.facts.get(name.toLowerCase())
  const under = catalogue.facts.get(`${name}|${sub}`.toLowerCase())
  const facts = alone?.isContainer ? (under ?? (words.length === 1 ? alone : undefined)) : alone
  if (facts === undefined) {
    const spoken = alone === undefined ? name : `${name} ${sub}`
    throw new ApiFailure('BAD_REQUEST', `this server knows no command "${shortened(spoken)}"`)
  }
  const verdict = verdictOf(role, { facts, words })
  const spoken = facts.name.toUpperCase().replace('|', ' ')
  if (!verdict.allowed) throw new ApiFailure('FORBIDDEN', `${spoken} is not sent: ${verdict.reason}`)
  if (facts.arity > 0 ? words.length !== facts.arity : words.length < -facts.arity)
    throw new ApiFailure(
      'BAD_REQUEST',
      `${spoken} takes ${facts.arity > 0 ? '' : 'at least '}${wordCount(facts)}, not ${wordCount(facts, words.length)}`
    )
  const [, ...rest] = bytes
  const tail = facts.name.includes('|') ? rest.slice(1) : rest
  return { facts, words, confirm: verdict.confirm, command: [...spoken.split(' '), ...tail] }
}

/** The words behind the name. */
function wordCount(facts: Asked['facts'], all = Math.abs(facts.arity)): string {
  const count = all - (facts.name.includes('|') ? 2 : 1)
  return `${count} ${count === 1 ? 'argument' : 'arguments'}`
}

/**
 * What the audit keeps: the name, the keys where COMMAND says where they stand, names of settings, and how many words there were.
 * Never another argument, so no value, no password and no script.
 */
export function auditedCommand({ facts, words }: Asked): unknown {
  const spoken = facts.name.toUpperCase().replace('|', ' ')
  const { first, last, step } = facts.keys
  const end = last < 0 ? words.length + last : last
  const keys: string[] = []
  for (let at = first; first > 0 && step > 0 && at <= end && at < words.length; at += step) keys.push(base64url(words[at] ?? ''))
  const settings =
    facts.name === 'config|set' || facts.name === 'config|get'
      ? words.slice(2).filter((_, index) => facts.name === 'config|get' || index % 2 === 0)
      : []
  return {
    command: spoken,
    arguments: words.length - (facts.name.includes('|') ? 2 : 1),
    ...(keys.length === 0 ? {} : { keys: keys.slice(0, 100) }),
    ...(settings.length === 0 ? {} : { settings: settings.map(shortened) })
  }
}

function base64url(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('base64url')
}

function shortened(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}...` : text
}
