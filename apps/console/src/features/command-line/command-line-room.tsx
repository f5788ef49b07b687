import { SquareTerminal } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import styles from './command-line-room.module.css'
import { ConfirmCommand } from './confirm-command.tsx'
import { LineInput } from './line-input.tsx'
import { RunView } from './run-view.tsx'
import { TargetPicker } from './target-picker.tsx'
import { useCommandLine } from './use-command-line.ts'

/** One command to one node, to the owner of its key, to all primaries or to all nodes, and what each of them answers. */
export default function CommandLineRoom() {
  const line = useCommandLine()
  const end = useRef<HTMLDivElement>(null)
  const { length } = line.runs
  useEffect(() => {
    if (length > 0) end.current?.scrollIntoView({ block: 'end' })
  }, [length])
  return (
    <div className={styles.room}>
      <h2 className="visually-hidden">Command line</h2>
      <section className={styles.runs} aria-label="Commands and replies" aria-busy={line.busy}>
        {line.runs.length === 0 && (
          <EmptyState icon={<SquareTerminal aria-hidden />} title="Nothing sent yet">
            Type a command below. Tab completes it, the arrow keys bring back earlier lines, and the reply of each node stands beside the
            others. Each line has a connection of its own.
          </EmptyState>
        )}
        {line.runs.map((run) => (
          <RunView key={run.id} run={run} onAgain={() => line.edit(run.line)} />
        ))}
        <div ref={end} />
      </section>
      <div className={styles.entry}>
        {line.known.isError && (
          <FailureNote what="read which commands there are" error={line.known.error} onRetry={() => void line.known.refetch()} />
        )}
        <TargetPicker
          target={line.target}
          database={line.database}
          databases={line.databases}
          onTarget={line.setTarget}
          onDatabase={line.setDatabase}
        />
        <LineInput line={line} />
      </div>
      {line.toConfirm !== null && (
        <ConfirmCommand asked={line.toConfirm} onClose={line.cancel} onConfirm={(nonce, typedName) => line.confirm(nonce, typedName)} />
      )}
    </div>
  )
}
