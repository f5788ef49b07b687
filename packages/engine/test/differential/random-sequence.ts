import { Random } from '../../src/core/prng.ts'
import type { Command } from './command-runs.ts'
import { CommandGenerator } from './random-commands.ts'
import { KEY_TEMPLATES } from './random-key-templates.ts'
import { SNIPPETS } from './random-snippets.ts'
import { type Kind, TEMPLATES_BY_KIND } from './random-templates.ts'
import { PAST_MS, type Step } from './step.ts'

const KINDS = Object.keys(TEMPLATES_BY_KIND) as readonly Kind[]

/**
 * A random sequence of commands of every group: most by themselves, some in transactions, some in a few that belong together;
 * between them publishing and listening, other protocols, other sizes at which values change their form, and deadlines that pass.
 */
export class SequenceGenerator {
  readonly #g: CommandGenerator
  /** Steps that come next. */
  #ahead: Step[] = [['PFSELFTEST']]

  constructor(seed: number) {
    this.#g = new CommandGenerator(new Random(seed))
  }

  next(): Step {
    const next = this.#ahead.shift()
    if (next) return next
    const g = this.#g
    const roll = g.below(1000)
    if (roll < 25) this.#ahead = this.#transaction()
    else if (roll < 85) this.#ahead = [...(SNIPPETS[g.below(SNIPPETS.length)] as (typeof SNIPPETS)[number])(g)]
    else if (roll < 88) this.#ahead = [this.#past()]
    else if (roll < 90) this.#ahead = [['HELLO', g.one('2', '3')]]
    else return this.#command()
    return this.next()
  }

  #command(): Command {
    const g = this.#g
    const kind = KINDS[g.below(KINDS.length)] as Kind
    return g.nextOf(g.chance(0.15) ? KEY_TEMPLATES : TEMPLATES_BY_KIND[kind], kind)
  }

  #transaction(): Step[] {
    const g = this.#g
    const watched = g.chance(0.4) ? [['WATCH', ...g.keys()], ...g.times(g.below(2), () => this.#command())] : []
    if (g.chance(0.1)) watched.push(['UNWATCH'])
    // The real server does not look where the keys of MSETEX are; the engine does, and EXEC with it.
    const commands = g.times(g.below(6), () => this.#command()).filter(([name]) => name !== 'MSETEX')
    if (g.chance(0.03)) commands.push(g.one('MULTI', 'WATCH') === 'MULTI' ? ['MULTI'] : ['WATCH', g.key()])
    return [...watched, ['MULTI'], ...commands, [g.chance(0.85) ? 'EXEC' : 'DISCARD']]
  }

  #past(): Step {
    const g = this.#g
    const database = g.one('0', '1', '2')
    const kind = KINDS[g.below(KINDS.length)] as Kind
    if (g.chance(0.5)) return ['@past', database, 'PEXPIREAT', `{t}${kind}${g.below(3)}`, String(PAST_MS)]
    return ['@past', database, 'HPEXPIREAT', `{t}hash${g.below(3)}`, String(PAST_MS), 'FIELDS', '1', g.field()]
  }
}
