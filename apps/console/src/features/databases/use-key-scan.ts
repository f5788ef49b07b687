import type { KeyDetailsAnswer, KeyType, ScanAnswer } from '@slotscope/observer/stream'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { post } from '../../api/client.ts'
import { useCluster } from '../../stream/hooks.ts'
import { KeyScan, type ScanView, waitFor } from './key-scan.ts'

/** The scan of a scope. Another scope is another scan, and nothing is asked for it before the person asks. */
export function useKeyScan(
  database: number,
  shard: string | null,
  pattern: string,
  type: KeyType | null
): { readonly scan: KeyScan; readonly view: ScanView } {
  const { id } = useCluster()
  const scan = useMemo(() => {
    const path = `/api/clusters/${encodeURIComponent(id)}/keys`
    return new KeyScan(
      { database, shard, pattern, type },
      {
        scan: (request, signal) => post<ScanAnswer>(`${path}/scan`, request, signal),
        details: (request, signal) => post<KeyDetailsAnswer>(`${path}/details`, request, signal),
        wait: waitFor
      }
    )
  }, [id, database, shard, pattern, type])
  useEffect(() => () => scan.close(), [scan])
  return { scan, view: useSyncExternalStore(scan.subscribe, scan.view) }
}
