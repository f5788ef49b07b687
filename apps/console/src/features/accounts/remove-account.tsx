import type { RemovalAnswer } from '@slotscope/observer/stream'
import { plural } from '../../model/format.ts'
import { ConfirmRemoval } from '../../ui/confirm-removal.tsx'

/** Says what the removal of an account ends, and does it once the name is typed. */
export function RemoveAccount(props: { readonly name: string; readonly onClose: () => void; readonly onRemoved: () => void }) {
  return (
    <ConfirmRemoval<RemovalAnswer> path={`/api/accounts/${encodeURIComponent(props.name)}`} action="Remove account" {...props}>
      {({ sessions }) => (
        <p>{sessions === 0 ? 'It is not logged in anywhere.' : `It is logged in: ${plural(sessions, 'session')} will end.`}</p>
      )}
    </ConfirmRemoval>
  )
}
