/** A line of the tree as it is drawn: a folder, or a key that is known by its index in the list of rows. */
export type TreeLine =
  | {
      readonly kind: 'folder'
      /** The whole prefix, with its last delimiter. */
      readonly path: string
      readonly label: string
      readonly depth: number
      readonly keys: number
      readonly open: boolean
    }
  | { readonly kind: 'key'; readonly index: number; readonly label: string; readonly depth: number }

type Folder = {
  readonly path: string
  readonly folders: Map<string, Folder>
  readonly leaves: { readonly label: string; readonly index: number }[]
  keys: number
  /** Names in order, null after something was added. */
  sorted: { readonly folders: readonly string[]; readonly leaves: Folder['leaves'] } | null
}

/**
 * Keys as a tree by a delimiter. It only grows: a page of a scan is added to what is there, and a folder is put in order when it is
 * first drawn after that, so that a page costs no more than its own keys.
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
        folder.sorted = null
        const end = at + this.#delimiter.length
        const label = name.slice(from, end)
        let next = folder.folders.get(label)
        if (!next) {
          next = folderAt(name.slice(0, end))
          folder.folders.set(label, next)
        }
        folder = next
        from = end
      }
      folder.keys += 1
      folder.sorted = null
      folder.leaves.push({ label: name.slice(from), index: this.#count })
      this.#count += 1
    }
  }

  /** The lines to draw when the folders named in `open` (by path) are open. A folder that holds one folder and nothing else is joined with it. */
  lines(open: ReadonlySet<string>): readonly TreeLine[] {
    const lines: TreeLine[] = []
    this.#append(this.#root, 0, open, lines)
    return lines
  }

  #append(folder: Folder, depth: number, open: ReadonlySet<string>, lines: TreeLine[]): void {
    folder.sorted ??= {
      folders: [...folder.folders.keys()].sort(compareNames),
      leaves: folder.leaves.sort((a, b) => compareNames(a.label, b.label))
    }
    for (const first of folder.sorted.folders) {
      let label = first
      let inner = folder.folders.get(first)!
      while (inner.leaves.length === 0 && inner.folders.size === 1) {
        const [more, next] = inner.folders.entries().next().value!
        label += more
        inner = next
      }
      const isOpen = open.has(inner.path)
      lines.push({ kind: 'folder', path: inner.path, label, depth, keys: inner.keys, open: isOpen })
      if (isOpen) this.#append(inner, depth + 1, open, lines)
    }
    for (const { label, index } of folder.sorted.leaves) lines.push({ kind: 'key', index, label, depth })
  }
}

const order = new Intl.Collator('en', { numeric: true })

function compareNames(a: string, b: string): number {
  return order.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0)
}

function folderAt(path: string): Folder {
  return { path, folders: new Map(), leaves: [], keys: 0, sorted: null }
}
