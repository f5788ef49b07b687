import { COSTS, valueBytes } from '../info/value-bytes.ts'
import { errors } from '../resp/errors.ts'
import { type CommandDefinition, defineCommand } from './define-command.ts'
import { helpOf } from './help.ts'

/** Elements of a collection that MEMORY USAGE weighs when it is not told. */
const DEFAULT_SAMPLES = 5

const usage = defineCommand({
  name: 'MEMORY|USAGE',
  group: 'server',
  since: '4.0.0',
  summary: 'Estimates the bytes that a key and its value take in memory.',
  arity: -3,
  flags: ['readonly'],
  keys: { first: 2, last: 2, step: 1 },
  run: (ctx, args) => {
    let samples = DEFAULT_SAMPLES
    for (let i = 3; i < args.length; i += 2) {
      if (!args.is(i, 'SAMPLES') || i + 1 >= args.length) return ctx.reply.error(errors.syntax)
      const wanted = args.integer(i + 1)
      if (wanted === undefined) return ctx.reply.error(errors.notAnInteger)
      if (wanted < 0) return ctx.reply.error(errors.syntax)
      samples = Number(wanted)
    }
    const key = args.bytes(2)
    const footprint = ctx.lookup(ctx.database, key) && ctx.database.footprint(key)
    if (!footprint) return ctx.reply.null()
    const { bytes, object } = footprint
    ctx.reply.integer(COSTS.cell + bytes + (object ? valueBytes(object, samples) : 0))
  }
})

const stats = defineCommand({
  name: 'MEMORY|STATS',
  group: 'server',
  since: '4.0.0',
  summary: 'Tells what the memory of the node is used for. Sizes are estimates; what is not known is not there.',
  arity: 2,
  flags: [],
  run: ({ node, reply }) => {
    const memory = node.memory.now()
    const keys = node.keyspace.size
    const figures: [string, number][] = [
      ['total.allocated', memory.used],
      ['clients.slaves', memory.replicaClients],
      ['clients.normal', memory.normalClients],
      ['cluster.slot_import', memory.slotImport],
      ['cluster.slot_export', memory.slotExport]
    ]
    const totals: [string, number][] = [
      ['overhead.total', memory.overhead],
      ['keys.count', keys],
      ['keys.bytes-per-key', keys === 0 ? 0 : Math.round(memory.dataset / keys)],
      ['dataset.bytes', memory.dataset]
    ]
    reply.map(figures.length + memory.tables.size + totals.length + 1)
    const write = ([name, value]: [string, number]) => {
      reply.latin1(name)
      reply.integer(value)
    }
    figures.forEach(write)
    for (const [index, bytes] of memory.tables) {
      reply.latin1(`db.${index}`)
      reply.map(1)
      write(['overhead.hashtable.main', bytes])
    }
    totals.forEach(write)
    reply.latin1('dataset.percentage')
    reply.double((memory.dataset / Math.max(1, memory.used)) * 100)
  }
})

const doctor = defineCommand({
  name: 'MEMORY|DOCTOR',
  group: 'server',
  since: '4.0.0',
  summary: 'Says in words what stands out about the memory of the node.',
  arity: 2,
  flags: [],
  run: ({ node, reply }) => {
    const { used, dataset, overhead } = node.memory.now()
    const limit = node.config.number('maxmemory')
    const remarks: string[] = []
    if (limit > 0 && used > limit * 0.9) remarks.push(`${Math.round((used / limit) * 100)} % of maxmemory are used.`)
    if (used > LITTLE_BYTES && overhead > dataset) remarks.push('Tables and connections take more than the data: look at MEMORY STATS.')
    const resident = node.hostFigures.residentBytes
    if (used > LITTLE_BYTES && resident > used * 5) remarks.push('The process is more than five times as large as what is in use.')
    reply.verbatim(`${remarks.length > 0 ? remarks.join('\n') : 'Nothing stands out.'}\n`)
  }
})

/** Below this, what the process itself takes hides everything else. */
const LITTLE_BYTES = 64 * 1_048_576

const mallocStats = defineCommand({
  name: 'MEMORY|MALLOC-STATS',
  group: 'server',
  since: '4.0.0',
  summary: "Tells about the allocator. Memory is the JavaScript host's to manage, so there is nothing to tell.",
  arity: 2,
  flags: ['loading'],
  run: ({ reply }) => reply.text('Stats not supported for the current allocator')
})

const purge = defineCommand({
  name: 'MEMORY|PURGE',
  group: 'server',
  since: '4.0.0',
  summary: 'Asks the allocator to give memory back. The JavaScript host does so by itself, so nothing happens.',
  arity: 2,
  flags: ['loading'],
  run: ({ reply }) => reply.ok()
})

const help = helpOf('MEMORY', 'server', '4.0.0', [
  ['DOCTOR', 'What stands out, in words.'],
  ['MALLOC-STATS', 'Figures of the allocator, if it has any.'],
  ['PURGE', 'Ask the allocator to give memory back.'],
  ['STATS', 'What the memory of the node is used for.'],
  ['USAGE <key> [SAMPLES <count>]', 'Bytes that a key and its value take; <count> elements are weighed (5; 0: all).']
])

export const memory: CommandDefinition = defineCommand({
  name: 'MEMORY',
  group: 'server',
  since: '4.0.0',
  summary: 'Tells what memory is used for.',
  arity: -2,
  flags: [],
  subcommands: [usage, stats, doctor, mallocStats, purge, help]
})
