import type { NodeState } from '../stream/core-state.ts'

/** It answers us and the cluster does not hold it for failed. */
export function isUp(node: NodeState | undefined): boolean {
  return node !== undefined && node.health !== 'fail' && node.health !== 'unreachable'
}

/** A command for a shell that sends it to that node; null when there is no such node. */
export function shellOf(node: NodeState | undefined, command: string): string | null {
  return node ? `valkey-cli -h ${node.host} -p ${node.port} ${command}` : null
}
