import type { CoreState } from '@slotscope/observer/stream'
import { Check, ChevronRight } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { formatCount, plural } from '../../model/format.ts'
import { allChosen, extended, isChosen, type KeySelection, toggled } from '../../model/key-selection.ts'
import { keySlot } from '../../model/key-slot.ts'
import type { TreeLine } from '../../model/key-tree.ts'
import { fromAnyBase64, readableName } from '../../model/typed-bytes.ts'
import { useCore, useNow } from '../../stream/hooks.ts'
import { TypeBadge } from '../../ui/database-chip.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import { useRowWindow } from '../../ui/use-row-window.ts'
import styles from './key-rows.module.css'
import type { KeyScan, ScanView } from './key-scan.ts'
import { sizeWords, timeLeftWords } from './key-words.ts'
import { useKeyTree } from './use-key-tree.ts'

const ROW_PX = 30

/**
 * Keys as a list or as a tree, drawn only where they are in sight. One tab stop: arrows move, Enter opens, Right and Left open and
 * close folders. Size and expiry are asked for the rows that stand still in sight.
 */
export function KeyRows(props: {
  readonly scan: KeyScan
  readonly view: ScanView
  /** Null: as a list; otherwise what parts the names of a tree. */
  readonly delimiter: string | null
  /** base64url of the key whose value is open. */
  readonly opened: string | null
  readonly onOpen: (key: string) => void
  readonly chosen: KeySelection
  readonly onChoose: (chosen: KeySelection) => void
}) {
  const { scan, view, delimiter, opened, chosen, onChoose } = props
  const asTree = delimiter !== null
  const scroll = useRef<HTMLDivElement>(null)
  const id = useId()
  const [active, setActive] = useState(0)
  /** Where a stretch that is chosen with Shift begins: a row of the list. */
  const [anchor, setAnchor] = useState(0)
  const { keys } = view
  const tree = useKeyTree(scan, view.count, delimiter)
  const count = tree?.total ?? view.count
  const lineAt = (index: number): TreeLine | undefined =>
    tree
      ? tree.lineAt(index)
      : { kind: 'key', index, label: index < view.count ? readableName(keys.keyAt(index)) : '', depth: 0, parent: -1 }
  const { rows, drawn, reveal, viewPx } = useRowWindow(scroll, count, ROW_PX)
  const indices = Array.from({ length: Math.max(0, rows.to - rows.from) }, (_, index) => rows.from + index)
  const current = Math.max(0, Math.min(active, count - 1))
  const shards = useCore((core) => core.shards)
  const now = useNow(1_000)
  useEffect(() => tree?.look(rows.from, rows.to))

  const inSight = indices.flatMap((index) => {
    const line = lineAt(index)
    return line?.kind === 'key' ? [keys.keyAt(line.index)] : []
  })
  const wanted = inSight.join(' ')
  const { detailed } = view
  useEffect(() => {
    // A person who scrolls past does not want to know: the question waits until the rows stand still.
    const timer = setTimeout(() => void scan.wantDetails(wanted === '' ? [] : wanted.split(' ')), detailed === 0 ? 0 : 140)
    return () => clearTimeout(timer)
  }, [scan, wanted, detailed])

  const activate = (index: number) => {
    const line = lineAt(index)
    setActive(index)
    if (line?.kind === 'folder') tree?.toggle(line.path, !line.open)
    else if (line) props.onOpen(keys.keyAt(line.index))
  }
  /** A key is chosen or not any more, or a stretch of the list is; folders stay what they are. */
  const choose = (index: number, { stretch = false } = {}) => {
    const line = lineAt(index)
    setActive(index)
    if (line?.kind !== 'key') return
    if (stretch && !asTree) return onChoose(extended(chosen, Math.min(anchor, view.count - 1), line.index))
    setAnchor(line.index)
    onChoose(toggled(chosen, line.index))
  }
  const moveTo = (index: number) => {
    const next = Math.max(0, Math.min(count - 1, index))
    setActive(next)
    reveal(next)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
      event.preventDefault()
      return onChoose(allChosen(view.count))
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const line = lineAt(current)
    const page = Math.max(1, Math.floor(viewPx / ROW_PX) - 1)
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -count, End: count }
    const step = steps[event.key]
    if (step !== undefined) {
      const to = Math.max(0, Math.min(count - 1, current + step))
      moveTo(to)
      if (event.shiftKey && !asTree) onChoose(extended(chosen, current, to))
    } else if (event.key === 'Enter' || (event.key === ' ' && line?.kind === 'folder')) activate(current)
    else if (event.key === ' ') choose(current)
    else if (event.key === 'ArrowRight' && line?.kind === 'folder') line.open ? moveTo(current + 1) : tree?.toggle(line.path, true)
    else if (event.key === 'ArrowLeft' && line?.kind === 'folder' && line.open) tree?.toggle(line.path, false)
    else if (event.key === 'ArrowLeft' && line && line.parent >= 0) moveTo(line.parent)
    else return
    event.preventDefault()
  }

  return (
    <div className={styles.frame}>
      <div className={styles.head} aria-hidden="true">
        <span className={styles.nameHead}>key</span>
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
        aria-multiselectable
        aria-label={`Keys, ${formatCount(view.count)} listed`}
        aria-activedescendant={count > 0 ? `${id}-${current}` : undefined}
        tabIndex={0}
        className={styles.scroll}
        onKeyDown={onKeyDown}
      >
        <div role="presentation" style={{ position: 'relative', height: rows.heightPx }}>
          {indices.map((index) => {
            const line = lineAt(index)
            return (
              <div
                // Rows that leave are drawn anew as those that come: a far jump makes no element.
                key={index % drawn}
                id={`${id}-${index}`}
                role={asTree ? 'treeitem' : 'option'}
                aria-level={asTree ? (line?.depth ?? 0) + 1 : undefined}
                aria-expanded={line?.kind === 'folder' ? line.open : undefined}
                aria-selected={line?.kind === 'key' && isChosen(chosen, line.index)}
                aria-current={(line?.kind === 'key' && opened !== null && keys.keyAt(line.index) === opened) || undefined}
                aria-setsize={asTree ? undefined : count}
                aria-posinset={asTree ? undefined : index + 1}
                data-active={index === current || undefined}
                className={styles.row}
                style={{ transform: `translateY(${rows.topOf(index)}px)` }}
                onClick={(event) => {
                  const onBox = event.target instanceof Element && event.target.closest('[data-choose]') !== null
                  if (event.shiftKey) choose(index, { stretch: true })
                  else if (onBox || event.ctrlKey || event.metaKey) choose(index)
                  else activate(index)
                }}
              >
                {line === undefined ? (
                  <span className={styles.awaited}>…</span>
                ) : line.kind === 'folder' ? (
                  <FolderCells line={line} />
                ) : (
                  <KeyCells view={view} line={line} shards={shards} now={now} chosen={isChosen(chosen, line.index)} />
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

function KeyCells(props: {
  readonly view: ScanView
  readonly line: Extract<TreeLine, { kind: 'key' }>
  readonly shards: CoreState['shards']
  readonly now: number
  readonly chosen: boolean
}) {
  const { view, now } = props
  const { index, label, depth } = props.line
  const key = view.keys.keyAt(index)
  const shard = props.shards[view.keys.shardAt(index)]
  const detail = view.details.get(key)
  const type = detail && detail !== 'gone' ? detail.row.type : view.keys.typeAt(index)
  const { name, slot } = useMemo(() => ({ name: readableName(key), slot: keySlot(fromAnyBase64(key)).slot }), [key])
  return (
    <>
      <span className={styles.name} style={depth > 0 ? { paddingLeft: depth * 16 } : undefined}>
        <span data-choose aria-hidden className={styles.choose} data-on={props.chosen || undefined} title="Space, or Shift for a stretch">
          {props.chosen && <Check />}
        </span>
        <code title={name}>{label === '' ? <i>(empty)</i> : label}</code>
      </span>
      <span>
        <TypeBadge type={type} />
      </span>
      <span className={styles.slot}>
        <span className="visually-hidden">slot </span>
        {formatCount(slot)}
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
