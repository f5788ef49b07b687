import type { CoreState, DatabaseCell, NodeState, ShardState } from '@slotscope/observer/stream'
import { deniedFor } from '../../model/denied.ts'
import { formatCompact, formatCount, formatDuration } from '../../model/format.ts'
import { figureOf, type MatrixFigure } from '../../model/matrix.ts'

/** A figure of the matrix as text. */
export function figureWords(value: number | null, figure: MatrixFigure): string {
  if (value === null) return '–'
  return figure === 'average-ttl' ? formatDuration(value) : formatCompact(value)
}

/** The second line of a cell: what is worth knowing beside the chosen figure. */
export function besideWords(cell: DatabaseCell, figure: MatrixFigure): string {
  switch (figure) {
    case 'keys':
      return `${formatCompact(cell.withExpiry)} expire`
    case 'volatile-fields':
      return 'hashes'
    case 'with-expiry':
    case 'average-ttl':
      return `of ${formatCompact(cell.keys)}`
  }
}

/** A cell in one sentence, for readers and the tooltip. */
export function cellSentence(database: number, shard: ShardState, cell: DatabaseCell | null, figure: MatrixFigure): string {
  const where = `database ${database}, shard ${shard.label}`
  if (!cell) return `${where}: no keys`
  const lead = figureOf(cell, figure)
  const average = cell.withExpiry > 0 ? `, on average ${formatDuration(cell.averageTtlMs)} left` : ''
  const words = `${formatCount(cell.keys)} keys, ${formatCount(cell.withExpiry)} with expiry${average}, ${formatCount(cell.withVolatileFields)} hashes with volatile fields`
  return figure === 'keys' || lead === null ? `${where}: ${words}` : `${where}: ${figureWords(lead, figure)}; ${words}`
}

/** Why nothing is known of a shard, in a word for its cells and in a sentence. */
export function whyUnread(
  shard: ShardState,
  nodes: Readonly<Record<string, NodeState>>,
  denied: CoreState['denied']
): { readonly word: string; readonly sentence: string } {
  const primary = shard.primary === null ? undefined : nodes[shard.primary]
  if (!primary) return { word: 'no primary', sentence: `Shard ${shard.label} has no primary that could be asked.` }
  const refusal = deniedFor(denied, 'databases', primary.id)
  if (refusal)
    return {
      word: 'denied',
      sentence: `${primary.name} refuses INFO: ${refusal.words}${refusal.rule === null ? '' : ` The missing rule is ${refusal.rule}.`}`
    }
  if (primary.health === 'unreachable' || primary.error !== null)
    return { word: 'no answer', sentence: `${primary.name} does not answer${primary.error === null ? '.' : `: ${primary.error}`}` }
  return { word: 'not read yet', sentence: `${primary.name} was not read yet.` }
}

/** A node's name in a narrow column: the port is what tells nodes of one host apart. */
export function shortName(name: string | undefined): string {
  if (name === undefined) return 'no primary'
  return /:\d+$/.exec(name)?.[0] ?? name
}
