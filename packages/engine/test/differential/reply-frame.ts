/** Replies as trees, for comparing what has no promised order. Text is latin1: one unit per byte. */
export type ReplyTree = string | { readonly kind: string; readonly items: readonly ReplyTree[] }

/** One reply that begins at `start`, and where the next one begins; undefined while bytes are missing. */
export function readFrame(text: string, start: number): { readonly tree: ReplyTree; readonly end: number } | undefined {
  const lineEnd = text.indexOf('\r\n', start)
  if (lineEnd < 0) return undefined
  const kind = text.charAt(start)
  const head = text.slice(start + 1, lineEnd)
  if (kind === '$' || kind === '=' || kind === '!') {
    if (head === '-1') return { tree: '(nil)', end: lineEnd + 2 }
    const end = lineEnd + 2 + Number(head) + 2
    return text.length < end ? undefined : { tree: kind + text.slice(lineEnd + 2, end - 2), end }
  }
  if (kind === '*' || kind === '%' || kind === '~' || kind === '>') {
    if (head === '-1') return { tree: '(nil array)', end: lineEnd + 2 }
    const count = Number(head) * (kind === '%' ? 2 : 1)
    const items: ReplyTree[] = []
    let end = lineEnd + 2
    for (let i = 0; i < count; i++) {
      const item = readFrame(text, end)
      if (!item) return undefined
      items.push(item.tree)
      end = item.end
    }
    return { tree: { kind, items }, end }
  }
  return { tree: kind + head, end: lineEnd + 2 }
}

/** The same text for the same elements in any order; with `inPairs`, for the same pairs. Also inside SCAN's pages. */
export function withoutOrder(tree: ReplyTree, inPairs: boolean): string {
  if (typeof tree === 'string') return tree
  const [cursor, page] = tree.items
  if (tree.items.length === 2 && typeof cursor === 'string' && page !== undefined && typeof page !== 'string' && cursor.startsWith('$')) {
    return `[${cursor} ${withoutOrder(page, inPairs)}]`
  }
  const parts: string[] = []
  const flat = tree.items.map((item) => JSON.stringify(item))
  const step = inPairs && flat.length % 2 === 0 && tree.items.every((item) => typeof item === 'string') ? 2 : 1
  for (let i = 0; i < flat.length; i += step) parts.push(flat.slice(i, i + step).join('='))
  return `${tree.kind}${parts.sort().join(' ')}`
}

/** Where the reply that begins at `start` ends; -1 while bytes are missing. */
export function frameEnd(text: string, start: number): number {
  let at = start
  for (let missing = 1; missing > 0; missing--) {
    const lineEnd = text.indexOf('\r\n', at)
    if (lineEnd < 0) return -1
    const kind = text.charCodeAt(at)
    if (kind === 0x24 || kind === 0x3d || kind === 0x21) {
      const length = Number(text.slice(at + 1, lineEnd))
      at = length < 0 ? lineEnd + 2 : lineEnd + length + 4
      if (at > text.length) return -1
      continue
    }
    if (kind === 0x2a || kind === 0x7e || kind === 0x3e) missing += Math.max(0, Number(text.slice(at + 1, lineEnd)))
    if (kind === 0x25) missing += 2 * Number(text.slice(at + 1, lineEnd))
    at = lineEnd + 2
  }
  return at
}

/** The elements of an array, set or push reply, each as it came; undefined for another reply. */
export function elementsOf(reply: string): string[] | undefined {
  if (!/^[*~>]\d/.test(reply)) return undefined
  const elements: string[] = []
  for (let at = reply.indexOf('\r\n') + 2; at < reply.length; ) {
    const end = frameEnd(reply, at)
    if (end < 0) return undefined
    elements.push(reply.slice(at, end))
    at = end
  }
  return elements
}
