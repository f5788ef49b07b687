import type { AuditFilter, AuditLine, AuditOutcome } from '@slotscope/observer/stream'
import { readableName } from './typed-bytes.ts'

/** Lines of the audit as a person reads them. What a line holds is written by many places of the api; what is not known here stands as JSON. */

/** What was done, by the verb of the role table. */
export const verbWords: Readonly<Record<string, string>> = {
  'log-in': 'Log in',
  migrate: 'Move slots',
  operate: 'Change a node',
  restructure: 'Change who is a member',
  edit: 'Change data',
  disconnect: 'End connections',
  command: 'Send a command',
  probe: 'Start or stop a probe',
  acknowledge: 'Acknowledge an outcome',
  manage: 'Change accounts',
  connect: 'Change clusters',
  mend: 'Mend the audit'
}

export const outcomeWords: Readonly<Record<AuditOutcome, string>> = {
  intended: 'intended',
  done: 'done',
  failed: 'failed',
  refused: 'refused'
}

/** Who it was: a name, or who acts without one. */
export function whoOf({ actor, outcome, peer }: Pick<AuditLine, 'actor' | 'outcome' | 'peer'>): string {
  if (actor !== null) return actor.user
  return outcome === 'refused' || peer !== '' ? 'nobody known' : 'Slotscope itself'
}

/**
 * To what it was done: names for ids of nodes, keys as they read, and without the cluster where it is the one on screen.
 *
 * @param nodes names by id (40 hex digits)
 */
export function placeOf(resource: string, cluster: string, nodes: ReadonlyMap<string, string>): string {
  const parts = resource.split(', ').map((part) => {
    const key = /^(.*key) ([A-Za-z0-9_-]*) \(base64url\)$/.exec(part)
    if (key) return `${key[1]} ${readableName(key[2] ?? '')}`
    return part.replace(/\b[0-9a-f]{40}\b/g, (id) => nodes.get(id) ?? `${id.slice(0, 8)}…`).replace(/\b([0-9a-f]{8})[0-9a-f]{24}\b/g, '$1…')
  })
  const rest = parts[0] === `cluster ${cluster}` ? parts.slice(1) : parts
  return rest.length === 0 ? 'this cluster' : rest.join(', ')
}

/** What was sent or meant, in one line: the commands where there are any. Null: the line says nothing of it. */
export function intentOf(line: Pick<AuditLine, 'detail' | 'intent' | 'outcome'>): string | null {
  const detail = line.intent?.detail ?? (line.outcome === 'intended' || line.outcome === 'done' ? line.detail : null)
  if (detail === null || detail === undefined) return null
  if (Array.isArray(detail)) return detail.map((one) => commandOf(one) ?? JSON.stringify(one)).join(' · ')
  if (typeof detail !== 'object') return String(detail)
  const { title, steps, edit, field } = detail as { title?: unknown; steps?: unknown; edit?: unknown; field?: unknown }
  if (typeof title === 'string') return [title, ...stepsOf(steps)].join(' · ')
  if (typeof edit === 'string') return [edit, ...effectsOf(line.detail)].join(' · ')
  if (typeof field === 'string') return `deadline of field ${readableName(field)}`
  return commandOf(detail) ?? plain(detail)
}

/** Why it did not come to anything; null where it did, or where nobody knows yet. */
export function reasonOf({ outcome, detail }: Pick<AuditLine, 'outcome' | 'detail'>): string | null {
  if (outcome === 'intended') return 'Nothing is written of what came of it: it goes on still, or Slotscope ended meanwhile.'
  if (outcome === 'done') return null
  if (typeof detail === 'string') return detail
  if (typeof detail !== 'object' || detail === null) return null
  const { message, outcome: became } = detail as { message?: unknown; outcome?: unknown }
  return typeof message === 'string' ? message : typeof became === 'string' ? became : null
}

/**
 * Lines without those intents whose outcome stands elsewhere in the list: pages are read one by one, and an intent may begin the next.
 */
export function withoutAnswered(lines: readonly AuditLine[]): readonly AuditLine[] {
  const answered = new Set(lines.flatMap(({ intent }) => (intent === null ? [] : [intent.sequence])))
  return lines.filter(({ sequence }) => !answered.has(sequence))
}

/** The query string of a filter, as the api takes it. */
export function queryOf(filter: AuditFilter & { readonly before?: string; readonly format?: 'csv' | 'json' }): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) parameters.set(name, String(value))
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}

function commandOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('command' in value)) return null
  const { command, arguments: count, keys, settings } = value as Record<string, unknown>
  if (Array.isArray(command)) return command.join(' ')
  if (typeof command !== 'string') return null
  const named = [...strings(keys).map(readableName), ...strings(settings)]
  const rest = typeof count === 'number' ? count - named.length : 0
  return [command, ...named, ...(rest > 0 ? [`(${rest} more, not written down)`] : [])].join(' ')
}

function stepsOf(steps: unknown): readonly string[] {
  if (!Array.isArray(steps)) return []
  return steps.flatMap((step: { commands?: unknown }) =>
    Array.isArray(step?.commands) ? step.commands.map((command: unknown) => strings(command).join(' ')) : []
  )
}

/** Names of the commands that an edit sent. */
function effectsOf(detail: unknown): readonly string[] {
  const effects = (detail as { effects?: unknown } | null)?.effects
  return [...new Set(strings(effects))]
}

function plain(detail: object): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ')
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
