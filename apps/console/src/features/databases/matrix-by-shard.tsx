import type { NodeState, ShardState } from '@slotscope/observer/stream'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { type CSSProperties, type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { databaseWords } from '../../model/database-words.ts'
import { figureOf, largestOf, type Matrix, type MatrixPlace, stepIn, tintOf, totalOf } from '../../model/matrix.ts'
import { useConnection, useCore, useNow } from '../../stream/hooks.ts'
import { ShardBadge, shardStyle } from '../../ui/shard-badge.tsx'
import { cellSentence, figureWords, whyUnread } from './cell-words.ts'
import styles from './matrix.module.css'
import { shardAge } from './shard-age.ts'
import type { Place } from './use-place.ts'

type Props = {
  readonly matrix: Matrix
  readonly nodes: Readonly<Record<string, NodeState>>
  readonly place: Place
  readonly database: number
}

/** The label's order, or a column: -1 is the total, else the index of a database. */
type Order = { readonly by: 'label' | number; readonly down: boolean }

const ROW_PX = 32

/** Many shards: they are the rows, drawn only where they are in sight, and can be put in order by any column. The total is pinned. */
export function MatrixByShard({ matrix, nodes, place, database }: Props) {
  const scroll = useRef<HTMLDivElement>(null)
  const now = useNow(1_000)
  const live = useConnection().phase === 'live'
  const denied = useCore((core) => core.denied)
  const names = useCore((core) => core.databaseNames)
  const [order, setOrder] = useState<Order>({ by: 'label', down: false })
  const [focus, setFocus] = useState<MatrixPlace | null>(null)
  const { figure } = place
  const { databases } = matrix
  const largest = largestOf(matrix, figure)
  const shards = useMemo(() => sorted(matrix, figure, order), [matrix, figure, order])
  const rows = shards.length + 1
  const columns = databases.length
  const virtual = useVirtualizer({
    count: shards.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    // The header and the pinned total stand over the first rows.
    scrollPaddingStart: 2 * ROW_PX
  })
  const chosen: MatrixPlace = {
    row: place.shard ? shards.findIndex(({ key }) => key === place.shard?.key) + 1 : 0,
    column: Math.max(0, databases.indexOf(database))
  }
  const tab = focus && focus.row < rows && focus.column < columns ? focus : chosen
  const template: CSSProperties = { gridTemplateColumns: `minmax(116px, 1.6fr) 58px repeat(${columns}, minmax(58px, 1fr))` }

  const onKeyDown = (event: KeyboardEvent) => {
    const next = stepIn(tab, event.key, rows, columns)
    if (!next || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    setFocus(next)
    if (next.row > 0) virtual.scrollToIndex(next.row - 1)
    // The row may be drawn only after the scroll.
    requestAnimationFrame(() => scroll.current?.querySelector<HTMLElement>(`[data-place="${next.row} ${next.column}"]`)?.focus())
  }
  const buttonProps = (row: number, column: number, shard: ShardState | null) => ({
    'data-place': `${row} ${column}`,
    tabIndex: tab.row === row && tab.column === column ? 0 : -1,
    'data-chosen': (chosen.row === row && chosen.column === column) || undefined,
    'aria-pressed': chosen.row === row && chosen.column === column,
    onFocus: () => setFocus({ row, column }),
    onClick: () => place.go(databases[column]!, shard)
  })
  const head = (by: Order['by'], words: string) => (
    <button type="button" className={styles.sort} onClick={() => setOrder({ by, down: order.by === by ? !order.down : by !== 'label' })}>
      {words}
      {order.by === by && (order.down ? <ArrowDown aria-hidden /> : <ArrowUp aria-hidden />)}
    </button>
  )
  const sortOf = (by: Order['by']) => (order.by === by ? (order.down ? 'descending' : 'ascending') : 'none')

  return (
    <div ref={scroll} className={styles.scroll}>
      {/* biome-ignore-start lint/a11y: rows that are drawn only where they are in sight cannot be a table; the buttons inside take the focus */}
      <div
        role="grid"
        aria-label="Databases by shard"
        aria-rowcount={rows + 1}
        aria-colcount={columns + 2}
        className={styles.virtual}
        style={{ minWidth: 177 + columns * 61 }}
        onKeyDown={onKeyDown}
      >
        <div role="row" aria-rowindex={1} className={`${styles.row} ${styles.pinned}`} style={template}>
          <div role="columnheader" aria-sort={sortOf('label')}>
            {head('label', 'shard')}
          </div>
          <div role="columnheader" aria-sort={sortOf(-1)} className={styles.right}>
            {head(-1, 'all')}
          </div>
          {databases.map((number, index) => (
            <div key={number} role="columnheader" aria-sort={sortOf(index)} className={styles.right} title={databaseWords(number, names)}>
              {head(index, `db${number}`)}
              {names?.[String(number)] !== undefined && <small>{names[String(number)]}</small>}
            </div>
          ))}
        </div>
        <div role="row" aria-rowindex={2} className={`${styles.row} ${styles.pinned} ${styles.pinnedTotal}`} style={template}>
          <div role="rowheader">all {shards.length} shards</div>
          <div role="gridcell" className={styles.columnTotal}>
            {figureWords(
              totalOf(
                databases.flatMap((number) => shards.map(({ key }) => matrix.cell(number, key))),
                figure
              ),
              figure
            )}
          </div>
          {databases.map((number, column) => {
            const words = figureWords(
              totalOf(
                shards.map(({ key }) => matrix.cell(number, key)),
                figure
              ),
              figure
            )
            return (
              <div key={number} role="gridcell" aria-selected={chosen.row === 0 && chosen.column === column}>
                <button type="button" className={`${styles.cell} ${styles.slim}`} {...buttonProps(0, column, null)}>
                  <span className="visually-hidden">database {number}, all shards:</span>
                  <b>{words}</b>
                </button>
              </div>
            )
          })}
        </div>
        <div role="presentation" style={{ position: 'relative', height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const shard = shards[item.index]!
            const row = item.index + 1
            const unread = matrix.unread.has(shard.key) ? whyUnread(shard, nodes, denied) : null
            const old = shardAge(matrix, shard.key, now, live) !== null
            const total = totalOf(
              databases.map((number) => matrix.cell(number, shard.key)),
              figure
            )
            return (
              <div
                key={shard.key}
                role="row"
                aria-rowindex={row + 2}
                className={`${styles.row} ${styles.virtualRow}`}
                style={{ ...template, ...shardStyle(shard.color), transform: `translateY(${item.start}px)` }}
              >
                <div role="rowheader" className={styles.shardHead}>
                  <ShardBadge label={shard.label} color={shard.color} small />
                  <span className="visually-hidden">Shard {shard.label}</span>
                  <span className={styles.nodeName} title={nodes[shard.primary ?? '']?.name}>
                    {nodes[shard.primary ?? '']?.name ?? 'no primary'}
                  </span>
                </div>
                <div role="gridcell" className={styles.columnTotal} title={unread?.sentence}>
                  {unread ? unread.word : figureWords(total, figure)}
                </div>
                {databases.map((number, column) => {
                  const cell = matrix.cell(number, shard.key)
                  const value = cell ? figureOf(cell, figure) : null
                  const sentence = unread
                    ? `database ${number}, shard ${shard.label}: ${unread.sentence}`
                    : cellSentence(number, shard, cell, figure)
                  return (
                    <div key={number} role="gridcell" aria-selected={chosen.row === row && chosen.column === column}>
                      <button
                        type="button"
                        className={`${styles.cell} ${styles.slim}`}
                        title={sentence}
                        data-old={old || undefined}
                        data-empty={!cell || undefined}
                        style={{ '--share': `${tintOf(value, largest) * 100}%` } as CSSProperties}
                        {...buttonProps(row, column, shard)}
                      >
                        <span className="visually-hidden">
                          database {number}, shard {shard.label}:
                        </span>
                        <b>{unread ? '–' : figureWords(cell ? value : figure === 'average-ttl' ? null : 0, figure)}</b>
                      </button>
                    </div>
                  )
                })}
              </div>
            )
          })}
        </div>
      </div>
      {/* biome-ignore-end lint/a11y: the range ends here */}
    </div>
  )
}

function sorted(matrix: Matrix, figure: Place['figure'], order: Order): readonly ShardState[] {
  const { by, down } = order
  const shards = [...matrix.shards]
  if (by !== 'label') {
    const figureFor = (shard: ShardState) => {
      const cells = (by === -1 ? matrix.databases : [matrix.databases[by] ?? -1]).map((number) => matrix.cell(number, shard.key))
      return totalOf(cells, figure) ?? -1
    }
    const values = new Map(shards.map((shard) => [shard.key, figureFor(shard)]))
    shards.sort((a, b) => values.get(a.key)! - values.get(b.key)!)
  }
  return down ? shards.reverse() : shards
}
