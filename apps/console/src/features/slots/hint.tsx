import { X } from 'lucide-react'
import { memo, useEffect } from 'react'
import { Button } from '../../ui/button.tsx'
import { setPreferences, usePreferences } from '../../ui/preferences.ts'
import styles from './hint.module.css'
import { useRoom } from './room-context.ts'

const steps = [
  {
    title: 'This is every key’s address',
    words: 'A key hashes to one of 16,384 slots, and each slot belongs to one shard: that is the colour. Drag over some slots.'
  },
  {
    title: 'You hold a range',
    words: 'It can move while clients go on reading and writing. Press inside the selection, or on its grip, and drag it onto a shard.'
  },
  {
    title: 'The plan says everything',
    words: 'Keys per database, balance, checks and the exact command. Nothing was sent yet: the blue button sends it.'
  }
] as const

/** Three steps on the live map; the last ends with the first plan. It can be put away, and comes back from the user menu. */
export const Hint = memo(function Hint() {
  const { hintDone } = usePreferences()
  const { state, desk, jobs } = useRoom()
  const step = desk.draft ? 2 : state.selection.length > 0 || state.lift ? 1 : 0
  const moved = desk.draft?.status === 'sent' || Object.values(jobs).some((job) => job.startedBy !== null && job.endedAtMs === null)
  useEffect(() => {
    if (!hintDone && moved) setPreferences({ hintDone: true })
  }, [hintDone, moved])
  if (hintDone) return null
  const shown = steps[step]!
  return (
    <aside className={styles.hint} aria-label="First steps" data-lifted={state.lift ? '' : undefined}>
      <ol className={styles.dots} aria-label={`Step ${step + 1} of 3`}>
        {steps.map((each, index) => (
          <li key={each.title} data-on={index <= step || undefined} />
        ))}
      </ol>
      <p>
        <b>{shown.title}.</b> {shown.words}
      </p>
      <Button size="small" look="quiet" icon aria-label="Put the hint away" onClick={() => setPreferences({ hintDone: true })}>
        <X aria-hidden />
      </Button>
    </aside>
  )
})
