import type { Args } from '../resp/args.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, type CommandFlag, defineCommand } from './define-command.ts'
import { helpOf } from './help.ts'
import { diagnose, drawEvent } from './latency-report.ts'
import { commandTable } from './table.ts'

const ADMIN: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale']

const latest = defineCommand({
  name: 'LATENCY|LATEST',
  group: 'server',
  since: '2.8.13',
  summary: 'Answers the last and the worst sample of every event.',
  arity: 2,
  flags: ADMIN,
  run: ({ node, reply }) => {
    const events = node.latencyMonitor.events()
    reply.array(events.length)
    for (const { name, samples, maxMs, sumMs, count } of events) {
      const last = samples.at(-1)
      reply.array(6)
      reply.latin1(name)
      reply.integer(last?.atSeconds ?? 0)
      reply.integer(last?.ms ?? 0)
      reply.integer(maxMs)
      reply.integer(sumMs)
      reply.integer(count)
    }
  }
})

const history = defineCommand({
  name: 'LATENCY|HISTORY',
  group: 'server',
  since: '2.8.13',
  summary: 'Answers the samples of an event, oldest first.',
  arity: 3,
  flags: ADMIN,
  run: ({ node, reply }, args) => {
    const samples = node.latencyMonitor.event(args.text(2))?.samples ?? []
    reply.array(samples.length)
    for (const { atSeconds, ms } of samples) {
      reply.array(2)
      reply.integer(atSeconds)
      reply.integer(ms)
    }
  }
})

const reset = defineCommand({
  name: 'LATENCY|RESET',
  group: 'server',
  since: '2.8.13',
  summary: 'Forgets the samples of events, or of all.',
  arity: -2,
  flags: ADMIN,
  run: ({ node, reply }, args) => {
    const names = Array.from({ length: args.length - 2 }, (_, index) => args.text(index + 2))
    reply.integer(node.latencyMonitor.reset(names.length === 0 ? undefined : names))
  }
})

const histogram = defineCommand({
  name: 'LATENCY|HISTOGRAM',
  group: 'server',
  since: '7.0.0',
  summary: 'Answers how many calls of a command took at most so many microseconds, in steps of powers of two.',
  arity: -2,
  flags: ADMIN,
  run: (ctx, args) => {
    const names = args.length === 2 ? [...ctx.node.stats.commands.keys()] : [...new Set(namedCommands(args))]
    const chosen = names.flatMap((name): [string, Float64Array][] => {
      const counts = ctx.node.stats.commands.get(name)?.histogram
      return counts?.some((count) => count > 0) ? [[name, counts]] : []
    })
    ctx.reply.map(chosen.length)
    for (const [name, counts] of chosen) {
      ctx.reply.latin1(name)
      writeHistogram(ctx, counts)
    }
  }
})

/** Names as statistics know them; a container stands for its subcommands. */
function namedCommands(args: Args): string[] {
  const names: string[] = []
  for (let i = 2; i < args.length; i++) {
    const definition = commandTable.byName(args.text(i))
    if (!definition) continue
    names.push(definition.name.toLowerCase())
    for (const subcommand of definition.subcommands ?? []) names.push(subcommand.name.toLowerCase())
  }
  return names
}

/** Counts are cumulative; a bucket that adds nothing is left out. */
function writeHistogram({ reply }: CommandContext, counts: Float64Array): void {
  const steps: [microseconds: number, calls: number][] = []
  let calls = 0
  counts.forEach((count, bucket) => {
    calls += count
    if (count > 0) steps.push([2 ** bucket, calls])
  })
  reply.map(2)
  reply.latin1('calls')
  reply.integer(calls)
  reply.latin1('histogram_usec')
  reply.map(steps.length)
  for (const [microseconds, cumulative] of steps) {
    reply.integer(microseconds)
    reply.integer(cumulative)
  }
}

const graph = defineCommand({
  name: 'LATENCY|GRAPH',
  group: 'server',
  since: '2.8.13',
  summary: 'Draws the samples of an event with letters, oldest left.',
  arity: 3,
  flags: ADMIN,
  run: ({ node, nowMs, reply }, args) => {
    const name = args.text(2)
    const event = node.latencyMonitor.event(name)
    if (!event) return reply.error(`ERR No samples available for event '${name}'`)
    reply.verbatim(drawEvent(event, nowMs))
  }
})

const doctor = defineCommand({
  name: 'LATENCY|DOCTOR',
  group: 'server',
  since: '2.8.13',
  summary: 'Says in words what took long.',
  arity: 2,
  flags: ADMIN,
  run: ({ node, reply }) => reply.verbatim(diagnose(node))
})

const help = helpOf('LATENCY', 'server', '2.8.13', [
  ['DOCTOR', 'What took long, in words.'],
  ['GRAPH <event>', 'The samples of an event, drawn with letters.'],
  ['HISTOGRAM [<command> ...]', 'How long commands took: calls per power of two of a microsecond, cumulative.'],
  ['HISTORY <event>', 'Time and milliseconds of the samples of an event.'],
  ['LATEST', 'Last and worst sample of every event.'],
  ['RESET [<event> ...]', 'Forget samples; of all events when none is named.']
])

export const latency: CommandDefinition = defineCommand({
  name: 'LATENCY',
  group: 'server',
  since: '2.8.13',
  summary: 'Tells how long commands and the work of the node took.',
  arity: -2,
  flags: [],
  subcommands: [doctor, graph, histogram, history, latest, reset, help]
})
