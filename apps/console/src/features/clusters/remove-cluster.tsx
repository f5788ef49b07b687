import type { ProfileRemovalAnswer } from '@slotscope/observer/stream'
import { plural } from '../../model/format.ts'
import { ConfirmRemoval } from '../../ui/confirm-removal.tsx'

/** Says what ends with a cluster here, and removes it once its name is typed. In the cluster itself nothing changes. */
export function RemoveCluster(props: {
  readonly id: string
  readonly name: string
  readonly onClose: () => void
  readonly onRemoved: () => void
}) {
  return (
    <ConfirmRemoval<ProfileRemovalAnswer>
      path={`/api/profiles/${encodeURIComponent(props.id)}`}
      name={props.name}
      action="Remove cluster"
      onClose={props.onClose}
      onRemoved={props.onRemoved}
    >
      {({ viewers, openMoves }) => (
        <p>
          Slotscope stops watching it and forgets how to log in. In the cluster itself nothing changes.
          {viewers > 0 && ` ${plural(viewers, 'open page')} of it will end.`}
          {openMoves > 0 && ` ${plural(openMoves, 'move')} under way will go on without anybody here following.`}
        </p>
      )}
    </ConfirmRemoval>
  )
}
