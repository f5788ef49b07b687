import type { Entry } from '../keyspace/entry.ts'
import type { Args } from '../resp/args.ts'
import type { CommandContext } from './context.ts'
import { defineCommand, type KeySpec } from './define-command.ts'
import { type HelpEntry, helpOf } from './help.ts'

/** The key of a subcommand stands after its name. */
const keyOfSubcommand: KeySpec = { first: 2, last: 2, step: 1 }

/** The entry, looked at without counting as a use; writes null when there is none. */
function inspect(ctx: CommandContext, args: Args): Entry | undefined {
  const entry = ctx.lookup(ctx.database, args.bytes(2))
  if (!entry) ctx.reply.null()
  return entry
}

function encodingOf(entry: Entry, key: Uint8Array): string {
  const { value, deadlineMs } = entry
  return value.type === 'string' ? value.encodingUnder(key, Number.isFinite(deadlineMs)) : value.encoding
}

/** The text by which clients recognise that uses are not counted. */
const NOT_COUNTED =
  'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.'

const NOT_TIMED =
  'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.'

const HELP: readonly HelpEntry[] = [
  ['ENCODING <key>', 'Returns the name of the form that the reference would store the value in.'],
  ['FREQ <key>', 'Returns how often the key is used, under an LFU policy.'],
  ['IDLETIME <key>', 'Returns the seconds since the key was last used, unless uses are counted.'],
  ['REFCOUNT <key>', 'Returns the number of references to the value, which is always 1.']
]

export const object = defineCommand({
  name: 'OBJECT',
  group: 'generic',
  since: '2.2.3',
  summary: 'Looks into how a value is stored.',
  arity: -2,
  flags: [],
  subcommands: [
    defineCommand({
      name: 'OBJECT|ENCODING',
      group: 'generic',
      since: '2.2.3',
      summary: 'Returns the form that a value is stored in.',
      arity: 3,
      flags: ['readonly'],
      keys: keyOfSubcommand,
      run: (ctx, args) => {
        const entry = inspect(ctx, args)
        if (entry) ctx.reply.latin1(encodingOf(entry, args.bytes(2)))
      }
    }),
    defineCommand({
      name: 'OBJECT|FREQ',
      group: 'generic',
      since: '4.0.0',
      summary: 'Returns how often a key is used, under a policy that counts that.',
      arity: 3,
      flags: ['readonly'],
      keys: keyOfSubcommand,
      run: (ctx, args) => {
        const entry = inspect(ctx, args)
        if (!entry) return
        const { usage } = ctx.keyspace
        if (usage.countsUses) ctx.reply.integer(usage.usesOf(entry))
        else ctx.reply.error(NOT_COUNTED)
      }
    }),
    helpOf('OBJECT', 'generic', '6.2.0', HELP),
    defineCommand({
      name: 'OBJECT|IDLETIME',
      group: 'generic',
      since: '2.2.3',
      summary: 'Returns the seconds since a key was last used, unless the policy counts uses instead.',
      arity: 3,
      flags: ['readonly'],
      keys: keyOfSubcommand,
      run: (ctx, args) => {
        const entry = inspect(ctx, args)
        if (!entry) return
        const { usage } = ctx.keyspace
        if (usage.countsUses) ctx.reply.error(NOT_TIMED)
        else ctx.reply.integer(usage.idleSecondsOf(entry))
      }
    }),
    defineCommand({
      name: 'OBJECT|REFCOUNT',
      group: 'generic',
      since: '2.2.3',
      summary: 'Returns the number of references to a value: no value is shared here, so 1.',
      arity: 3,
      flags: ['readonly'],
      keys: keyOfSubcommand,
      run: (ctx, args) => {
        if (inspect(ctx, args)) ctx.reply.integer(1)
      }
    })
  ]
})
