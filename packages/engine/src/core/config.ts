/**
 * Configuration by Valkey's own names. A parameter that is not here does not exist: CONFIG SET refuses it, CONFIG GET does
 * not list it. Values are kept as CONFIG GET prints them; `number` and `bytes` read them.
 */
export type Parameter = {
  readonly kind: 'integer' | 'bytes' | 'boolean' | 'text' | 'choice'
  readonly default: string
  /** Fixed when the node starts. */
  readonly immutable?: boolean
  readonly low?: number
  readonly high?: number
  readonly choices?: readonly string[]
}

const MAX = Number.MAX_SAFE_INTEGER

export const parameters = {
  port: { kind: 'integer', default: '6379', immutable: true, low: 0, high: 65_535 },
  bind: { kind: 'text', default: '127.0.0.1', immutable: true },
  databases: { kind: 'integer', default: '16', immutable: true, low: 1, high: 2_147_483_647 },
  hz: { kind: 'integer', default: '10', low: 1, high: 500 },
  maxclients: { kind: 'integer', default: '10000', low: 1, high: 1_000_000 },
  maxmemory: { kind: 'bytes', default: '0', low: 0, high: MAX },
  'maxmemory-policy': { kind: 'choice', default: 'noeviction', choices: ['noeviction'] },
  save: { kind: 'choice', default: '', choices: [''] },
  appendonly: { kind: 'choice', default: 'no', choices: ['no'] },
  timeout: { kind: 'integer', default: '0', low: 0, high: 2_147_483_647 },
  'proto-max-bulk-len': { kind: 'bytes', default: '536870912', low: 1_048_576, high: 2_147_483_647 },
  'client-query-buffer-limit': { kind: 'bytes', default: '1073741824', low: 1_048_576, high: MAX },
  'notify-keyspace-events': { kind: 'text', default: '' },
  'cluster-enabled': { kind: 'choice', default: 'yes', immutable: true, choices: ['yes'] },
  'cluster-databases': { kind: 'integer', default: '1', immutable: true, low: 1, high: 2_147_483_647 },
  'cluster-config-file': { kind: 'text', default: 'nodes.conf', immutable: true },
  'cluster-port': { kind: 'integer', default: '0', immutable: true, low: 0, high: 65_535 },
  'cluster-announce-ip': { kind: 'text', default: '' },
  'cluster-announce-port': { kind: 'integer', default: '0', low: 0, high: 65_535 },
  'cluster-announce-bus-port': { kind: 'integer', default: '0', low: 0, high: 65_535 },
  'cluster-announce-hostname': { kind: 'text', default: '' },
  'cluster-announce-human-nodename': { kind: 'text', default: '' },
  'cluster-preferred-endpoint-type': { kind: 'choice', default: 'ip', choices: ['ip', 'hostname', 'unknown-endpoint'] },
  'cluster-node-timeout': { kind: 'integer', default: '15000', low: 100, high: 2_147_483_647 },
  'cluster-require-full-coverage': { kind: 'boolean', default: 'yes' },
  'cluster-allow-reads-when-down': { kind: 'boolean', default: 'no' },
  'cluster-manual-failover-timeout': { kind: 'integer', default: '5000', low: 1, high: 2_147_483_647 },
  'cluster-slot-stats-enabled': { kind: 'boolean', default: 'no' },
  'cluster-slot-migration-log-max-len': { kind: 'integer', default: '1000', low: 0, high: 2_147_483_647 },
  'slot-migration-max-failover-repl-bytes': { kind: 'bytes', default: '0', low: -1, high: MAX },
  'repl-timeout': { kind: 'integer', default: '60', low: 1, high: 2_147_483_647 },
  'repl-ping-replica-period': { kind: 'integer', default: '10', low: 1, high: 2_147_483_647 },
  'repl-backlog-size': { kind: 'bytes', default: '10485760', low: 16_384, high: MAX },
  'repl-diskless-sync-delay': { kind: 'integer', default: '5', low: 0, high: 2_147_483_647 },
  'replica-announce-ip': { kind: 'text', default: '' },
  'replica-announce-port': { kind: 'integer', default: '0', low: 0, high: 65_535 },
  'replica-read-only': { kind: 'choice', default: 'yes', choices: ['yes'] },
  'client-output-buffer-limit': {
    kind: 'text',
    default: 'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60',
    immutable: true
  },
  loglevel: { kind: 'choice', default: 'notice', choices: ['debug', 'verbose', 'notice', 'warning', 'nothing'] }
} as const satisfies Record<string, Parameter>

export type ParameterName = keyof typeof parameters

export class Config {
  readonly #values = new Map<string, string>()

  /** `overrides` come from the command line or a test; an unknown name or bad value throws with a sentence. */
  constructor(overrides: Readonly<Record<string, string>> = {}) {
    for (const [name, parameter] of Object.entries(parameters)) this.#values.set(name, parameter.default)
    for (const [name, value] of Object.entries(overrides)) {
      const problem = this.#store(name, value)
      if (problem) throw new Error(`${name}: ${problem}`)
    }
  }

  text(name: ParameterName): string {
    return this.#values.get(name) as string
  }

  /** Integers and byte counts. */
  number(name: ParameterName): number {
    return Number(this.#values.get(name))
  }

  enabled(name: ParameterName): boolean {
    return this.#values.get(name) === 'yes'
  }

  /** All names with their values, in the order of the table. */
  entries(): IterableIterator<[string, string]> {
    return this.#values.entries()
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** Changes a parameter at run time; returns what is wrong, or undefined. */
  set(name: string, value: string): string | undefined {
    const parameter = Object.hasOwn(parameters, name) ? (parameters[name as ParameterName] as Parameter) : undefined
    if (parameter?.immutable) return "can't set immutable config"
    return this.#store(name, value)
  }

  /** What would be wrong with a value; nothing is changed. */
  check(name: string, value: string): string | undefined {
    const parameter = Object.hasOwn(parameters, name) ? (parameters[name as ParameterName] as Parameter) : undefined
    if (!parameter) return 'unknown parameter'
    const normal = normalise(parameter, value)
    return 'problem' in normal ? normal.problem : undefined
  }

  #store(name: string, value: string): string | undefined {
    const parameter = Object.hasOwn(parameters, name) ? (parameters[name as ParameterName] as Parameter) : undefined
    if (!parameter) return 'unknown parameter'
    const normal = normalise(parameter, value)
    if ('problem' in normal) return normal.problem
    this.#values.set(name, normal.value)
    return undefined
  }
}

function normalise(parameter: Parameter, value: string): { value: string } | { problem: string } {
  switch (parameter.kind) {
    case 'text':
      return { value }
    case 'boolean':
      return value.toLowerCase() === 'yes' || value.toLowerCase() === 'no'
        ? { value: value.toLowerCase() }
        : { problem: "argument must be 'yes' or 'no'" }
    case 'choice': {
      const choice = parameter.choices?.find((option) => option === value.toLowerCase())
      return choice === undefined
        ? { problem: `argument must be one of the following: ${parameter.choices?.map((option) => option || "''").join(', ')}` }
        : { value: choice }
    }
    case 'integer':
    case 'bytes': {
      const number = parameter.kind === 'bytes' ? parseBytes(value) : /^-?\d{1,16}$/.test(value) ? Number(value) : undefined
      if (number === undefined)
        return { problem: parameter.kind === 'bytes' ? 'argument must be a memory value' : "argument couldn't be parsed into an integer" }
      if (number < (parameter.low ?? -MAX) || number > (parameter.high ?? MAX)) {
        return { problem: `argument must be between ${parameter.low} and ${parameter.high} inclusive` }
      }
      return { value: String(number) }
    }
  }
}

/** `100mb`, `1gb`, `64k` (1000) ...: Valkey's memory units. */
function parseBytes(text: string): number | undefined {
  const match = /^(-?\d{1,15})(b|k|kb|m|mb|g|gb)?$/i.exec(text)
  if (!match) return undefined
  const unit: Record<string, number> = { b: 1, k: 1000, kb: 1024, m: 1e6, mb: 1_048_576, g: 1e9, gb: 1_073_741_824 }
  const number = Number(match[1]) * (unit[(match[2] ?? 'b').toLowerCase()] as number)
  return Number.isSafeInteger(number) ? number : undefined
}
