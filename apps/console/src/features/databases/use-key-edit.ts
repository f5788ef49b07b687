import type { EditAnswer } from '@slotscope/observer/stream'
import { useMutation } from '@tanstack/react-query'
import { ApiFailure, post } from '../../api/client.ts'
import type { EditRequest } from '../../model/value-edit.ts'
import { useCluster } from '../../stream/hooks.ts'
import { useAnnounce } from '../../ui/announcer.tsx'

/** Sends one change of a key. `onChanged` is called also when it was refused since the key is not as it was seen: read it again. */
export function useKeyEdit(options: { readonly onChanged: () => void; readonly onDone?: (answer: EditAnswer) => void }) {
  const { id } = useCluster()
  const announce = useAnnounce()
  return useMutation({
    mutationFn: ({ request }: { readonly request: EditRequest; readonly words: string }) =>
      post<EditAnswer>(`/api/clusters/${encodeURIComponent(id)}/keys/edit/${request.kind}`, request.body),
    onSuccess: (answer, { words }) => {
      announce(words)
      options.onChanged()
      options.onDone?.(answer)
    },
    onError: (error) => {
      if (error instanceof ApiFailure && error.code === 'CHANGED_MEANWHILE') options.onChanged()
    }
  })
}
