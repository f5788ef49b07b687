import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronRight } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { formatCount, plural } from '../../model/format.ts'
import type { TreeLine } from '../../model/key-tree.ts'
import { useCore, useNow } from '../../stream/hooks.ts'
import { TypeBadge } from '../../ui/database-chip.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import styles from './key-rows.module.css'
import type { KeyScan, ScanView } from './key-scan.ts'
import { sizeWords, timeLeftWords } from './key-words.ts'

const ROW_PX = 30

/**
 * Keys as a list or as a tree, drawn only where they are in sight. One tab stop: arrows move, Enter opens, Right and Left open and
 * close folders. Size and expiry are asked for the rows that stand still in sight.
 */
export function KeyRows(props: {
  readonly scan: KeyScan
  readonly view: ScanView
  readonly asTree: boolean
  /** base64url of the key whose value is open. */
  readonly opened: string | null
  readonly onOpen: (key: string) => void
}) {
  const { scan, view, asTree, opened } = props
  const scroll = useRef<HTMLDivElement>(null)
  const id = useId()
  const [openFolders, setOpenFolders] = useState<ReadonlySet<string>>(new Set())
  const [active, setActive] = useState(0)
  const { rows, names } = view
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tree is the scan's and grows with its rows
  const lines = useMemo((): readonly TreeLine[] | null => (asTree ? scan.tree.lines(openFolders) : null), [asTree, scan, openFolders, rows])
  const count = lines?.length ?? rows.length
  const lineAt = (index: number): TreeLine => lines?.[index] ?? { kind: 'key', index, label: names[index] ?? '', depth: 0 }
  const virtual = useVirtualizer({ count, getScrollElement: () => scroll.current, estimateSize: () => ROW_PX, overscan: 10 })
  const items = virtual.getVirtualItems()
  const current = Math.min(active, count - 1)

  const inSight = items.flatMap((item) => {
    const line = lineAt(item.index)
    return line.kind === 'key' ? [rows[line.index]!.key] : []
  })
  const wanted = inSight.join(' ')
  const { details } = view
  useEffect(() => {
    // A person who scrolls past does not want to know: the question waits until the rows stand still.
    const timer = setTimeout(() => void scan.wantDetails(wanted === '' ? [] : wanted.split(' ')), details.size === 0 ? 0 : 140)
    return () => clearTimeout(timer)
  }, [scan, wanted, details])

  const toggle = (path: string, open: boolean) => {
    const next = new Set(openFolders)
    if (open) next.add(path)
    else next.delete(path)
    setOpenFolders(next)
  }
  const activate = (index: number) => {
    const line = lineAt(index)
    setActive(index)
    if (line.kind === 'folder') toggle(line.path, !line.open)
    else props.onOpen(rows[line.index]!.key)
  }
  const moveTo = (index: number) => {
    const next = Math.max(0, Math.min(count - 1, index))
    setActive(next)
    virtual.scrollToIndex(next)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const line = lineAt(current)
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 300) / ROW_PX) - 1)
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -count, End: count }
    const step = steps[event.key]
    if (step !== undefined) moveTo(current + step)
    else if (event.key === 'Enter' || event.key === ' ') activate(current)
    else if (event.key === 'ArrowRight' && line.kind === 'folder') line.open ? moveTo(current + 1) : toggle(line.path, true)
    else if (event.key === 'ArrowLeft' && line.kind === 'folder' && line.open) toggle(line.path, false)
    else if (event.key === 'ArrowLeft' && line.depth > 0) moveTo(parentOf(lines ?? [], current))
    else return
    event.preventDefault()
  }

  return (
    <div className={styles.frame}>
      <div className={styles.head} aria-hidden="true">
        <span>key</span>
        <span>type</span>
        <span className={styles.slot}>slot</span>
        <span />
        <span className={styles.number}>size</span>
        <span className={styles.number}>expires in</span>
      </div>
      {/* biome-ignore-start lint/a11y: a listbox or a tree, by `asTree`, with one tab stop and an active descendant; its keys are handled by the container */}
      <div
        ref={scroll}
        role={asTree ? 'tree' : 'listbox'}
        aria-label={`Keys, ${formatCount(rows.length)} listed`}
        aria-activedescendant={count > 0 ? `${id}-${current}` : undefined}
        tabIndex={0}
        className={styles.scroll}
        onKeyDown={onKeyDown}
      >
        <div role="presentation" style={{ position: 'relative', height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const line = lineAt(item.index)
            const row = line.kind === 'key' ? rows[line.index]! : null
            return (
              <div
                key={item.index}
                id={`${id}-${item.index}`}
                role={asTree ? 'treeitem' : 'option'}
                aria-level={asTree ? line.depth + 1 : undefined}
                aria-expanded={line.kind === 'folder' ? line.open : undefined}
                aria-selected={row !== null && row.key === opened}
                aria-setsize={asTree ? undefined : count}
                aria-posinset={asTree ? undefined : item.index + 1}
                data-active={item.index === current || undefined}
                className={styles.row}
                style={{ transform: `translateY(${item.start}px)` }}
                onClick={() => activate(item.index)}
              >
                {line.kind === 'folder' ? (
                  <FolderCells line={line} />
                ) : (
                  <KeyCells view={view} index={line.index} label={asTree ? line.label : (names[line.index] ?? '')} depth={line.depth} />
                )}
              </div>
            )
          })}
        </div>
      </div>
      {/* biome-ignore-end lint/a11y: the range ends here */}
    </div>
  )
}

function FolderCells({ line }: { readonly line: Extract<TreeLine, { kind: 'folder' }> }) {
  return (
    <>
      <span className={styles.folder} style={{ paddingLeft: line.depth * 16 }}>
        <ChevronRight aria-hidden data-open={line.open || undefined} />
        <code>{line.label}</code>
      </span>
      <span className={styles.folderCount}>{plural(line.keys, 'key')}</span>
    </>
  )
}

function KeyCells(props: { readonly view: ScanView; readonly index: number; readonly label: string; readonly depth: number }) {
  const row = props.view.rows[props.index]!
  const shard = useCore((core) => core.shards[row.shard])
  const now = useNow(1_000)
  const detail = props.view.details.get(row.key)
  const type = detail && detail !== 'gone' ? detail.row.type : row.type
  return (
    <>
      <code
        className={styles.name}
        title={props.view.names[props.index]}
        style={props.depth > 0 ? { paddingLeft: props.depth * 16 + 18 } : undefined}
      >
        {props.label === '' ? <i>(empty)</i> : props.label}
      </code>
      <span>
        <TypeBadge type={type} />
      </span>
      <span className={styles.slot}>
        <span className="visually-hidden">slot </span>
        {formatCount(row.slot)}
      </span>
      <span>
        {shard && <ShardBadge label={shard.label} color={shard.color} small />}
        <span className="visually-hidden">shard {shard?.label ?? 'unknown'}</span>
      </span>
      {detail === 'gone' ? (
        <span className={styles.gone}>gone since</span>
      ) : (
        <>
          <span className={styles.number}>{detail ? sizeWords(type, detail.row.size) : '…'}</span>
          <span className={styles.number} data-none={(detail && detail.row.ttlMs === null) || undefined}>
            {detail ? timeLeftWords(detail.row.ttlMs, detail.atMs, now) : '…'}
          </span>
        </>
      )}
    </>
  )
}

function parentOf(lines: readonly TreeLine[], index: number): number {
  const depth = lines[index]?.depth ?? 0
  for (let at = index - 1; at >= 0; at--) if (lines[at]!.depth < depth) return at
  return index
}
