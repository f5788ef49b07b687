import { type CommandStats, parseCommandStats } from '@slotscope/observer'
import type { CommandStatsAnswer } from '@slotscope/observer/stream'
import { askedNodes, type NodeAnswer } from '../nodes/every-node.ts'

/** What the nodes count of each command and each error, node by node. */
export function collectCommandStats(answers: readonly NodeAnswer[]): CommandStatsAnswer {
  const nodes = askedNodes(answers)
  const stats = answers.map((answer, index): CommandStats | null => {
    if (answer.error !== null) return null
    const parsed = parseCommandStats(answer.reply)
    if ('value' in parsed) return parsed.value
    nodes[index] = { node: answer.node, atMs: answer.atMs, error: parsed.error }
    return null
  })
  const commands = namesOf(stats.map((one) => one?.commands))
  const errors = namesOf(stats.map((one) => one?.errors))
  return {
    nodes,
    commands,
    figures: stats.map(
      (one) =>
        one &&
        commands.flatMap((name) => {
          const { calls = 0, us = 0, rejected = 0, failed = 0 } = one.commands.get(name) ?? {}
          return [calls, us, rejected, failed]
        })
    ),
    errors,
    errorCounts: stats.map((one) => one && errors.map((name) => one.errors.get(name) ?? 0))
  }
}

function namesOf(maps: readonly (ReadonlyMap<string, unknown> | undefined)[]): readonly string[] {
  return [...new Set(maps.flatMap((map) => [...(map?.keys() ?? [])]))].sort()
}
