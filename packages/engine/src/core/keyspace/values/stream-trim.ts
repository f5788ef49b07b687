import type { StreamValue } from './stream.ts'
import { MIN_ID, type StreamId } from './stream-id.ts'
import type { StreamNode } from './stream-node.ts'

/** What may stay of a stream. */
export type TrimRule = {
  readonly keep: { readonly maxLength: number } | { readonly minId: StreamId }
  /** Only whole nodes go. */
  readonly approximate: boolean
  /** Entries that go at most; 0: no limit. */
  readonly limit: number
}

/** Removes entries from the front, node by node as the reference does (`streamTrim`), and returns how many they were. */
export function trimStream(stream: StreamValue, { keep, approximate, limit }: TrimRule): number {
  let removed = 0
  for (;;) {
    const node = stream.nodes.first
    if (!node || ('maxLength' in keep && stream.length <= keep.maxLength)) break
    if (limit > 0 && removed + node.live > limit) break
    if (mayGoWhole(stream, node, keep)) {
      removed += stream.dropNode(node)
      continue
    }
    if (!approximate) {
      removed += stream.deleteFront(node, (id, length) => ('maxLength' in keep ? length > keep.maxLength : id < keep.minId))
    }
    break
  }
  if (stream.length === 0) stream.firstId = MIN_ID
  else if (removed > 0) stream.noteFirst()
  return removed
}

function mayGoWhole(stream: StreamValue, node: StreamNode, keep: TrimRule['keep']): boolean {
  return 'maxLength' in keep ? stream.length - node.live >= keep.maxLength : node.last < keep.minId
}
