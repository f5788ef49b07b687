import { useEffect, useRef, useState } from 'react'
import type { TreeLine } from '../../model/key-tree.ts'
import type { TreeAsk, TreeWindow } from '../../model/tree-desk.ts'
import type { KeyScan } from './key-scan.ts'

/** Keys in one message to the worker. */
const MOST_SENT = 20_000
const empty: TreeWindow = { total: 0, from: 0, lines: [] }

export type KeyTreeView = {
  /** Lines of the tree as it is drawn now. */
  readonly total: number
  /** Undefined: it is on its way from the worker. */
  lineAt(index: number): TreeLine | undefined
  toggle(path: string, open: boolean): void
  /** Tells which lines are in sight. */
  look(from: number, to: number): void
}

/** The keys of a scan as a tree, built in a worker. Null delimiter: no tree is wanted, and none is built. */
export function useKeyTree(scan: KeyScan, keyCount: number, delimiter: string | null): KeyTreeView | null {
  const [shown, setShown] = useState(empty)
  const worker = useRef<{ readonly scan: KeyScan; readonly post: (ask: TreeAsk) => void; sent: number } | null>(null)
  const looked = useRef({ from: 0, to: 0 })

  // Another scan has other keys, for another tree.
  useEffect(() => {
    if (delimiter === null) return
    const built = new Worker(new URL('./key-tree-worker.ts', import.meta.url), { type: 'module' })
    built.onmessage = ({ data }: MessageEvent<TreeWindow>) => setShown(data)
    const post = (ask: TreeAsk) => built.postMessage(ask)
    post({ type: 'begin', delimiter })
    post({ type: 'look', ...looked.current })
    worker.current = { scan, post, sent: 0 }
    return () => {
      worker.current = null
      built.terminate()
      setShown(empty)
    }
  }, [scan, delimiter])

  // Another delimiter is another worker, which begins without any key.
  useEffect(() => {
    if (delimiter === null) return
    let next: ReturnType<typeof setTimeout> | null = null
    // In parts: a message of a million names would take longer than a frame.
    const send = () => {
      const desk = worker.current
      if (desk?.scan !== scan) return
      const to = Math.min(keyCount, desk.sent + MOST_SENT)
      if (to > desk.sent) desk.post({ type: 'add', keys: scan.view().keys.joined(desk.sent, to) })
      desk.sent = to
      next = desk.sent < keyCount ? setTimeout(send) : null
    }
    send()
    return () => {
      if (next !== null) clearTimeout(next)
    }
  }, [scan, delimiter, keyCount])

  if (delimiter === null) return null
  return {
    total: shown.total,
    lineAt: (index) => shown.lines[index - shown.from],
    toggle: (path, open) => worker.current?.post({ type: 'toggle', path, open }),
    look: (from, to) => {
      if (looked.current.from === from && looked.current.to === to) return
      looked.current = { from, to }
      worker.current?.post({ type: 'look', from, to })
    }
  }
}
