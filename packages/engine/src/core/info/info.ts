import type { Node } from '../node.ts'
import { clientsSection } from './clients-section.ts'
import { commandStatsSection, errorStatsSection, latencyStatsSection } from './command-sections.ts'
import { keyspaceSection } from './keyspace-section.ts'
import { memorySection } from './memory-section.ts'
import { persistenceSection } from './persistence-section.ts'
import { clusterSection, cpuSection, serverSection } from './server-section.ts'
import { statsSection } from './stats-section.ts'

/** One field of INFO: what is not known is undefined and is left out, never made up. */
export type InfoField = readonly [name: string, value: string | number | undefined]

type Section = {
  readonly title: string
  /** Shown when no section is asked for. */
  readonly isDefault: boolean
  readonly fields: (node: Node) => readonly InfoField[]
}

/** By the names that INFO takes, in the order in which they are printed. */
const SECTIONS: ReadonlyMap<string, Section> = new Map<string, Section>([
  ['server', { title: 'Server', isDefault: true, fields: serverSection }],
  ['clients', { title: 'Clients', isDefault: true, fields: clientsSection }],
  ['memory', { title: 'Memory', isDefault: true, fields: memorySection }],
  ['persistence', { title: 'Persistence', isDefault: true, fields: persistenceSection }],
  ['stats', { title: 'Stats', isDefault: true, fields: statsSection }],
  ['replication', { title: 'Replication', isDefault: true, fields: (node) => node.replication.infoLines().map(splitLine) }],
  ['cpu', { title: 'CPU', isDefault: true, fields: cpuSection }],
  ['commandstats', { title: 'Commandstats', isDefault: false, fields: commandStatsSection }],
  ['errorstats', { title: 'Errorstats', isDefault: true, fields: errorStatsSection }],
  ['latencystats', { title: 'Latencystats', isDefault: false, fields: latencyStatsSection }],
  ['cluster', { title: 'Cluster', isDefault: true, fields: clusterSection }],
  ['keyspace', { title: 'Keyspace', isDefault: true, fields: keyspaceSection }]
])

/** The text of INFO for these section names (any case); none: the default ones. Unknown names add nothing. */
export function infoText(node: Node, names: readonly string[]): string {
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  const everything = wanted.has('all') || wanted.has('everything')
  const defaults = names.length === 0 || wanted.has('default')
  const parts: string[] = []
  for (const [name, section] of SECTIONS) {
    if (!everything && !wanted.has(name) && !(defaults && section.isDefault)) continue
    const lines = section.fields(node).flatMap(([field, value]) => (value === undefined ? [] : [`${field}:${value}\r\n`]))
    parts.push(`# ${section.title}\r\n${lines.join('')}`)
  }
  return parts.join('\r\n')
}

function splitLine(line: string): InfoField {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1)]
}
