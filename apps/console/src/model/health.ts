import type { Problem } from '@slotscope/observer/stream'

/** How many problems there are of each severity. */
export type HealthCount = { readonly critical: number; readonly warning: number; readonly info: number }

const order: Record<Problem['severity'], number> = { critical: 0, warning: 1, info: 2 }

/** Worst first, and of one severity the newest first: what changed last is what one came to see. */
export function sortProblems(health: Readonly<Record<string, Problem>>): Problem[] {
  return Object.values(health).sort((a, b) => order[a.severity] - order[b.severity] || b.sinceMs - a.sinceMs || a.id.localeCompare(b.id))
}

export function countProblems(health: Readonly<Record<string, Problem>>): HealthCount {
  const count = { critical: 0, warning: 0, info: 0 }
  for (const problem of Object.values(health)) count[problem.severity] += 1
  return count
}

/** `2 critical, 1 warning`, or `Healthy`. Notes of severity info do not make a cluster unhealthy. */
export function healthWords({ critical, warning, info }: HealthCount): string {
  const parts = [critical > 0 ? `${critical} critical` : '', warning > 0 ? `${warning} warning${warning === 1 ? '' : 's'}` : ''].filter(
    Boolean
  )
  if (parts.length > 0) return parts.join(', ')
  return info > 0 ? `Healthy, ${info} note${info === 1 ? '' : 's'}` : 'Healthy'
}
