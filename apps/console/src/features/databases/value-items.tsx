import type { ValueAnswer } from '@slotscope/observer/stream'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useId, useMemo, useRef, useState } from 'react'
import { formatCount } from '../../model/format.ts'
import { fromAnyBase64, readableName } from '../../model/typed-bytes.ts'
import type { Editable } from '../../model/value-edit.ts'
import { useNow } from '../../stream/hooks.ts'
import { EditableBytes } from './editable-bytes.tsx'
import { timeLeftWords } from './key-words.ts'
import styles from './value-view.module.css'

/** One element as a line: what leads it (index, field, score), its bytes, and for a hash the deadline of the field. */
type Item = {
  readonly id: string
  readonly lead: string
  readonly value: string
  /** How it reads in one line, where that is not the beginning of its bytes. */
  readonly line?: string
  readonly deadlineMs?: number | null
  readonly editable: Editable | null
}

const ROW_PX = 28
/** Characters of a line; the whole element is shown beneath when it is chosen. */
const LINE = 200

/** Elements of a list, set, sorted set, hash or stream, in virtual rows; the chosen one in full beneath. */
export function ValueItems({
  pages,
  next,
  onChanged,
  actionsOf
}: {
  readonly pages: readonly ValueAnswer[]
  readonly next: ReactNode
  readonly onChanged: () => void
  /** What can be done with the chosen element, beneath it. */
  readonly actionsOf?: (id: string) => ReactNode
}) {
  const scroll = useRef<HTMLDivElement>(null)
  const id = useId()
  const items = useMemo(() => itemsOf(pages), [pages])
  const [active, setActive] = useState(0)
  const [chosen, setChosen] = useState<string | null>(null)
  const virtual = useVirtualizer({ count: items.length, getScrollElement: () => scroll.current, estimateSize: () => ROW_PX, overscan: 10 })
  const first = pages[0]!
  const { kind } = first.value
  const current = Math.min(active, items.length - 1)
  const open = items.find((item) => item.id === chosen)
  const withDeadlines = kind === 'hash' && items.some((item) => item.deadlineMs != null)
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: 12,
      PageUp: -12,
      Home: -items.length,
      End: items.length
    }
    const step = steps[event.key]
    if (step !== undefined) {
      const to = Math.max(0, Math.min(items.length - 1, current + step))
      setActive(to)
      virtual.scrollToIndex(to)
    } else if (event.key === 'Enter' || event.key === ' ') setChosen(items[current]?.id ?? null)
    else if (event.key === 'Escape' && chosen !== null) setChosen(null)
    else return
    event.preventDefault()
  }
  return (
    <>
      <div
        className={styles.itemsHead}
        data-deadlines={withDeadlines || undefined}
        data-entries={kind === 'stream' || undefined}
        aria-hidden="true"
      >
        <span>{kind === 'hash' ? 'field' : kind === 'zset' ? 'score' : kind === 'list' ? 'index' : kind === 'stream' ? 'entry' : ''}</span>
        <span>{kind === 'set' || kind === 'zset' ? 'member' : kind === 'stream' ? 'fields' : 'value'}</span>
        {withDeadlines && <span>expires in</span>}
      </div>
      <div
        ref={scroll}
        role="listbox"
        aria-label={`${formatCount(items.length)} of ${formatCount(first.size)} elements`}
        aria-activedescendant={items.length > 0 ? `${id}-${current}` : undefined}
        tabIndex={0}
        className={styles.items}
        onKeyDown={onKeyDown}
      >
        <div role="presentation" style={{ position: 'relative', height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((row) => {
            const item = items[row.index]!
            return (
              // biome-ignore lint/a11y: keys are handled by the listbox, which holds the focus
              <div
                key={item.id}
                id={`${id}-${row.index}`}
                role="option"
                aria-selected={item.id === chosen}
                aria-setsize={items.length}
                aria-posinset={row.index + 1}
                data-active={row.index === current || undefined}
                data-deadlines={withDeadlines || undefined}
                data-entries={kind === 'stream' || undefined}
                className={styles.item}
                style={{ transform: `translateY(${row.start}px)` }}
                onClick={() => {
                  setActive(row.index)
                  setChosen(item.id === chosen ? null : item.id)
                }}
              >
                <code className={styles.lead} data-number={kind !== 'hash' || undefined}>
                  {item.lead}
                </code>
                <code className={styles.line}>{item.line ?? lineOf(item.value)}</code>
                {withDeadlines && <Deadline deadlineMs={item.deadlineMs ?? null} />}
              </div>
            )
          })}
        </div>
      </div>
      <footer className={styles.foot}>
        <span>{seenWords(items.length, first.size, kind === 'hash' && !next)}</span>
        {next}
      </footer>
      {open && (
        <>
          <EditableBytes
            key={open.id}
            database={first.database}
            keyName={first.key}
            bytes={fromAnyBase64(open.value)}
            label={kind === 'hash' ? `Value of ${open.lead}` : 'Element'}
            editable={open.editable}
            onChanged={onChanged}
            compact
          />
          {actionsOf?.(open.id)}
        </>
      )}
    </>
  )
}

/** A hash that was listed whole may count more than was listed: expired fields are hidden at once and reclaimed later. */
function seenWords(listed: number, size: number, hashIsWhole: boolean): string {
  if (hashIsWhole && listed < size) return `${formatCount(listed)} listed of ${formatCount(size)}: the rest has expired and awaits reclaim`
  return listed >= size ? `all ${formatCount(listed)}` : `${formatCount(listed)} of ${formatCount(size)}`
}

function Deadline({ deadlineMs }: { readonly deadlineMs: number | null }) {
  const now = useNow(1_000)
  return (
    <span className={styles.deadline} data-none={deadlineMs === null || undefined}>
      {timeLeftWords(deadlineMs === null ? null : deadlineMs - now, now, now)}
    </span>
  )
}

function lineOf(value: string): string {
  // Four characters of base64 are three bytes: no need to decode a megabyte for one line.
  return readableName(value.slice(0, Math.ceil(LINE / 3) * 4)).slice(0, LINE)
}

/** The fields of an entry as one text, a line each, in base64 as every other element. */
function entryText(fields: readonly (readonly [string, string])[]): string {
  const text = fields.map(([field, value]) => `${readableName(field)}: ${readableName(value)}`).join('\n')
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}

/** The same in one line. */
function entryLine(fields: readonly (readonly [string, string])[]): string {
  const words: string[] = []
  for (let at = 0, length = 0; at < fields.length && length < LINE; at++) {
    const [field = '', value = ''] = fields[at] ?? []
    words.push(`${readableName(field)}: ${lineOf(value)}`)
    length += words.at(-1)?.length ?? 0
  }
  return words.join(' · ').slice(0, LINE)
}

/** Elements in their order; a cursor may show an element twice, and it is listed once. */
function itemsOf(pages: readonly ValueAnswer[]): readonly Item[] {
  const items = new Map<string, Item>()
  for (const { value } of pages) {
    if (value.kind === 'list')
      for (const element of value.items)
        items.set(String(items.size), {
          id: String(items.size),
          lead: formatCount(items.size),
          value: element,
          editable: { type: 'list', index: items.size, seen: element }
        })
    if (value.kind === 'set')
      for (const member of value.items)
        if (!items.has(member)) items.set(member, { id: member, lead: '', value: member, editable: { type: 'set', seen: member } })
    if (value.kind === 'zset')
      for (const { member, score } of value.items)
        items.set(member, { id: member, lead: score, value: member, editable: { type: 'zset', member, seen: score } })
    if (value.kind === 'hash')
      for (const { field, value: bytes, deadlineMs } of value.items)
        items.set(field, { id: field, lead: readableName(field), value: bytes, deadlineMs, editable: { type: 'hash', field, seen: bytes } })
    if (value.kind === 'stream')
      for (const { id, fields } of value.items)
        items.set(id, { id, lead: id, value: entryText(fields), line: entryLine(fields), editable: null })
  }
  return [...items.values()]
}
