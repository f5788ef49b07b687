import type { ClusterEntry, ClustersAnswer } from '@slotscope/observer/stream'
import { useQuery } from '@tanstack/react-query'
import { createContext, useContext } from 'react'
import { ask } from './client.ts'

/** The key under which the answer is held: whoever adds or removes a cluster makes it stale. */
export const clustersQuery = ['clusters'] as const

/** Which clusters there are, as the session named them at the login. */
export const FirstClustersContext = createContext<readonly ClusterEntry[]>([])

/** The id of the cluster on screen. */
export const ClusterIdContext = createContext<string | null>(null)

/** Which clusters there are now. `settled` is false while the list may be older than what is on screen; `failed`: it cannot be asked for. */
export function useClusters(): { readonly clusters: readonly ClusterEntry[]; readonly settled: boolean; readonly failed: boolean } {
  const first = useContext(FirstClustersContext)
  const { data, isFetching, isError } = useQuery({
    queryKey: clustersQuery,
    queryFn: ({ signal }) => ask<ClustersAnswer>('/api/clusters', signal)
  })
  return { clusters: data?.clusters ?? first, settled: data !== undefined && !isFetching, failed: isError }
}

/** The cluster on screen, as the list has it. */
export function useClusterEntry(): ClusterEntry | undefined {
  const id = useContext(ClusterIdContext)
  return useClusters().clusters.find((cluster) => cluster.id === id)
}
