import { parseArgs } from 'node:util'
import { type LogLevel, logLevels } from '@slotscope/api'
import { type Directive, readDirectives } from './node-settings.ts'

/** What the person asked for is not possible: one clear line, exit 2. */
export class UsageError extends Error {}

export type UpArguments = {
  readonly command: 'up'
  readonly shards: number
  readonly replicas: number
  readonly databases: number
  /** First client port; undefined: the first free block from 7000. */
  readonly port: number | undefined
  readonly load: boolean
  /** Operations per second of the sample workload. */
  readonly rate: number
  readonly seed: number | undefined
} & ConsoleArguments

export type ConnectArguments = {
  readonly command: 'connect'
  /** Addresses of one cluster, each as valkey://[user:password@]host:port; none: only the clusters of the file, the environment and the screen. */
  readonly urls: readonly string[]
  readonly name: string | undefined
} & ConsoleArguments

/** Plays a recording that was exported. */
export type PlayArguments = { readonly command: 'play'; readonly file: string } & ConsoleArguments

/** What is kept of the past: hours and MiB of each cluster, undefined: as the api has it. False: nothing. */
export type RecordArguments = { readonly hours: number | undefined; readonly mebibytes: number | undefined } | false

export type ConsoleArguments = {
  /** Port of the console; undefined: the first free one from 8900. */
  readonly http: number | undefined
  readonly open: boolean
  readonly listen: string
  readonly allowHosts: readonly string[]
  readonly trustedProxy: boolean
  /** Browsers reach the console over TLS with it. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined
  /** Nothing that changes the cluster is sent. */
  readonly readOnly: boolean
  /** What is asked of the cluster while nobody looks. */
  readonly background: 'off' | 'light' | 'full'
  readonly record: RecordArguments
  /** From which level lines are written to standard error. */
  readonly logLevel: LogLevel
  /** A file that holds the token of /metrics; undefined: only who is logged in reads them. */
  readonly metricsTokenFile: string | undefined
  /** Where problems are told; the secret that signs it stands in the file, or in SLOTSCOPE_WEBHOOK_SECRET. */
  readonly webhook: string | undefined
  readonly webhookSecretFile: string | undefined
  /** Where shard letters, accounts, clusters made on screen and the audit are kept; undefined: nowhere. */
  readonly data: string | undefined
  /** A file of further clusters. */
  readonly clusters: string | undefined
  /** The key for the passwords of clusters made on screen; undefined: one of our own in the folder of the data. */
  readonly keyFile: string | undefined
  /** Clusters made on screen may lead to this machine. */
  readonly allowLocalTargets: boolean
}

/** One node, with what its file and its command line say. */
export type NodeArguments = {
  readonly command: 'node'
  readonly directives: readonly Directive[]
  /** The whole path of the file that they came from, for CONFIG REWRITE. */
  readonly configFile?: string
}

export type LoginArguments = {
  readonly command: 'login'
  readonly http: number | undefined
  readonly role: 'viewer' | 'operator' | 'admin'
}

/** What is done to the accounts of a folder. */
export type UserArguments = { readonly command: 'user'; readonly data: string } & (
  | { readonly action: 'list' }
  | { readonly action: 'remove'; readonly name: string }
  | { readonly action: 'add' | 'role'; readonly name: string; readonly role: LoginArguments['role'] }
)

/** `last`: a hash that was noted earlier, 64 hex digits. */
export type AuditArguments = { readonly command: 'audit'; readonly file: string; readonly last: string | undefined }

export type Arguments =
  | UpArguments
  | ConnectArguments
  | PlayArguments
  | NodeArguments
  | LoginArguments
  | UserArguments
  | AuditArguments
  | { readonly command: 'help' | 'version' }

export const HELP = `Slotscope: the Valkey 9 cluster console that starts with a cluster inside.

  slotscope                     start a cluster, a sample workload and the console
  slotscope connect [URL...]    the console on a cluster that runs already (valkey://[user:password@]host:port)
  slotscope play FILE           the console on a recording that was exported from it
  slotscope login               print a new login link for a console that runs on this machine
  slotscope user add NAME       an account for the console: --role ROLE --data FOLDER; also list, remove NAME, role NAME
  slotscope audit verify FILE   whether the audit log is as it was written; with --last HASH, noted earlier, also that its end is there
  slotscope node                run one node as a process of its own

Cluster
  --shards N        primaries (default 3)
  --replicas N      replicas of each primary (default 1)
  --databases N     cluster-databases (default 16)
  --port N          first client port; bus ports are 10000 above (default: the first free block from 7000)
  --seed N          make the same cluster and the same sample data again
  --no-load         no sample workload
  --rate N          operations per second of the sample workload (default 400)

Console
  --http N          port of the console (default: the first free one from 8900)
  --no-open         do not open the browser
  --listen HOST     listen beyond this machine; needs --tls-cert and --tls-key, or --trusted-proxy
  --tls-cert FILE --tls-key FILE   speak TLS with this certificate (PEM, with its chain); a renewed one is taken over without a restart
  --trusted-proxy   a proxy that ends TLS stands in front
  --allow-host NAME a name under which browsers may reach the console (may be given several times)
  --data FOLDER     keep shard letters, accounts, clusters made on screen, the audit log and the recording in this folder
  --clusters FILE   further clusters, as JSON; SLOTSCOPE_CLUSTERS may hold the same text
  --key-file FILE   the key that seals the passwords of clusters made on screen: 32 bytes in base64, also as SLOTSCOPE_KEY
                    (default: secrets.key in the folder of --data, made when absent)
  --allow-local-targets  clusters made on screen may lead to this machine
  --record-hours N  how long the past is kept (default 24; without --data 2, until Slotscope ends)
  --record-mb N     at most so many MiB of it per cluster (default 1024; without --data 128)
  --no-record       keep nothing of the past
  --read-only       send nothing that changes the cluster, whoever asks
  --background W    what to watch while nobody looks: light (default), full or off
  --log-level LEVEL silent, error, warn, info or debug: JSON lines on standard error (default warn)
  --metrics-token-file FILE   whoever sends the token in it reads /metrics; without it only who is logged in
  --webhook URL     where a POST goes when a problem begins and when it ends
  --webhook-secret-file FILE  signs them (or the variable SLOTSCOPE_WEBHOOK_SECRET)
  --name NAME       what to call the cluster (connect)
  --role ROLE       viewer, operator or admin (login; default admin)

Node
  slotscope node [valkey.conf] [--name value ...], with any parameter by Valkey's name: --port 7000 --dir FOLDER --logfile FILE --cluster-enabled yes --cluster-databases 16
`

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads the command line; throws UsageError with one sentence for anything that is not understood. */
export function readArguments(argv: readonly string[], environment: Environment = {}): Arguments {
  const [first, ...rest] = argv
  if (first === 'node') return { command: 'node', ...readDirectives(rest) }
  if (argv.includes('--help') || argv.includes('-h') || first === 'help') return { command: 'help' }
  if (argv.includes('--version') || argv.includes('-v')) return { command: 'version' }
  if (first === 'connect') return readConnect(rest, environment)
  if (first === 'play') return readPlay(rest)
  if (first === 'login') return readLogin(rest)
  if (first === 'user') return readUser(rest)
  if (first === 'audit') return readAudit(rest)
  if (first !== undefined && !first.startsWith('-')) throw new UsageError(`unknown command "${first}"; see slotscope --help`)
  return readUp(argv)
}

const consoleOptions = {
  http: { type: 'string' },
  open: { type: 'boolean', default: true },
  listen: { type: 'string', default: '127.0.0.1' },
  'allow-host': { type: 'string', multiple: true },
  'trusted-proxy': { type: 'boolean', default: false },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'read-only': { type: 'boolean', default: false },
  background: { type: 'string', default: 'light' },
  record: { type: 'boolean', default: true },
  'record-hours': { type: 'string' },
  'record-mb': { type: 'string' },
  data: { type: 'string' },
  'log-level': { type: 'string', default: 'warn' },
  'metrics-token-file': { type: 'string' },
  webhook: { type: 'string' },
  'webhook-secret-file': { type: 'string' },
  clusters: { type: 'string' },
  'key-file': { type: 'string' },
  'allow-local-targets': { type: 'boolean', default: false }
} as const

function readUp(argv: readonly string[]): UpArguments {
  const values = parse(argv, {
    ...consoleOptions,
    shards: { type: 'string' },
    replicas: { type: 'string' },
    databases: { type: 'string' },
    port: { type: 'string' },
    seed: { type: 'string' },
    load: { type: 'boolean', default: true },
    rate: { type: 'string' }
  }).values
  return {
    command: 'up',
    shards: integer('shards', values.shards, 1, 1000) ?? 3,
    replicas: integer('replicas', values.replicas, 0, 5) ?? 1,
    databases: integer('databases', values.databases, 1, 2_147_483_647) ?? 16,
    port: integer('port', values.port, 1, 55_535),
    seed: integer('seed', values.seed, 0, 2_147_483_647),
    load: values.load as boolean,
    rate: integer('rate', values.rate, 1, 100_000) ?? 400,
    ...consoleArguments(values)
  }
}

function readConnect(argv: readonly string[], environment: Environment): ConnectArguments {
  const { values, positionals } = parse(argv, { ...consoleOptions, name: { type: 'string' } }, true)
  const args = consoleArguments(values)
  const others = args.clusters ?? args.data ?? environment.SLOTSCOPE_CLUSTERS
  if (positionals.length === 0 && others === undefined)
    throw new UsageError(
      'connect needs the address of a node, such as valkey://127.0.0.1:7000, or --clusters FILE, or --data FOLDER to add clusters on screen'
    )
  return { command: 'connect', urls: positionals, name: values.name as string | undefined, ...args }
}

function readPlay(argv: readonly string[]): PlayArguments {
  const { values, positionals } = parse(argv, consoleOptions, true)
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new UsageError('play needs one file, a recording that was exported')
  return { command: 'play', file, ...consoleArguments(values) }
}

function readLogin(argv: readonly string[]): LoginArguments {
  const { values } = parse(argv, { http: { type: 'string' }, role: { type: 'string', default: 'admin' } })
  return { command: 'login', http: integer('http', values.http, 1, 65_535), role: roleOf(values.role) }
}

function readUser(argv: readonly string[]): UserArguments {
  const { values, positionals } = parse(argv, { data: { type: 'string' }, role: { type: 'string' } }, true)
  const [action, name = '', ...more] = positionals
  const data = values.data as string | undefined
  if (data === undefined) throw new UsageError('user needs --data FOLDER, the folder with which the console is started')
  if (action === 'list' && name === '') return { command: 'user', action, data }
  if (action !== 'add' && action !== 'remove' && action !== 'role')
    throw new UsageError('user knows add NAME, list, remove NAME and role NAME; see slotscope --help')
  if (name === '' || more.length > 0) throw new UsageError(`user ${action} needs one name`)
  if (action === 'remove') return { command: 'user', action, name, data }
  if (values.role === undefined) throw new UsageError(`user ${action} needs --role viewer, operator or admin`)
  return { command: 'user', action, name, role: roleOf(values.role), data }
}

function readAudit(argv: readonly string[]): AuditArguments {
  const { values, positionals } = parse(argv, { last: { type: 'string' } }, true)
  const [action, file, ...more] = positionals
  if (action !== 'verify' || file === undefined || more.length > 0) throw new UsageError('audit knows one thing: audit verify FILE')
  const last = values.last as string | undefined
  if (last !== undefined && !/^[0-9a-f]{64}$/.test(last)) throw new UsageError('--last is the hash of a line: 64 hex digits')
  return { command: 'audit', file, last }
}

function roleOf(value: unknown): LoginArguments['role'] {
  if (value !== 'viewer' && value !== 'operator' && value !== 'admin')
    throw new UsageError(`--role must be viewer, operator or admin, not "${value}"`)
  return value
}

function recordOf(values: Record<string, unknown>): RecordArguments {
  const hours = integer('record-hours', values['record-hours'], 1, 24 * 366)
  const mebibytes = integer('record-mb', values['record-mb'], 16, 1024 * 1024)
  return values.record === true && { hours, mebibytes }
}

function backgroundOf(value: unknown): ConsoleArguments['background'] {
  if (value !== 'off' && value !== 'light' && value !== 'full')
    throw new UsageError(`--background must be off, light or full, not "${value}"`)
  return value
}

function consoleArguments(values: Record<string, unknown>): ConsoleArguments {
  if (values['key-file'] !== undefined && values.data === undefined)
    throw new UsageError('--key-file needs --data FOLDER: without it clusters made on screen are not kept')
  return {
    http: integer('http', values.http, 1, 65_535),
    open: values.open as boolean,
    listen: values.listen as string,
    allowHosts: (values['allow-host'] as string[] | undefined) ?? [],
    trustedProxy: values['trusted-proxy'] as boolean,
    tls: tlsFiles(values['tls-cert'] as string | undefined, values['tls-key'] as string | undefined),
    readOnly: values['read-only'] as boolean,
    background: backgroundOf(values.background),
    record: recordOf(values),
    data: values.data as string | undefined,
    logLevel: logLevelOf(values['log-level']),
    metricsTokenFile: values['metrics-token-file'] as string | undefined,
    webhook: values.webhook as string | undefined,
    webhookSecretFile: values['webhook-secret-file'] as string | undefined,
    clusters: values.clusters as string | undefined,
    keyFile: values['key-file'] as string | undefined,
    allowLocalTargets: values['allow-local-targets'] as boolean
  }
}

function logLevelOf(value: unknown): LogLevel {
  const level = logLevels.find((one) => one === value)
  if (level === undefined) throw new UsageError(`--log-level must be one of ${logLevels.join(', ')}, not "${value}"`)
  return level
}

function tlsFiles(certFile: string | undefined, keyFile: string | undefined): ConsoleArguments['tls'] {
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile }
  if (certFile !== undefined || keyFile !== undefined) throw new UsageError('--tls-cert and --tls-key belong together')
  return undefined
}

type OptionTable = NonNullable<Parameters<typeof parseArgs>[0]>['options']

function parse(argv: readonly string[], options: OptionTable & object, positionals = false) {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: positionals, allowNegative: true }) as {
      values: Record<string, unknown>
      positionals: string[]
    }
  } catch (error) {
    // The parser explains at length; the first sentence says it.
    const sentence = (error as Error).message.split(/\. |\n/, 1)[0] ?? 'the arguments are not understood'
    throw new UsageError(`${sentence}; see slotscope --help`)
  }
}

function integer(name: string, value: unknown, low: number, high: number): number | undefined {
  if (value === undefined) return undefined
  const number = /^\d{1,10}$/.test(String(value)) ? Number(value) : Number.NaN
  if (!(number >= low && number <= high)) throw new UsageError(`--${name} must be an integer from ${low} to ${high}, not "${value}"`)
  return number
}
