import { type CoreState, formatRanges, type NodeState, type Problem, type SlotRange } from '@slotscope/observer/stream'
import { formatAgo } from './format.ts'
import { readingLastsMs } from './node-words.ts'

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

/** How old a verdict of health is that cannot pass for now, in milliseconds; `never`: there was none yet; null: it is of now. */
export type HealthAge = number | 'never' | null

/**
 * A verdict is of now only while news comes and most nodes were read lately: of what nobody looked at nobody knows that it is well.
 *
 * @param lostForMs how long nothing has come from the server, in milliseconds; null: it comes
 * @param nowMs the api's wall clock
 */
export function healthAge(nodes: readonly Pick<NodeState, 'readAtMs'>[], nowMs: number, lostForMs: number | null): HealthAge {
  // Thousands of nodes each second: whether most were read lately is counted, and only what is old is put in order.
  const since = nowMs - readingLastsMs(nodes.length)
  let lately = 0
  for (const { readAtMs } of nodes) if (readAtMs >= since && readAtMs !== 0) lately++
  if (nodes.length === 0 || lately >= nodes.length - Math.floor(nodes.length / 2)) return lostForMs === null ? null : Math.max(0, lostForMs)
  const middle = nodes.map((node) => node.readAtMs).sort((a, b) => a - b)[Math.floor(nodes.length / 2)] as number
  return middle === 0 ? 'never' : nowMs - middle
}

/** `Unknown, healthy 12 s ago`: the last verdict with its age, and no claim about now. */
export function oldHealthWords(words: string, age: Exclude<HealthAge, null>): string {
  if (age === 'never') return 'Health not read yet'
  return `Unknown, ${words.charAt(0).toLowerCase()}${words.slice(1)} ${formatAgo(age)}`
}

/** A room where a problem is seen and dealt with, and which slots to select there (`?slots=`); `words` name the link. */
export type HealthPlace = {
  readonly words: string
  readonly room: 'slots' | 'topology' | 'traffic' | 'nodes'
  readonly slots: string | null
}

/** Where to go for a problem, by its kind: what its id begins with. Null where no room shows more than the list does. */
export function placeOf(problem: Problem, core: Pick<CoreState, 'shards' | 'jobs' | 'unassigned' | 'disputed'>): HealthPlace | null {
  const [kind, ...rest] = problem.id.split(':')
  const about = rest.join(':')
  switch (kind) {
    case 'uncovered':
      return inSlots(about === '' ? core.unassigned : core.shards[about]?.slots)
    case 'disputed':
      return inSlots(core.disputed?.flatMap(({ slots }) => slots))
    case 'stuck-job':
    case 'unclear-job':
      return inSlots(core.jobs[about]?.slots)
    case 'open-slots':
    case 'cluster-fail':
      return inSlots(undefined)
    case 'memory':
    case 'slow':
    case 'lag':
      return { words: 'See the figures of the nodes', room: 'traffic', slots: null }
    case 'no-replica':
    case 'failed':
    case 'unreachable':
    case 'other-view':
    case 'clock':
      return { words: 'See the nodes', room: 'topology', slots: null }
    case 'versions':
    case 'cluster-databases':
      return { words: 'Compare the nodes', room: 'nodes', slots: null }
    default:
      return null
  }
}

function inSlots(ranges: readonly SlotRange[] | undefined): HealthPlace {
  const slots =
    ranges === undefined || ranges.length === 0 ? null : formatRanges(ranges.slice(0, MOST_LINKED), MOST_LINKED).replaceAll(', ', ',')
  return { words: slots === null ? 'See the slots' : 'See these slots', room: 'slots', slots }
}

/** An address has an end; of more ranges the first are selected. */
const MOST_LINKED = 40
