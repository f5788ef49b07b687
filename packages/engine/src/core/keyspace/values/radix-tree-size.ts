import type { StreamId } from './stream-id.ts'

/**
 * How many nodes the reference's radix tree (`rax.c`) would have for these ids, ascending, as keys of 16 bytes: XINFO STREAM tells.
 * A node for each place where keys part, one for each run of bytes that some keys share and one at the end of each key.
 */
export function radixTreeNodes(ids: readonly StreamId[]): number {
  const first = ids[0]
  if (first === undefined) return 1
  let nodes = ids.length
  // The depths, in bytes, of the branches that lie on the way to the last key so far, and of the end of that key.
  const branches: number[] = []
  const close = (down: number, from: number) => {
    if (down - from > 0) nodes++
  }
  let end = KEY_BYTES
  const unwindTo = (depth: number) => {
    while (branches.length > 0 && (branches.at(-1) as number) > depth) {
      const branch = branches.pop() as number
      close(end, branch + 1)
      nodes++
      end = branch
    }
  }
  for (let i = 1; i < ids.length; i++) {
    const depth = sharedBytes(ids[i - 1] as StreamId, ids[i] as StreamId)
    unwindTo(depth)
    if (branches.at(-1) !== depth) branches.push(depth)
    close(end, depth + 1)
    end = KEY_BYTES
  }
  unwindTo(-1)
  close(end, 0)
  return nodes
}

const KEY_BYTES = 16

function sharedBytes(a: StreamId, b: StreamId): number {
  return KEY_BYTES - Math.ceil((a ^ b).toString(16).length / 2)
}
