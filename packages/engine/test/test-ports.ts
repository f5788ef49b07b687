import { randomInt } from 'node:crypto'
import { freePortBlock } from '../src/hosts/tcp/index.ts'

/**
 * A block of free client ports with their bus ports, all below 32,768: from there on systems take the near ends of outgoing
 * connections, and one of them may have a port between the look and the listening.
 */
export function freeTestPorts(count: number): Promise<number> {
  return freePortBlock('127.0.0.1', 10_100 + randomInt(12_000), count)
}
