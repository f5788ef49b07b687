import type { AuditLine } from '@slotscope/observer/stream'
import { ChevronRight } from 'lucide-react'
import { Fragment, memo, useMemo, useState } from 'react'
import { intentOf, outcomeWords, placeOf, reasonOf, verbWords, whoOf } from '../../model/audit-words.ts'
import { formatInstant } from '../../model/deadline-text.ts'
import { formatCount, formatDuration } from '../../model/format.ts'
import { useCluster, useCore } from '../../stream/hooks.ts'
import { Chip } from '../../ui/chip.tsx'
import text from '../../ui/text-table.module.css'
import styles from './audit-room.module.css'

/** Red is for what is broken; what failed is told by its words. */
const tones = { done: 'ok', failed: 'warn', refused: 'warn', intended: undefined } as const

/** Lines of the audit, newest first; each opens to all that it holds. */
export const AuditTable = memo(function AuditTable({ lines, nowMs }: { readonly lines: readonly AuditLine[]; readonly nowMs: number }) {
  const { id } = useCluster()
  const nodes = useCore((core) => core.nodes)
  const names = useMemo(() => new Map(Object.values(nodes).map((node) => [node.id, node.name])), [nodes])
  const [open, setOpen] = useState<number | null>(null)
  return (
    <table className={`${text.table} ${styles.table}`}>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Who</th>
          <th scope="col">What</th>
          <th scope="col">To what</th>
          <th scope="col">Command or intent</th>
          <th scope="col">Outcome</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => {
          const isOpen = open === line.sequence
          const reason = reasonOf(line)
          return (
            <Fragment key={line.sequence}>
              <tr data-open={isOpen || undefined}>
                <th scope="row">
                  <button
                    type="button"
                    className={styles.opener}
                    aria-expanded={isOpen}
                    aria-label={`Line ${line.sequence}, ${formatInstant(line.atMs - (line.atMs % 1_000), nowMs)}`}
                    onClick={() => setOpen(isOpen ? null : line.sequence)}
                  >
                    <ChevronRight aria-hidden />
                    <time dateTime={new Date(line.atMs).toISOString()}>{formatInstant(line.atMs - (line.atMs % 1_000), nowMs)}</time>
                  </button>
                </th>
                <td>
                  {whoOf(line)} {line.actor !== null && line.actor.role !== line.actor.user && <small>{line.actor.role}</small>}
                </td>
                <td>{verbWords[line.verb] ?? line.verb}</td>
                <td className={styles.place}>{placeOf(line.resource, id, names)}</td>
                <td className={styles.intent}>
                  <code>{intentOf(line)}</code>
                  {reason !== null && <small>{reason}</small>}
                </td>
                <td>
                  <Chip tone={tones[line.outcome]}>{outcomeWords[line.outcome]}</Chip>
                </td>
              </tr>
              {isOpen && (
                <tr className={styles.all}>
                  <td colSpan={6}>
                    <Everything line={line} />
                  </td>
                </tr>
              )}
            </Fragment>
          )
        })}
      </tbody>
    </table>
  )
})

function Everything({ line }: { readonly line: AuditLine }) {
  const { intent } = line
  const facts: readonly (readonly [string, unknown])[] = [
    ['line', formatCount(line.sequence)],
    ['instant', new Date(line.atMs).toISOString()],
    ['from', line.peer === '' ? null : line.peer],
    ['request', line.requestId === '' ? null : line.requestId],
    ['to what', line.resource],
    ['intended in', intent && `line ${formatCount(intent.sequence)}, ${formatDuration(Math.max(0, line.atMs - intent.atMs))} before`],
    ['intent', intent?.detail],
    ['detail', line.detail],
    ['before', line.before],
    ['after', line.after]
  ]
  return (
    <dl className={styles.facts}>
      {facts
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{typeof value === 'string' ? value : <pre>{JSON.stringify(value, null, 1)}</pre>}</dd>
          </div>
        ))}
    </dl>
  )
}
