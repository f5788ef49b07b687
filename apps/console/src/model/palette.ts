import { type CoreState, formatRanges, parseRanges, type SlotRange } from '@slotscope/observer/stream'
import { plural } from './format.ts'
import { keySlot } from './key-slot.ts'
import { compareLabels } from './shard-order.ts'
import { bytesOfText } from './typed-bytes.ts'

/** Entries of one kind that are shown at most. */
const most = 6

/** Finds entries whose words all occur, those that begin with what was typed first. */
export function matching<T>(entries: readonly T[], typed: string, textOf: (entry: T) => string, limit = most): T[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return entries.slice(0, limit)
  const found = entries.flatMap((entry) => {
    const text = textOf(entry).toLowerCase()
    return words.every((word) => text.includes(word)) ? [{ entry, first: text.startsWith(words[0]!) ? 0 : 1 }] : []
  })
  return found
    .sort((a, b) => a.first - b.first)
    .slice(0, limit)
    .map(({ entry }) => entry)
}

export type FoundShard = {
  readonly key: string
  readonly label: string
  readonly color: number
  readonly node: string
  readonly slots: string
}

/** Shards by letter, by name or address of their nodes. Nothing is shown before something is typed. */
export function matchingShards(core: Pick<CoreState, 'shards' | 'nodes'>, typed: string): FoundShard[] {
  if (typed.trim() === '') return []
  const shards = Object.values(core.shards).sort((a, b) => compareLabels(a.label, b.label))
  const nodesOf = (ids: readonly (string | null)[]) =>
    ids.flatMap((id) => {
      const node = id === null ? undefined : core.nodes[id]
      return node ? [`${node.name} ${node.host}:${node.port}`] : []
    })
  return matching(shards, typed, (shard) =>
    [shard.label, `shard ${shard.label}`, ...nodesOf([shard.primary, ...shard.replicas])].join(' ')
  ).map((shard) => ({
    key: shard.key,
    label: shard.label,
    color: shard.color,
    node: (shard.primary === null ? undefined : core.nodes[shard.primary]?.name) ?? 'no primary',
    slots: plural(shard.slotCount, 'slot')
  }))
}

/** What was typed as ranges of slots, if it is such: `100-220, 300`. */
export function typedRanges(typed: string): { readonly text: string; readonly ranges: readonly SlotRange[] } | null {
  if (!/^[\d\s,;.-]+$/.test(typed)) return null
  const parsed = parseRanges(typed)
  if ('error' in parsed || parsed.ranges.length === 0) return null
  return { text: formatRanges(parsed.ranges, 400).replaceAll(', ', ','), ranges: parsed.ranges }
}

/** The slot of what was typed, taken as a key. */
export function slotOfTyped(typed: string): number {
  return keySlot(bytesOfText(typed)).slot
}
