/** `maxmemory-policy`: which keys may go, and which of those goes first. */
export const evictionPolicies = [
  'noeviction',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl'
] as const

export type EvictionPolicy = (typeof evictionPolicies)[number]

export function countsUses(policy: EvictionPolicy): boolean {
  return policy.endsWith('-lfu')
}
