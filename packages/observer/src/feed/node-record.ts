import type { NodeAddress } from '../caller.ts'
import type { NodeFigures } from './node-figures.ts'
import { NodeLink } from './node-links.ts'

/** What is known of one node besides the topology. */
export type NodeRecord = {
  readonly link: NodeLink
  figures: NodeFigures | undefined
  /** human-nodename; empty: none. */
  humanName: string
  databaseLimit: number | null
  slotStatsEnabled: boolean | null
  /** What refusals and unreadable replies keep from us, by the command that was refused. */
  readonly refusals: Map<string, string>
}

export function newRecord(id: string, address: NodeAddress): NodeRecord {
  return {
    link: new NodeLink(id, address),
    figures: undefined,
    humanName: '',
    databaseLimit: null,
    slotStatsEnabled: null,
    refusals: new Map()
  }
}

/** What a node keeps from us, in words that name the missing rule; undefined: nothing. */
export function blindSpotOf(record: NodeRecord): string | undefined {
  if (record.refusals.size === 0) return undefined
  return [...record.refusals]
    .map(([command, error]) =>
      error.startsWith('NOPERM') ? `${error}. The missing rule is +${command.toLowerCase().replace(' ', '|')}` : error
    )
    .join('; ')
}
