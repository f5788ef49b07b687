import { formatMemorySize } from '../memory-size.ts'
import type { Node } from '../node.ts'
import type { InfoField } from './info.ts'

/** All but the resident size, which the host tells, are estimates of the node's own structures (`memory-figures.ts`). */
export function memorySection(node: Node): readonly InfoField[] {
  const memory = node.memory.now()
  const resident = node.hostFigures.residentBytes
  const limit = node.config.number('maxmemory')
  return [
    ['used_memory', memory.used],
    ['used_memory_human', formatMemorySize(memory.used)],
    ['used_memory_rss', resident || undefined],
    ['used_memory_rss_human', resident ? formatMemorySize(resident) : undefined],
    ['used_memory_overhead', memory.overhead],
    ['used_memory_dataset', memory.dataset],
    ['used_memory_dataset_perc', `${((memory.dataset / Math.max(1, memory.used)) * 100).toFixed(2)}%`],
    ['maxmemory', limit],
    ['maxmemory_human', formatMemorySize(limit)],
    ['maxmemory_policy', node.config.text('maxmemory-policy')],
    ['mem_fragmentation_ratio', resident && memory.used ? (resident / memory.used).toFixed(2) : undefined],
    ['mem_clients_slaves', memory.replicaClients],
    ['mem_clients_normal', memory.normalClients],
    ['mem_cluster_slot_import', memory.slotImport],
    ['mem_cluster_slot_export', memory.slotExport]
  ]
}
