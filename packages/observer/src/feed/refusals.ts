import { type Command, ErrorReply, type Reply } from '../caller.ts'
import type { Denial, Panel } from '../stream/core-state.ts'
import { statName } from './cost-meter.ts'

/** A refused command is tried again so often: an operator may have added the rule. Each try is a line in the server's ACL LOG. */
const DENIED_RETRY_MS = 30_000
/** A command that a server does not know it learns by an upgrade at the earliest. */
const UNKNOWN_RETRY_MS = 600_000

/** What a cause of our questions is asked for: the panels that stay empty without it. */
const PANELS: Readonly<Record<string, readonly Panel[]>> = {
  topology: ['topology'],
  identity: ['nodes'],
  info: ['nodes', 'databases', 'traffic', 'expiry'],
  slots: ['slots'],
  jobs: ['jobs'],
  'job progress': ['jobs'],
  traffic: ['traffic'],
  expiry: ['expiry'],
  hash: ['hash']
}

type Refusal = {
  readonly words: string
  /** Null: the server does not know the command. */
  readonly rule: string | null
  readonly panels: ReadonlySet<Panel>
  readonly atMs: number
  /** Asking again sooner would be refused again. */
  readonly restMs: number
  /** A good reply within so long takes nothing back: it may be about another key. */
  readonly lastsMs: number
}

/**
 * What nodes refuse us, by node and command: what our user may not run, and what an older server does not know. Neither is asked
 * for again and again; what is missing for whom is in `core.denied`.
 */
export class Refusals {
  readonly #byNode = new Map<string, Map<string, Refusal>>()

  /** The words of a refusal that still holds; undefined: the command may be sent. */
  lately(node: string, command: Command, nowMs: number): ErrorReply | undefined {
    const held = this.#byNode.get(node)?.get(keyOf(command))
    return held && nowMs >= held.atMs && nowMs - held.atMs < held.restMs ? new ErrorReply(held.words) : undefined
  }

  /** A refused command is wanted for another cause too. Returns true when that changed what is told. */
  wanted(node: string, command: Command, cause: string): boolean {
    const refusals = this.#byNode.get(node)
    const held = refusals?.get(keyOf(command))
    const more = PANELS[cause]?.filter((panel) => !held?.panels.has(panel)) ?? []
    if (!refusals || !held || more.length === 0) return false
    refusals.set(keyOf(command), { ...held, panels: new Set([...held.panels, ...more]) })
    return true
  }

  /** Takes in the reply to a command that was sent. Returns true when that changed what is refused. */
  fold(node: string, command: Command, reply: Reply, cause: string, nowMs: number): boolean {
    const key = keyOf(command)
    const refusals = this.#byNode.get(node)
    const held = refusals?.get(key)
    const verdict = reply instanceof ErrorReply ? verdictOf(command, reply) : undefined
    if (!verdict) {
      if (!held || reply instanceof ErrorReply || nowMs - held.atMs < held.lastsMs) return false
      return (refusals as Map<string, Refusal>).delete(key)
    }
    const panels = new Set([...(held?.panels ?? []), ...(PANELS[cause] ?? [])])
    const entry: Refusal = { ...verdict, words: (reply as ErrorReply).message, panels, atMs: nowMs }
    if (refusals) refusals.set(key, entry)
    else this.#byNode.set(node, new Map([[key, entry]]))
    return held?.words !== entry.words || held.panels.size !== panels.size
  }

  /** The node is gone, or another process may answer there: what it refused is unknown. */
  forget(node: string): void {
    this.#byNode.delete(node)
  }

  /** What is denied, by the rule that is missing. `isNode`: a seed that is none of the cluster's nodes counts while none is known. */
  denied(isNode: (name: string) => boolean): Readonly<Record<string, Denial>> {
    const byRule = new Map<string, { words: string; panels: Set<Panel>; nodes: string[] }>()
    for (const [node, refusals] of this.#byNode) {
      if (!isNode(node)) continue
      for (const { rule, words, panels } of refusals.values()) {
        if (rule === null) continue
        const denial = byRule.get(rule) ?? { words, panels: new Set(), nodes: [] }
        byRule.set(rule, denial)
        for (const panel of panels) denial.panels.add(panel)
        if (!denial.nodes.includes(node)) denial.nodes.push(node)
      }
    }
    return Object.fromEntries(
      [...byRule]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([rule, { words, panels, nodes }]) => [rule, { words, panels: [...panels].sort(), nodes: nodes.sort() }])
    )
  }
}

/** A refusal of a database says nothing of the others; all other refusals are of the command. */
function keyOf(command: Command): string {
  const name = statName(command)
  return name === 'select' ? `select ${String(command[1])}` : name
}

/** The rule that would allow it (acl.c, getAclErrorMessage), and for how long not to ask; undefined: the error is no refusal. */
function verdictOf(command: Command, { message }: ErrorReply): Pick<Refusal, 'rule' | 'restMs' | 'lastsMs'> | undefined {
  if (message.startsWith('NOPERM')) {
    const named = /run the '([^']+)' command/i.exec(message)?.[1]
    if (named !== undefined) return { rule: `+${named.toLowerCase()}`, restMs: DENIED_RETRY_MS, lastsMs: 0 }
    if (/database/i.test(message)) return { rule: `db=${String(command[1])}`, restMs: DENIED_RETRY_MS, lastsMs: 0 }
    // Another key may be allowed, so the command goes on being asked.
    if (/\bkeys?\b/i.test(message)) return { rule: '%R~<pattern>', restMs: 0, lastsMs: DENIED_RETRY_MS }
    return { rule: `+${statName(command)}`, restMs: DENIED_RETRY_MS, lastsMs: 0 }
  }
  return isUnknownCommand(message) ? { rule: null, restMs: UNKNOWN_RETRY_MS, lastsMs: 0 } : undefined
}

/** Whether an error says that the server has no such command at all. */
export function isUnknownCommand(message: string): boolean {
  return /unknown (sub)?command/i.test(message)
}
