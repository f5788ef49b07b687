import type { Acl } from './acl/acl.ts'
import { type Config, type ParameterName, parameters } from './config.ts'
import { type ParameterLines, quoted } from './config-rewrite.ts'
import { parseOutputLimits } from './output-limits.ts'

/** Everything that is configured, as lines of a configuration file. */
export function* configurationLines(config: Config, acl: Acl): Generator<ParameterLines> {
  for (const name of Object.keys(parameters) as ParameterName[]) {
    if (config.originalOf(name) !== name) continue
    if (name === 'client-output-buffer-limit') yield outputLimitLines(config)
    else yield { name, lines: [{ text: lineOf(config, name), needed: config.text(name) !== config.defaultOf(name) }] }
  }
  // Those of an ACL file are kept there.
  if (config.text('aclfile') === '') {
    yield { name: 'user', lines: acl.users().map((user) => ({ text: user.describe(), needed: true })) }
  }
}

/** Texts that are words of their own and stand unquoted. */
const SEVERAL_WORDS: ReadonlySet<string> = new Set(['bind', 'replicaof', 'latency-tracking-info-percentiles'])
const MEGABYTE = 1_048_576

function lineOf(config: Config, name: ParameterName): string {
  const value = config.text(name)
  const { kind } = parameters[name]
  if (value === '') return `${name} ""`
  if (kind === 'bytes') return `${name} ${memory(Number(value))}`
  return `${name} ${kind === 'text' && !SEVERAL_WORDS.has(name) ? quoted(value) : value}`
}

/** In the largest unit that leaves nothing over (`rewriteConfigFormatMemory`). */
function memory(bytes: number): string {
  for (const [unit, size] of [
    ['gb', MEGABYTE * 1024],
    ['mb', MEGABYTE],
    ['kb', 1024]
  ] as const) {
    if (bytes !== 0 && bytes % size === 0) return `${bytes / size}${unit}`
  }
  return String(bytes)
}

/** A line for each class of clients; CONFIG GET has another word for one of them. */
function outputLimitLines(config: Config): ParameterLines {
  const name = 'client-output-buffer-limit'
  const table = parseOutputLimits(config.text(name), new Map())
  const normal = parseOutputLimits(config.defaultOf(name), new Map())
  if (typeof table === 'string' || typeof normal === 'string') return { name, lines: [] }
  const lines = [...table].map(([kind, limit]) => {
    const before = normal.get(kind)
    const needed = limit.hardBytes !== before?.hardBytes || limit.softBytes !== before.softBytes || limit.softSeconds !== before.softSeconds
    const word = kind === 'slave' ? 'replica' : kind
    return { text: `${name} ${word} ${memory(limit.hardBytes)} ${memory(limit.softBytes)} ${limit.softSeconds}`, needed }
  })
  return { name, lines }
}
