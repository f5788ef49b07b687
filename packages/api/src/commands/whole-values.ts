import type { Command } from '@slotscope/observer'
import type { CommandReply, CommandTarget } from '@slotscope/observer/stream'
import type { AskedCluster } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import type { AskedCommand } from './asked-command.ts'
import { runCommand } from './run-command.ts'

/** Elements that one command may read at once for somebody who may only look: more would hold the node up for everybody (T15). */
export const MOST_ELEMENTS = 20_000

type Whole = { readonly measure: string; readonly instead: string; readonly keysAt?: 'all' }

const hash: Whole = { measure: 'HLEN', instead: 'HSCAN' }
const sets: Whole = { measure: 'SCARD', instead: 'SSCAN', keysAt: 'all' }
const ranked: Whole = { measure: 'ZCARD', instead: 'ZSCAN, or a range of indexes' }
const stream: Whole = { measure: 'XLEN', instead: 'COUNT' }

/** Commands whose time grows with all that a value holds, what says how much that is, and what reads it in parts. */
const wholes: Readonly<Record<string, Whole>> = {
  hgetall: hash,
  hkeys: hash,
  hvals: hash,
  smembers: sets,
  sinter: sets,
  sunion: sets,
  sdiff: sets,
  lrange: { measure: 'LLEN', instead: 'a shorter range of indexes' },
  zrange: ranked,
  zrevrange: ranked,
  zrangebyscore: ranked,
  zrevrangebyscore: ranked,
  zrangebylex: ranked,
  zrevrangebylex: ranked,
  xrange: stream,
  xrevrange: stream
}

/**
 * Throws `FORBIDDEN` for a command that would read too much at once. How much is asked of the same nodes first; what cannot be measured,
 * a key of another type among it, is for the server to answer.
 */
export async function refuseLargeRead(
  cluster: AskedCluster,
  { target, database }: { readonly target: CommandTarget; readonly database: number },
  asked: AskedCommand
): Promise<void> {
  const whole = wholes[asked.facts.name]
  if (whole === undefined || rangeLength(asked) <= MOST_ELEMENTS) return
  const [, ...arguments_] = asked.command
  let elements = 0
  for (const key of whole.keysAt === 'all' ? arguments_ : arguments_.slice(0, 1)) {
    const command: Command = [whole.measure, key]
    const results = await runCommand(cluster, { target, database, command, name: whole.measure.toLowerCase() })
    elements += Math.max(0, ...results.map(({ reply }) => integerIn(reply)))
  }
  if (elements <= MOST_ELEMENTS) return
  throw new ApiFailure(
    'FORBIDDEN',
    `${asked.facts.name.toUpperCase()} is not sent: it would read ${elements.toLocaleString('en-US')} elements at once and hold the node up for ` +
      `everybody. A viewer reads at most ${MOST_ELEMENTS.toLocaleString('en-US')} at a time: ${whole.instead}.`
  )
}

/** Elements that a range of indexes, LIMIT or COUNT allows; infinite when none does. */
function rangeLength({ facts, words }: AskedCommand): number {
  const upper = words.map((word) => word.toUpperCase())
  const countAt = facts.name.startsWith('x') ? upper.indexOf('COUNT', 4) : upper.indexOf('LIMIT', 4)
  if (countAt > 0) {
    const count = Number(words[facts.name.startsWith('x') ? countAt + 1 : countAt + 2])
    return count >= 0 ? count : Number.POSITIVE_INFINITY
  }
  const isByIndex =
    facts.name === 'lrange' ||
    facts.name === 'zrevrange' ||
    (facts.name === 'zrange' && !upper.includes('BYSCORE') && !upper.includes('BYLEX'))
  const [first, last] = [Number(words[2]), Number(words[3])]
  // Both counted from the same end.
  return isByIndex && first >= 0 === last >= 0 ? last - first + 1 : Number.POSITIVE_INFINITY
}

function integerIn(reply: CommandReply | null): number {
  return reply?.type === 'integer' ? Number(reply.value) : 0
}
