/** One line of the tree of keys, as it is drawn. */
export type TreeLine = {
  readonly depth: number
  readonly label: string
  /** Which line holds this one; -1: none. */
  readonly parent: number
} & (
  | {
      readonly kind: 'folder'
      /** The whole prefix, with its last delimiter. */
      readonly path: string
      readonly keys: number
      readonly open: boolean
    }
  | { readonly kind: 'key'; readonly index: number }
)

type Leaf = { readonly label: string; readonly index: number }
type Folder = {
  readonly path: string
  readonly folders: Map<string, Folder>
  keys: number
  /** Names in order, and those that came since. */
  readonly names: Growing<string>
  readonly leaves: Growing<Leaf>
}
/** What is in order, and what came since it was put in order. */
type Growing<T> = { inOrder: readonly T[]; fresh: T[] }

/**
 * Keys as a tree by a delimiter. It only grows: a page of a scan is added to what is there, and what is new in a folder is put in its
 * order when the folder is next drawn, so that neither a page nor a drawing costs more than what it touches.
 */
export class KeyTree {
  readonly #delimiter: string
  readonly #root: Folder = folderAt('')
  #count = 0

  constructor(delimiter = ':') {
    this.#delimiter = delimiter
  }

  /** Keys added so far; the next one gets this as its index. */
  get count(): number {
    return this.#count
  }

  /** Adds readable names in the order of their rows. */
  add(names: readonly string[]): void {
    for (const name of names) {
      let folder = this.#root
      let from = 0
      for (let at = name.indexOf(this.#delimiter); at >= 0; at = name.indexOf(this.#delimiter, from)) {
        folder.keys += 1
        const end = at + this.#delimiter.length
        const label = name.slice(from, end)
        let next = folder.folders.get(label)
        if (!next) {
          next = folderAt(name.slice(0, end))
          folder.folders.set(label, next)
          folder.names.fresh.push(label)
        }
        folder = next
        from = end
      }
      folder.keys += 1
      folder.leaves.fresh.push({ label: name.slice(from), index: this.#count })
      this.#count += 1
    }
  }

  /** The lines to draw when the folders named in `open` (by path) are open. A folder that holds one folder and nothing else is joined with it. */
  lines(open: ReadonlySet<string>): readonly TreeLine[] {
    const lines: TreeLine[] = []
    append(this.#root, { depth: 0, parent: -1, open, lines })
    return lines
  }
}

type Drawing = {
  readonly depth: number
  readonly parent: number
  readonly open: ReadonlySet<string>
  readonly lines: TreeLine[]
}

function append(folder: Folder, { depth, parent, open, lines }: Drawing): void {
  for (const first of ordered(folder.names, compareNames)) {
    let label = first
    let inner = folder.folders.get(first)!
    while (inner.folders.size === 1 && inner.leaves.inOrder.length + inner.leaves.fresh.length === 0) {
      const [more, next] = inner.folders.entries().next().value!
      label += more
      inner = next
    }
    const isOpen = open.has(inner.path)
    const at = lines.length
    lines.push({ kind: 'folder', path: inner.path, label, depth, parent, keys: inner.keys, open: isOpen })
    if (isOpen) append(inner, { depth: depth + 1, parent: at, open, lines })
  }
  for (const { label, index } of ordered(folder.leaves, compareLeaves)) lines.push({ kind: 'key', index, label, depth, parent })
}

/** Puts what is new among what is in order already. */
function ordered<T>(list: Growing<T>, compare: (a: T, b: T) => number): readonly T[] {
  if (list.fresh.length > 0) {
    const all: T[] = []
    let at = 0
    for (const one of list.fresh.sort(compare)) {
      while (at < list.inOrder.length && compare(list.inOrder[at]!, one) <= 0) all.push(list.inOrder[at++]!)
      all.push(one)
    }
    while (at < list.inOrder.length) all.push(list.inOrder[at++]!)
    list.inOrder = all
    list.fresh = []
  }
  return list.inOrder
}

function compareLeaves(a: Leaf, b: Leaf): number {
  return compareNames(a.label, b.label)
}

/** Characters by their codes, runs of digits by their value: `item:9` before `item:10`. A collator takes ten times as long. */
export function compareNames(a: string, b: string): number {
  let at = 0
  let to = 0
  while (at < a.length && to < b.length) {
    const one = a.charCodeAt(at)
    const other = b.charCodeAt(to)
    if (isDigit(one) && isDigit(other)) {
      const [endA, endB] = [endOfDigits(a, at), endOfDigits(b, to)]
      const difference = compareDigits(a, at, endA, b, to, endB)
      if (difference !== 0) return difference
      at = endA
      to = endB
    } else if (one === other) {
      at += 1
      to += 1
    } else return one - other
  }
  // What is equal as numbers, `01` and `1`, still has an order.
  return a.length - at - (b.length - to) || (a < b ? -1 : a > b ? 1 : 0)
}

function compareDigits(a: string, fromA: number, endA: number, b: string, fromB: number, endB: number): number {
  let [at, to] = [fromA, fromB]
  while (at < endA - 1 && a.charCodeAt(at) === zero) at += 1
  while (to < endB - 1 && b.charCodeAt(to) === zero) to += 1
  if (endA - at !== endB - to) return endA - at - (endB - to)
  for (; at < endA; at++, to++) if (a.charCodeAt(at) !== b.charCodeAt(to)) return a.charCodeAt(at) - b.charCodeAt(to)
  return 0
}

const zero = 0x30

function isDigit(code: number): boolean {
  return code >= zero && code <= 0x39
}

function endOfDigits(text: string, from: number): number {
  let end = from
  while (end < text.length && isDigit(text.charCodeAt(end))) end += 1
  return end
}

function folderAt(path: string): Folder {
  return { path, folders: new Map(), keys: 0, names: { inOrder: [], fresh: [] }, leaves: { inOrder: [], fresh: [] } }
}
