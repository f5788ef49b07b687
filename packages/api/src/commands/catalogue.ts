import type { CommandsAnswer, Role } from '@slotscope/observer/stream'
import { type AskedCluster, askNode, sound } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import { type CommandFacts, type CommandWords, factsOf, wordsOf } from './command-facts.ts'
import { verdictOf } from './policy.ts'

/** COMMAND and COMMAND DOCS cost a node some milliseconds together; servers are replaced by newer ones rarely. */
const KEPT_MS = 10 * 60_000

export type Catalogue = {
  readonly facts: ReadonlyMap<string, CommandFacts>
  readonly words: ReadonlyMap<string, CommandWords>
  readonly atMs: number
}

/** What the servers of each cluster can do, asked of one node and kept. */
export class Catalogues {
  readonly #kept = new WeakMap<AskedCluster, Promise<Catalogue>>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  async of(cluster: AskedCluster): Promise<Catalogue> {
    const kept = await this.#kept.get(cluster)?.catch(() => undefined)
    if (kept !== undefined && this.#now() - kept.atMs < KEPT_MS) return kept
    const asked = ask(cluster, this.#now())
    this.#kept.set(cluster, asked)
    return asked
  }
}

async function ask(cluster: AskedCluster, nowMs: number): Promise<Catalogue> {
  const { nodes } = cluster.core()
  const node = Object.values(nodes).find((one) => one.role === 'primary' && one.health === 'online')
  if (node === undefined) throw new ApiFailure('CLUSTER_UNREACHABLE', 'no primary of this cluster answers')
  const [command, docs] = await askNode(
    cluster,
    node.id,
    [
      ['COMMAND', 'INFO'],
      ['COMMAND', 'DOCS']
    ],
    'command line'
  )
  return { facts: factsOf(sound(command, node.id)), words: wordsOf(sound(docs, node.id)), atMs: nowMs }
}

/** What completion shows to this role, by name. Containers without a function of their own are left out. */
export function describe(catalogue: Catalogue, role: Role): CommandsAnswer {
  const commands = [...catalogue.facts.values()]
    .filter((facts) => !facts.isContainer)
    .map((facts) => {
      const spoken = facts.name.toUpperCase().split('|')
      const verdict = verdictOf(role, { facts, words: spoken })
      const words = catalogue.words.get(facts.name)
      return {
        name: spoken.join(' '),
        arity: facts.arity,
        firstKey: facts.keys.first,
        summary: words?.summary ?? '',
        group: words?.group ?? '',
        since: words?.since ?? '',
        complexity: words?.complexity ?? '',
        arguments: words?.arguments ?? [],
        refusal: verdict.allowed ? null : verdict.reason,
        confirm: verdict.allowed && verdict.confirm
      }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return { commands, atMs: catalogue.atMs }
}
