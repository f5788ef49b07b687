import type { NodeAddress } from '../caller.ts'
import type { NodeFigures } from './node-figures.ts'
import { NodeLink } from './node-links.ts'

/** What is known of one node besides the topology. */
export type NodeRecord = {
  readonly link: NodeLink
  figures: NodeFigures | undefined
  /** `contents` of its figures when its slots were last counted; null: count them anew. */
  countedContents: string | null
  /** human-nodename; empty: none. */
  humanName: string
  databaseLimit: number | null
  slotStatsEnabled: boolean | null
  /** What replies that nobody can read keep from us, by command. */
  readonly unreadable: Map<string, string>
}

export function newRecord(id: string, address: NodeAddress): NodeRecord {
  return {
    link: new NodeLink(id, address),
    figures: undefined,
    countedContents: null,
    humanName: '',
    databaseLimit: null,
    slotStatsEnabled: null,
    unreadable: new Map()
  }
}
