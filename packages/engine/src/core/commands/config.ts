import { latin1Bytes } from '../bytes.ts'
import { configurationLines } from '../config-lines.ts'
import { rewriteConfig } from '../config-rewrite.ts'
import { Glob } from '../keyspace/glob.ts'
import { errors } from '../resp/errors.ts'
import { type CommandDefinition, type CommandFlag, defineCommand } from './define-command.ts'
import { helpOf } from './help.ts'

const ADMIN: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale']

const get = defineCommand({
  name: 'CONFIG|GET',
  group: 'server',
  since: '2.0.0',
  summary: 'Answers the parameters whose names match, with their values.',
  arity: -3,
  flags: ADMIN,
  run: ({ node, reply }, args) => {
    const found = new Map<string, string>()
    const taken = new Set<string>()
    for (let i = 2; i < args.length; i++) {
      const asked = args.text(i)
      if (!/[*?[]/.test(asked)) {
        // A plain name comes back as it was written, once.
        const name = asked.toLowerCase()
        const value = node.config.valueOf(name)
        if (value !== undefined && !taken.has(name)) found.set(asked, value)
        taken.add(name)
        continue
      }
      const glob = new Glob(latin1Bytes(asked.toLowerCase()))
      for (const [name, value] of node.config.entries()) {
        if (taken.has(name) || !glob.matches(latin1Bytes(name))) continue
        taken.add(name)
        found.set(name, value)
      }
    }
    reply.map(found.size)
    for (const [name, value] of found) {
      reply.latin1(name)
      reply.latin1(value)
    }
  }
})

const set = defineCommand({
  name: 'CONFIG|SET',
  group: 'server',
  since: '2.0.0',
  summary: 'Changes parameters: all of them, or none when one is refused.',
  arity: -4,
  flags: ADMIN,
  run: ({ node, reply }, args) => {
    const { config } = node
    if (args.length % 2 !== 0) return reply.error(errors.syntax)
    const wanted: [name: string, value: string][] = []
    for (let i = 2; i < args.length; i += 2) {
      const name = args.text(i).toLowerCase()
      if (config.valueOf(name) === undefined) {
        return reply.error(`ERR Unknown option or number of arguments for CONFIG SET - '${args.text(i)}'`)
      }
      if (config.isImmutable(name)) return reply.error(refused(args.text(i), "can't set immutable config"))
      if (wanted.some(([other]) => other === name)) return reply.error(refused(args.text(i), 'duplicate parameter'))
      wanted.push([name, args.text(i + 1)])
    }
    for (const [name, value] of wanted) {
      const problem = config.check(name, value)
      if (problem !== undefined) return reply.error(refused(name, problem))
    }
    const before = wanted.map(([name]) => [name, config.valueOf(name) ?? ''] as const)
    for (const [name, value] of wanted) config.set(name, value)
    const ofTls = wanted.find(([name]) => name.startsWith('tls-'))
    if (ofTls && node.options.secure && !node.options.secure()) {
      for (const [name, value] of before) config.set(name, value)
      return reply.error(refused(ofTls[0], 'Unable to update TLS configuration. Check server logs.'))
    }
    // What is read with every command is in force with the next one.
    node.hotSettings.refresh()
    if (wanted.some(([name]) => name === 'requirepass')) node.acl.requirePassword()
    reply.ok()
  }
})

function refused(name: string, problem: string): string {
  return `ERR CONFIG SET failed (possibly related to argument '${name}') - ${problem}`
}

const resetstat = defineCommand({
  name: 'CONFIG|RESETSTAT',
  group: 'server',
  since: '2.0.0',
  summary: 'Sets the counters of INFO, SLOT-STATS and the latency histograms back to zero.',
  arity: 2,
  flags: ADMIN,
  run: ({ node, reply }) => {
    node.stats.reset()
    node.slotStats.reset()
    reply.ok()
  }
})

const rewrite = defineCommand({
  name: 'CONFIG|REWRITE',
  group: 'server',
  since: '2.8.0',
  summary: 'Has the configuration file say what holds now; its comments and its order stay.',
  arity: 2,
  flags: ADMIN,
  run: ({ node, reply }) => {
    const { config, options } = node
    const { configFile, files } = options
    if (configFile === undefined || !files) return reply.error('ERR The server is running without a config file')
    const before = files.read(configFile)
    const problem =
      'error' in before
        ? before.error
        : files.replace(
            configFile,
            rewriteConfig(before.text, configurationLines(config, node.acl), (name) => config.originalOf(name))
          )
    if (problem === undefined) {
      node.log('notice', 'CONFIG REWRITE executed with success.')
      return reply.ok()
    }
    node.log('warning', `CONFIG REWRITE failed: ${problem}`)
    reply.error(`ERR Rewriting config file: ${problem}`)
  }
})

const help = helpOf('CONFIG', 'server', '5.0.0', [
  ['GET <pattern> [<pattern> ...]', 'Parameters whose names match a glob pattern, with their values.'],
  ['RESETSTAT', 'Set the statistics back to zero.'],
  ['REWRITE', 'Have the configuration file say what holds now.'],
  ['SET <parameter> <value> [<parameter> <value> ...]', 'Change parameters, all or none.']
])

export const config: CommandDefinition = defineCommand({
  name: 'CONFIG',
  group: 'server',
  since: '2.0.0',
  summary: 'Reads and changes parameters of the node.',
  arity: -2,
  flags: [],
  subcommands: [get, set, resetstat, rewrite, help]
})
