import { useMemo } from 'react'
import { useCore } from '../../stream/hooks.ts'

/** Names of nodes by id. */
export function useNodeNames(): ReadonlyMap<string, string> {
  const nodes = useCore((core) => core.nodes)
  return useMemo(() => new Map(Object.values(nodes).map((node) => [node.id, node.name])), [nodes])
}
