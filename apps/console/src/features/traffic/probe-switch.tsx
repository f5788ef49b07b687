import type { ProbeRequest } from '@slotscope/observer/stream'
import { useMutation } from '@tanstack/react-query'
import { Gauge, Square } from 'lucide-react'
import { post, wordsOf } from '../../api/client.ts'
import { useReadOnlyReason } from '../../api/session.ts'
import { useCluster, useConnection, useCore } from '../../stream/hooks.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'

/** Starts and stops the probe of a real cluster; nothing where the api has none to offer. */
export function ProbeSwitch({ running }: { readonly running: boolean }) {
  const { id } = useCluster()
  const { capabilities, phase } = useConnection()
  const kind = useCore((core) => core.cluster.kind)
  const readOnly = useReadOnlyReason()
  const announce = useAnnounce()
  const change = useMutation({
    mutationFn: (on: boolean) => post<void>(`/api/clusters/${encodeURIComponent(id)}/probe`, { on } satisfies ProbeRequest),
    onSuccess: (_, on) => announce(on ? 'The probe measures' : 'The probe was stopped, its keys are removed')
  })
  if (kind === 'embedded' || !capabilities.includes('probe')) return null
  return (
    <>
      <Button
        size="small"
        disabled={readOnly !== null || phase !== 'live' || change.isPending}
        title={
          readOnly ??
          (running
            ? 'Its keys are removed'
            : 'Writes and reads one key of its own in each shard, 50 times a second, for an hour at most. The keys begin with slotscope:probe: and end within 60 s.')
        }
        onClick={() => change.mutate(!running)}
      >
        {running ? <Square aria-hidden /> : <Gauge aria-hidden />}
        {running ? 'Stop the probe' : 'Start a probe'}
      </Button>
      {change.error && <span role="alert">{wordsOf(change.error)}</span>}
    </>
  )
}
