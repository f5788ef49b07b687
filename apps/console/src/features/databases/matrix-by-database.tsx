import type { NodeState, ShardState } from '@slotscope/observer/stream'
import { type CSSProperties, type KeyboardEvent, useRef, useState } from 'react'
import { databaseWords } from '../../model/database-words.ts'
import { formatAgo } from '../../model/format.ts'
import { figureOf, largestOf, type Matrix, type MatrixPlace, stepIn, tintOf, totalOf } from '../../model/matrix.ts'
import { useConnection, useCore, useNow } from '../../stream/hooks.ts'
import { ShardBadge, shardStyle } from '../../ui/shard-badge.tsx'
import { besideWords, cellSentence, figureWords, shortName, whyUnread } from './cell-words.ts'
import styles from './matrix.module.css'
import { shardAge } from './shard-age.ts'
import type { Place } from './use-place.ts'

type Props = {
  readonly matrix: Matrix
  readonly nodes: Readonly<Record<string, NodeState>>
  readonly place: Place
  readonly database: number
}

/** Databases as rows, shards as columns, totals at the right and at the foot. One tab stop; arrows move, Enter chooses. */
export function MatrixByDatabase({ matrix, nodes, place, database }: Props) {
  const grid = useRef<HTMLTableElement>(null)
  const now = useNow(1_000)
  const live = useConnection().phase === 'live'
  const denied = useCore((core) => core.denied)
  const names = useCore((core) => core.databaseNames)
  const { figure } = place
  const largest = largestOf(matrix, figure)
  const rows = matrix.databases
  const columns = matrix.shards.length + 1
  const chosen: MatrixPlace = {
    row: Math.max(0, rows.indexOf(database)),
    column: place.shard ? matrix.shards.findIndex(({ key }) => key === place.shard?.key) : columns - 1
  }
  const [focus, setFocus] = useState<MatrixPlace | null>(null)
  const tab = focus && focus.row < rows.length && focus.column < columns ? focus : chosen

  const onKeyDown = (event: KeyboardEvent) => {
    const next = stepIn(tab, event.key, rows.length, columns)
    if (!next || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    setFocus(next)
    grid.current?.querySelector<HTMLElement>(`[data-place="${next.row} ${next.column}"]`)?.focus()
  }
  const cellProps = (row: number, column: number, shard: ShardState | null) => {
    const isChosen = chosen.row === row && chosen.column === column
    return {
      'data-place': `${row} ${column}`,
      tabIndex: tab.row === row && tab.column === column ? 0 : -1,
      'data-chosen': isChosen || undefined,
      'aria-pressed': isChosen,
      onFocus: () => setFocus({ row, column }),
      onClick: () => place.go(rows[row]!, shard)
    }
  }

  return (
    <div className={styles.scroll}>
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table that is moved through by arrows is a grid */}
      <table ref={grid} role="grid" aria-label="Databases by shard" className={styles.matrix} onKeyDown={onKeyDown}>
        <thead>
          <tr>
            <th
              scope="col"
              className={styles.corner}
              data-named={rows.some((number) => names?.[String(number)] !== undefined) || undefined}
            >
              <span className="visually-hidden">Database</span>
            </th>
            {matrix.shards.map((shard) => {
              const age = shardAge(matrix, shard.key, now, live)
              return (
                <th key={shard.key} scope="col" title={nodes[shard.primary ?? '']?.name}>
                  <span className={styles.shardHead}>
                    <ShardBadge label={shard.label} color={shard.color} small />
                    <span className="visually-hidden">Shard {shard.label}</span>
                    <span className={styles.nodeName}>{shortName(nodes[shard.primary ?? '']?.name)}</span>
                  </span>
                  {age !== null && <span className={styles.age}>read {formatAgo(age)}</span>}
                </th>
              )
            })}
            <th scope="col" className={styles.totalHead}>
              all shards
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((number, row) => (
            <tr key={number}>
              <th scope="row" className={styles.databaseHead} title={databaseWords(number, names)}>
                db{number}
                {names?.[String(number)] !== undefined && <small>{names[String(number)]}</small>}
              </th>
              {matrix.shards.map((shard, column) => {
                const cell = matrix.cell(number, shard.key)
                const value = cell && figureOf(cell, figure)
                const unread = matrix.unread.has(shard.key) ? whyUnread(shard, nodes, denied) : null
                const old = shardAge(matrix, shard.key, now, live) !== null
                const sentence = unread
                  ? `database ${number}, shard ${shard.label}: ${unread.sentence}`
                  : cellSentence(number, shard, cell, figure)
                return (
                  <td key={shard.key}>
                    <button
                      type="button"
                      className={styles.cell}
                      title={sentence}
                      data-old={old || undefined}
                      data-empty={!cell || undefined}
                      style={{ ...shardStyle(shard.color), '--share': `${tintOf(value, largest) * 100}%` } as CSSProperties}
                      {...cellProps(row, column, shard)}
                    >
                      <span className="visually-hidden">
                        database {number}, shard {shard.label}:
                      </span>
                      <b>{unread ? unread.word : figureWords(cell ? value : figure === 'average-ttl' ? null : 0, figure)}</b>
                      <span className={styles.beside}>{cell ? besideWords(cell, figure) : unread ? '' : 'empty'}</span>
                    </button>
                  </td>
                )
              })}
              <TotalCell matrix={matrix} number={number} place={place}>
                {cellProps(row, columns - 1, null)}
              </TotalCell>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" className={styles.databaseHead}>
              all
            </th>
            {matrix.shards.map((shard) => (
              <td key={shard.key} className={styles.columnTotal}>
                {figureWords(
                  totalOf(
                    rows.map((number) => matrix.cell(number, shard.key)),
                    figure
                  ),
                  figure
                )}
              </td>
            ))}
            <td className={styles.columnTotal}>
              <b>
                {figureWords(
                  totalOf(
                    rows.flatMap((number) => matrix.shards.map(({ key }) => matrix.cell(number, key))),
                    figure
                  ),
                  figure
                )}
              </b>
            </td>
          </tr>
        </tfoot>
      </table>
    </div>
  )
}

type ButtonProps = {
  readonly 'data-place': string
  readonly tabIndex: number
  readonly 'data-chosen': true | undefined
  readonly 'aria-pressed': boolean
  readonly onFocus: () => void
  readonly onClick: () => void
}

function TotalCell(props: { readonly matrix: Matrix; readonly number: number; readonly place: Place; readonly children: ButtonProps }) {
  const { matrix, number, place } = props
  const cells = matrix.shards.map(({ key }) => matrix.cell(number, key))
  const words = figureWords(totalOf(cells, place.figure), place.figure)
  const volatile = totalOf(cells, 'volatile-fields') ?? 0
  const beside = place.figure === 'keys' && volatile > 0 ? `${figureWords(volatile, 'volatile-fields')} volatile` : ''
  const known = matrix.unread.size === 0 ? '' : ` of the ${matrix.shards.length - matrix.unread.size} shards that were read`
  return (
    <td>
      <button
        type="button"
        className={`${styles.cell} ${styles.total}`}
        title={`database ${number}, all shards: ${words}${known}${beside === '' ? '' : `; ${beside}: hashes that hold a field with a deadline`}`}
        {...props.children}
      >
        <span className="visually-hidden">database {number}, all shards:</span>
        <b>{words}</b>
        <span className={styles.beside}>{beside}</span>
      </button>
    </td>
  )
}
