import type { DeleteKeysAnswer, ExportAnswer, ImportAnswer } from '@slotscope/observer/stream'
import { useEffect, useMemo, useRef, useState } from 'react'
import { post } from '../../api/client.ts'
import { useCluster } from '../../stream/hooks.ts'
import { type BulkPort, type BulkProgress, nothingDone, type Running } from './bulk-work.ts'
import { waitFor } from './patience.ts'

export type BulkState = {
  /** `stopped`: by the person, between two parts. `failed`: by the api or a file; what was done before stays done. */
  readonly phase: 'idle' | 'running' | 'stopped' | 'failed' | 'done'
  readonly progress: BulkProgress
  readonly failure: unknown
}

const idle: BulkState = { phase: 'idle', progress: nothingDone, failure: null }

/** One piece of work on many keys: begun, watched, stopped; it ends with the dialog that shows it. */
export function useBulkWork(): {
  readonly port: BulkPort
  readonly state: BulkState
  readonly start: (work: (running: Running) => Promise<unknown>) => Promise<boolean>
  readonly stop: () => void
} {
  const { id } = useCluster()
  const [state, setState] = useState(idle)
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])
  const port = useMemo((): BulkPort => {
    const path = `/api/clusters/${encodeURIComponent(id)}/keys`
    return {
      exportKeys: (request, signal) => post<ExportAnswer>(`${path}/export`, request, signal),
      // A part that is on its way is waited for: what it deleted or made must be counted.
      deleteKeys: (request) => post<DeleteKeysAnswer>(`${path}/delete`, request),
      importKeys: (request) => post<ImportAnswer>(`${path}/import`, request),
      wait: waitFor
    }
  }, [id])
  const start = async (work: (running: Running) => Promise<unknown>) => {
    const mine = new AbortController()
    running.current = mine
    setState({ ...idle, phase: 'running' })
    const onProgress = (progress: BulkProgress) => setState((held) => ({ ...held, progress }))
    try {
      await work({ signal: mine.signal, onProgress })
      setState((held) => ({ ...held, phase: 'done' }))
      return true
    } catch (error) {
      setState((held) => ({ ...held, phase: mine.signal.aborted ? 'stopped' : 'failed', failure: mine.signal.aborted ? null : error }))
      return false
    }
  }
  return { port, state, start, stop: () => running.current?.abort() }
}
