import type { KeyDetailsAnswer, KeyType, ScanAnswer } from '@slotscope/observer/stream'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { post } from '../../api/client.ts'
import { useCluster } from '../../stream/hooks.ts'
import { KeyScan, type ScanView } from './key-scan.ts'
import { waitFor } from './patience.ts'

/** The scan of a scope. Another scope is another scan, and nothing is asked for it before the person asks. */
export function useKeyScan(
  database: number,
  shard: string | null,
  pattern: string,
  type: KeyType | null,
  expiresWithinMs: number | null,
  /** Another number is another scan of the same scope. */
  round: number
): { readonly scan: KeyScan; readonly view: ScanView } {
  const { id } = useCluster()
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round begins anew
  const scan = useMemo(() => {
    const path = `/api/clusters/${encodeURIComponent(id)}/keys`
    return new KeyScan(
      { database, shard, pattern, type, expiresWithinMs },
      {
        scan: (request, signal) => post<ScanAnswer>(`${path}/scan`, request, signal),
        details: (request, signal) => post<KeyDetailsAnswer>(`${path}/details`, request, signal),
        wait: waitFor
      }
    )
  }, [id, database, shard, pattern, type, expiresWithinMs, round])
  useEffect(() => () => scan.close(), [scan])
  return { scan, view: useSyncExternalStore(scan.subscribe, scan.view) }
}
