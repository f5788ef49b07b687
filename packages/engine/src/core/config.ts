import { checkAnnouncedAddress, checkClientIpv4, checkClientIpv6, checkHostname, checkNodeName, checkZone } from './cluster/announcement.ts'
import { evictionPolicies } from './eviction/policy.ts'
import { formatKeyspaceEvents, parseKeyspaceEvents } from './keyspace-events.ts'
import { parseMemorySize } from './memory-size.ts'
import { formatOutputLimits, parseOutputLimits } from './output-limits.ts'

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
  /** For texts with a form of their own: how the value is kept, given the one before, or what is wrong with it. */
  readonly normalise?: (value: string, current: string) => Normalised
  /** Another name of this parameter: both read and write one value. */
  readonly aliasOf?: string
}

type Normalised = { readonly value: string } | { readonly problem: string }

const MAX = Number.MAX_SAFE_INTEGER

export const parameters = {
  port: { kind: 'integer', default: '6379', immutable: true, low: 0, high: 65_535 },
  bind: { kind: 'text', default: '127.0.0.1', immutable: true, normalise: normaliseBind },
  'bind-source-addr': { kind: 'text', default: '' },
  // The reference's default is `yes`; whoever makes a node without a word about it listens at loopback.
  'protected-mode': { kind: 'boolean', default: 'no' },
  'tcp-backlog': { kind: 'integer', default: '511', immutable: true, low: 0, high: 2_147_483_647 },
  'tcp-keepalive': { kind: 'integer', default: '300', low: 0, high: 2_147_483_647 },
  unixsocket: { kind: 'text', default: '', immutable: true },
  unixsocketperm: { kind: 'text', default: '0', immutable: true, normalise: normaliseFileMode },
  // The host's business; empty where it has none.
  dir: { kind: 'text', default: '', immutable: true },
  logfile: { kind: 'text', default: '', immutable: true },
  pidfile: { kind: 'text', default: '', immutable: true },
  daemonize: { kind: 'choice', default: 'no', immutable: true, choices: ['no'] },
  databases: { kind: 'integer', default: '16', immutable: true, low: 1, high: 2_147_483_647 },
  hz: { kind: 'integer', default: '10', low: 1, high: 500 },
  requirepass: { kind: 'text', default: '' },
  primaryauth: { kind: 'text', default: '' },
  primaryuser: { kind: 'text', default: '' },
  masterauth: { kind: 'text', default: '', aliasOf: 'primaryauth' },
  masteruser: { kind: 'text', default: '', aliasOf: 'primaryuser' },
  aclfile: { kind: 'text', default: '', immutable: true },
  'acl-pubsub-default': { kind: 'choice', default: 'resetchannels', choices: ['allchannels', 'resetchannels'] },
  'acllog-max-len': { kind: 'integer', default: '128', low: 0, high: MAX },
  maxclients: { kind: 'integer', default: '10000', low: 1, high: 4_294_967_295 },
  maxmemory: { kind: 'bytes', default: '0', low: 0, high: MAX },
  'maxmemory-policy': { kind: 'choice', default: 'noeviction', choices: evictionPolicies },
  'maxmemory-samples': { kind: 'integer', default: '5', low: 1, high: 64 },
  'lfu-log-factor': { kind: 'integer', default: '10', low: 0, high: 2_147_483_647 },
  'lfu-decay-time': { kind: 'integer', default: '1', low: 0, high: 2_147_483_647 },
  save: { kind: 'choice', default: '', choices: [''] },
  appendonly: { kind: 'choice', default: 'no', choices: ['no'] },
  'import-mode': { kind: 'boolean', default: 'no' },
  timeout: { kind: 'integer', default: '0', low: 0, high: 2_147_483_647 },
  'proto-max-bulk-len': { kind: 'bytes', default: '536870912', low: 1_048_576, high: 2_147_483_647 },
  'client-query-buffer-limit': { kind: 'bytes', default: '1073741824', low: 1_048_576, high: MAX },
  'tracking-table-max-keys': { kind: 'integer', default: '1000000', low: 0, high: MAX },
  'notify-keyspace-events': { kind: 'text', default: '', normalise: normaliseKeyspaceEvents },
  'stream-node-max-bytes': { kind: 'bytes', default: '4096', low: 0, high: MAX },
  'stream-node-max-entries': { kind: 'integer', default: '100', low: 0, high: MAX },
  'latency-tracking': { kind: 'boolean', default: 'yes' },
  'latency-tracking-info-percentiles': { kind: 'text', default: '50 99 99.9', normalise: normalisePercentiles },
  'latency-monitor-threshold': { kind: 'integer', default: '0', low: 0, high: MAX },
  'commandlog-execution-slower-than': { kind: 'integer', default: '10000', low: -1, high: MAX },
  'commandlog-slow-execution-max-len': { kind: 'integer', default: '128', low: 0, high: MAX },
  'commandlog-request-larger-than': { kind: 'integer', default: '1048576', low: -1, high: MAX },
  'commandlog-large-request-max-len': { kind: 'integer', default: '128', low: 0, high: MAX },
  'commandlog-reply-larger-than': { kind: 'integer', default: '1048576', low: -1, high: MAX },
  'commandlog-large-reply-max-len': { kind: 'integer', default: '128', low: 0, high: MAX },
  'slowlog-log-slower-than': { kind: 'integer', default: '10000', aliasOf: 'commandlog-execution-slower-than' },
  'slowlog-max-len': { kind: 'integer', default: '128', aliasOf: 'commandlog-slow-execution-max-len' },
  // The reference's default is `no`; whoever makes a node without a word about it wants a cluster.
  'cluster-enabled': { kind: 'boolean', default: 'yes', immutable: true },
  'cluster-databases': { kind: 'integer', default: '1', immutable: true, low: 1, high: 2_147_483_647 },
  'cluster-config-file': { kind: 'text', default: 'nodes.conf', immutable: true },
  'cluster-port': { kind: 'integer', default: '0', immutable: true, low: 0, high: 65_535 },
  'cluster-announce-ip': { kind: 'text', default: '', normalise: checkAnnouncedAddress },
  'cluster-announce-port': { kind: 'integer', default: '0', low: 0, high: 65_535 },
  'cluster-announce-tls-port': { kind: 'integer', default: '0', low: 0, high: 65_535 },
  'cluster-announce-bus-port': { kind: 'integer', default: '0', low: 0, high: 65_535 },
  'cluster-announce-hostname': { kind: 'text', default: '', normalise: checkHostname },
  'cluster-announce-human-nodename': { kind: 'text', default: '', normalise: checkNodeName },
  'cluster-preferred-endpoint-type': { kind: 'choice', default: 'ip', choices: ['ip', 'hostname', 'unknown-endpoint'] },
  'cluster-node-timeout': { kind: 'integer', default: '15000', low: 100, high: 2_147_483_647 },
  'availability-zone': { kind: 'text', default: '', normalise: checkZone },
  'cluster-announce-client-ipv4': { kind: 'text', default: '', normalise: checkClientIpv4 },
  'cluster-announce-client-ipv6': { kind: 'text', default: '', normalise: checkClientIpv6 },
  'cluster-announce-client-port': { kind: 'integer', default: '0', low: 0, high: 65_535 },
  'cluster-announce-client-tls-port': { kind: 'integer', default: '0', low: 0, high: 65_535 },
  'cluster-blacklist-ttl': { kind: 'integer', default: '60', low: 0, high: 4_294_967_295 },
  'cluster-allow-replica-migration': { kind: 'boolean', default: 'yes' },
  'cluster-replica-no-failover': { kind: 'boolean', default: 'no' },
  'cluster-require-full-coverage': { kind: 'boolean', default: 'yes' },
  'cluster-allow-reads-when-down': { kind: 'boolean', default: 'no' },
  'cluster-manual-failover-timeout': { kind: 'integer', default: '5000', low: 1, high: 2_147_483_647 },
  'cluster-slot-stats-enabled': { kind: 'boolean', default: 'no' },
  'cluster-slot-migration-log-max-len': { kind: 'integer', default: '1000', low: 0, high: 2_147_483_647 },
  'slot-migration-max-failover-repl-bytes': { kind: 'bytes', default: '0', low: -1, high: MAX },
  'repl-timeout': { kind: 'integer', default: '60', low: 1, high: 2_147_483_647 },
  'repl-ping-replica-period': { kind: 'integer', default: '10', low: 1, high: 2_147_483_647 },
  'repl-backlog-size': { kind: 'bytes', default: '10485760', low: 16_384, high: MAX },
  'repl-backlog-ttl': { kind: 'integer', default: '3600', low: 0, high: 2_147_483_647 },
  // Not the reference's 5: there is no fork whose cost several replicas could share by waiting for each other.
  'repl-diskless-sync-delay': { kind: 'integer', default: '0', low: 0, high: 2_147_483_647 },
  replicaof: { kind: 'text', default: '', immutable: true, normalise: normalisePrimary },
  slaveof: { kind: 'text', default: '', immutable: true, aliasOf: 'replicaof' },
  'replica-announce-ip': { kind: 'text', default: '' },
  'replica-announce-port': { kind: 'integer', default: '0', low: 0, high: 65_535 },
  'replica-read-only': { kind: 'choice', default: 'yes', choices: ['yes'] },
  'tls-port': { kind: 'integer', default: '0', immutable: true, low: 0, high: 65_535 },
  'tls-cluster': { kind: 'boolean', default: 'no' },
  'tls-replication': { kind: 'boolean', default: 'no' },
  'tls-auth-clients': { kind: 'choice', default: 'yes', choices: ['no', 'yes', 'optional'] },
  'tls-cert-file': { kind: 'text', default: '' },
  'tls-key-file': { kind: 'text', default: '' },
  'tls-key-file-pass': { kind: 'text', default: '' },
  'tls-client-cert-file': { kind: 'text', default: '' },
  'tls-client-key-file': { kind: 'text', default: '' },
  'tls-client-key-file-pass': { kind: 'text', default: '' },
  'tls-ca-cert-file': { kind: 'text', default: '' },
  'tls-ca-cert-dir': { kind: 'text', default: '' },
  'tls-protocols': { kind: 'text', default: '' },
  'tls-ciphers': { kind: 'text', default: '' },
  'tls-ciphersuites': { kind: 'text', default: '' },
  'tls-prefer-server-ciphers': { kind: 'boolean', default: 'no' },
  'client-output-buffer-limit': {
    kind: 'text',
    default: 'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60',
    normalise: normaliseOutputLimits
  },
  loglevel: { kind: 'choice', default: 'notice', choices: ['debug', 'verbose', 'notice', 'warning', 'nothing'] }
} as const satisfies Record<string, Parameter>

export type ParameterName = keyof typeof parameters

export class Config {
  readonly #values = new Map<string, string>()
  /** Counts changes, so that others may keep what they have read. */
  revision = 0

  readonly #defaults: Readonly<Record<string, string>>

  /**
   * `overrides` come from the command line or a test; an unknown name or bad value throws with a sentence. `defaults` stand in the place
   * of the table's.
   */
  constructor(overrides: Readonly<Record<string, string>> = {}, defaults: Readonly<Record<string, string>> = {}) {
    this.#defaults = defaults
    for (const [name, parameter] of Object.entries(parameters)) this.#values.set(name, parameter.default)
    for (const [name, value] of [...Object.entries(defaults), ...Object.entries(overrides)]) {
      const problem = this.#store(name, value)
      if (problem) throw new Error(`${name}: ${problem}`)
    }
    if (this.enabled('cluster-enabled') && this.text('replicaof') !== '') {
      throw new Error('replicaof: replicaof directive not allowed in cluster mode')
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

  /** The value without a word about it. */
  defaultOf(name: ParameterName): string {
    return this.#defaults[name] ?? parameters[name].default
  }

  /** The name of which this one is another, or the same. */
  originalOf(name: string): string {
    return parameterOf(name)?.aliasOf ?? name
  }

  /** All names with their values, in the order of the table. */
  *entries(): Generator<[string, string]> {
    for (const name of Object.keys(parameters)) yield [name, this.valueOf(name) as string]
  }

  /** The value of a name that may not exist. */
  valueOf(name: string): string | undefined {
    return this.#values.get(parameterOf(name)?.aliasOf ?? name)
  }

  /** Is this the name of a parameter that is fixed when the node starts? */
  isImmutable(name: string): boolean {
    return parameterOf(name)?.immutable ?? false
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** Changes a parameter at run time; returns what is wrong, or undefined. */
  set(name: string, value: string): string | undefined {
    if (this.isImmutable(name)) return "can't set immutable config"
    return this.#store(name, value)
  }

  /** Keeps what a command has decided of a parameter that CONFIG SET does not change, as REPLICAOF does. The value is a valid one. */
  note(name: ParameterName, value: string): void {
    this.#values.set(name, value)
    this.revision++
  }

  /** What would be wrong with a value; nothing is changed. */
  check(name: string, value: string): string | undefined {
    const normal = this.#normalise(name, value)
    return 'problem' in normal ? normal.problem : undefined
  }

  #store(name: string, value: string): string | undefined {
    const normal = this.#normalise(name, value)
    if ('problem' in normal) return normal.problem
    this.#values.set(parameterOf(name)?.aliasOf ?? name, normal.value)
    this.revision++
    return undefined
  }

  #normalise(name: string, value: string): Normalised {
    const parameter = parameterOf(name)
    if (!parameter) return { problem: 'unknown parameter' }
    const meant = parameter.aliasOf === undefined ? parameter : (parameterOf(parameter.aliasOf) as Parameter)
    return normalise(meant, value, this.valueOf(name) ?? '')
  }
}

function parameterOf(name: string): Parameter | undefined {
  return Object.hasOwn(parameters, name) ? parameters[name as ParameterName] : undefined
}

function normalise(parameter: Parameter, value: string, current: string): Normalised {
  switch (parameter.kind) {
    case 'text':
      return parameter.normalise?.(value, current) ?? { value }
    case 'boolean':
      return value.toLowerCase() === 'yes' || value.toLowerCase() === 'no'
        ? { value: value.toLowerCase() }
        : { problem: "argument must be 'yes' or 'no'" }
    case 'choice': {
      const choice = parameter.choices?.find((option) => option === value.toLowerCase())
      return choice === undefined
        ? { problem: `argument(s) must be one of the following: ${parameter.choices?.map((option) => option || "''").join(', ')}` }
        : { value: choice }
    }
    case 'integer':
    case 'bytes': {
      const number = parameter.kind === 'bytes' ? parseMemorySize(value) : /^-?\d{1,16}$/.test(value) ? Number(value) : undefined
      if (number === undefined)
        return { problem: parameter.kind === 'bytes' ? 'argument must be a memory value' : "argument couldn't be parsed into an integer" }
      if (number < (parameter.low ?? -MAX) || number > (parameter.high ?? MAX)) {
        return { problem: `argument must be between ${parameter.low} and ${parameter.high} inclusive` }
      }
      return { value: String(number) }
    }
  }
}

/** Addresses, separated by one space each. */
function normaliseBind(value: string): Normalised {
  const words = value.split(/\s+/).filter((word) => word !== '')
  return words.length > 16 ? { problem: 'Too many bind addresses specified.' } : { value: words.join(' ') }
}

/** Octal digits. */
function normaliseFileMode(value: string): Normalised {
  if (!/^[0-7]{1,8}$/.test(value)) return { problem: "argument couldn't be parsed into an octal number" }
  return Number.parseInt(value, 8) > 0o777
    ? { problem: 'argument must be between 0 and 777 inclusive' }
    : { value: Number.parseInt(value, 8).toString(8) }
}

/** `host port`, or nothing. The words are those of `parseReplicaofDirective` in the reference's configuration. */
function normalisePrimary(value: string): Normalised {
  const [host, port, ...more] = value.split(/\s+/).filter((word) => word !== '')
  if (host === undefined || (host.toLowerCase() === 'no' && port?.toLowerCase() === 'one' && more.length === 0)) return { value: '' }
  if (port === undefined || more.length > 0) return { problem: 'wrong number of arguments' }
  return /^\d{1,5}$/.test(port) && Number(port) <= 65_535 ? { value: `${host} ${Number(port)}` } : { problem: 'Invalid primary port' }
}

function normaliseKeyspaceEvents(value: string): Normalised {
  const events = parseKeyspaceEvents(value)
  return events ? { value: formatKeyspaceEvents(events) } : { problem: "Invalid event class character. Use 'Ag$lshzxeKEtmdn'." }
}

function normaliseOutputLimits(value: string, current: string): Normalised {
  const before = parseOutputLimits(current, new Map())
  const table = parseOutputLimits(value, typeof before === 'string' ? new Map() : before)
  return typeof table === 'string' ? { problem: table } : { value: formatOutputLimits(table) }
}

function normalisePercentiles(value: string): Normalised {
  const words = value.split(' ').filter((word) => word !== '')
  if (words.some((word) => !/^\d+(\.\d+)?$/.test(word))) return { problem: 'Invalid latency-tracking-info-percentiles parameters' }
  if (words.some((word) => Number(word) > 100)) {
    return { problem: 'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]' }
  }
  return { value: words.map((word) => String(Number(word))).join(' ') }
}
