import { KeyTree, type TreeLine } from './key-tree.ts'
import { readableName } from './typed-bytes.ts'

/** To the worker that builds the tree. Keys are base64url, in the order of their rows, with a space between them. */
export type TreeAsk =
  | { readonly type: 'add'; readonly keys: string }
  | { readonly type: 'toggle'; readonly path: string; readonly open: boolean }
  /** Which lines are in sight; they are sent anew whenever the tree changes. */
  | { readonly type: 'look'; readonly from: number; readonly to: number }
  | { readonly type: 'begin'; readonly delimiter: string }

/** From the worker: how many lines there are, and those in sight. Never all of them: a message of a million lines stops the page. */
export type TreeWindow = { readonly total: number; readonly from: number; readonly lines: readonly TreeLine[] }

/** Lines sent beyond either end of what is in sight, so that a small movement finds them there. */
const MARGIN = 60

/** The worker's side: the tree, which folders are open, and what is looked at. `window` makes the lines anew after a change. */
export class TreeDesk {
  #tree = new KeyTree()
  #open = new Set<string>()
  #lines: readonly TreeLine[] | null = null
  #from = 0
  #to = 0

  receive(ask: TreeAsk): void {
    switch (ask.type) {
      case 'begin':
        this.#tree = new KeyTree(ask.delimiter)
        this.#open = new Set()
        this.#lines = null
        return
      case 'add':
        this.#tree.add(ask.keys.split(' ').map(readableName))
        this.#lines = null
        return
      case 'toggle':
        if (ask.open) this.#open.add(ask.path)
        else this.#open.delete(ask.path)
        this.#lines = null
        return
      case 'look':
        this.#from = ask.from
        this.#to = ask.to
    }
  }

  window(): TreeWindow {
    this.#lines ??= this.#tree.lines(this.#open)
    const from = Math.max(0, Math.min(this.#from - MARGIN, this.#lines.length))
    return { total: this.#lines.length, from, lines: this.#lines.slice(from, this.#to + MARGIN) }
  }
}
