import type { Role } from '@slotscope/observer/stream'
import type { CommandFacts } from './command-facts.ts'

/**
 * Which command which role may send from the command line. Two sources: what the server itself says of a command (`write`, `readonly`,
 * `admin`, `@dangerous`, ...), and the tables here, for what flags do not tell. What is in neither is refused.
 *
 * A viewer reads; an operator also changes data; an admin sends everything but what nobody may send from here.
 */
export type Verdict =
  | { readonly allowed: true; readonly confirm: boolean }
  /** In words for the person. */
  | { readonly allowed: false; readonly reason: string }

/** A command as it was sent, its words in their first case. */
export type Asked = {
  readonly facts: CommandFacts
  /** All words, with the name; bytes that are no text as Latin-1. */
  readonly words: readonly string[]
}

/** `role` undefined: nobody is logged in. */
export function verdictOf(role: Role | undefined, { facts, words }: Asked): Verdict {
  if (role === undefined) return no('log in first')
  const { name, flags, categories } = facts
  if (facts.isContainer && name !== 'command') return no(`${name.toUpperCase()} takes a subcommand`)
  const never = nobody.get(name)
  if (never !== undefined) return no(never)
  if (isWaiting(facts, words)) return no('it waits on the server: nothing here is held open for it')
  const fixed = name === 'config|set' ? fixedSetting(words) : undefined
  if (fixed !== undefined) return no(`CONFIG SET ${fixed} can turn the server against its machine: it is changed there, by hand`)
  if (role === 'admin') return { allowed: true, confirm: destructive.has(name) }
  if (harmless.has(name)) return { allowed: true, confirm: false }
  const dangerous = flags.has('admin') || categories.has('@admin') || categories.has('@dangerous')
  const scripting = categories.has('@scripting')
  if (role === 'operator') {
    if (operatorLooks.has(name)) return { allowed: true, confirm: false }
    if (scripting) return no('scripts and functions run code in the server: it takes an admin')
    if (dangerous) return no(operatorHint.get(name) ?? 'the server counts it among what is dangerous: it takes an admin')
    const works = flags.has('readonly') || flags.has('write') || categories.has('@pubsub')
    return works ? { allowed: true, confirm: false } : no('it takes an admin')
  }
  // PFCOUNT writes down what it has counted, and does not say so.
  const changes = flags.has('write') || name === 'pfcount'
  if (flags.has('readonly') && !changes && !dangerous && !scripting) return { allowed: true, confirm: false }
  return no(changes ? 'it changes data: it takes an operator' : 'it takes an operator or an admin')
}

function no(reason: string): Verdict {
  return { allowed: false, reason }
}

const state = 'each line has a connection of its own, so there is nothing that it could change for the next one'
const waits = 'it keeps its connection for what the server sends later'
const outside = 'it would make the server reach beyond this cluster, or take commands from elsewhere'
const ends = 'it would end the server, or hold it up for everybody'
const code = 'it loads code into the server, or looks into its memory'
const accounts = 'users of the server are changed where the server is managed'

/** For no role, whatever the server says of them. */
const nobody: ReadonlyMap<string, string> = new Map([
  ...all(waits, 'subscribe', 'psubscribe', 'ssubscribe', 'unsubscribe', 'punsubscribe', 'sunsubscribe', 'monitor', 'client|tracking'),
  ...all(outside, 'sync', 'psync', 'replconf', 'cluster|syncslots', 'replicaof', 'slaveof', 'migrate', 'restore-asking', 'failover'),
  ...all(state, 'multi', 'exec', 'discard', 'watch', 'unwatch', 'auth', 'hello', 'quit', 'reset', 'asking', 'readonly', 'readwrite'),
  ...all(state, 'client|reply', 'client|caching', 'client|capa', 'client|import-source', 'client|no-evict', 'client|no-touch'),
  ...all(state, 'client|setname', 'client|setinfo', 'script|debug'),
  ...all('the database is chosen beside the line', 'select'),
  ...all(ends, 'shutdown', 'save', 'debug', 'pfdebug', 'pfselftest'),
  ...all(code, 'module|load', 'module|loadex', 'module|unload'),
  ...all(accounts, 'acl|setuser', 'acl|deluser', 'acl|load', 'acl|save')
])

function all(reason: string, ...names: string[]): (readonly [string, string])[] {
  return names.map((name) => [name, reason] as const)
}

/** What has no `readonly` flag and still changes nothing and tells nothing but what everybody sees here. */
const harmless: ReadonlySet<string> = new Set([
  ...['ping', 'echo', 'time', 'acl|cat', 'acl|whoami', 'memory|doctor', 'memory|stats'],
  ...['command', 'command|count', 'command|docs', 'command|getkeys', 'command|getkeysandflags', 'command|info', 'command|list'],
  ...['client|getname', 'client|getredir', 'client|id', 'client|info', 'client|trackinginfo'],
  ...['cluster|countkeysinslot', 'cluster|getkeysinslot', 'cluster|info', 'cluster|keyslot', 'cluster|links', 'cluster|myid'],
  ...['cluster|myshardid', 'cluster|nodes', 'cluster|shards', 'cluster|slot-stats', 'cluster|slots'],
  ...[
    'acl',
    'client',
    'cluster',
    'command',
    'commandlog',
    'config',
    'latency',
    'memory',
    'module',
    'object',
    'pubsub',
    'slowlog',
    'xgroup',
    'xinfo'
  ].map((container) => `${container}|help`)
])

/** What the server counts as dangerous because it shows how it is used; an operator sees the same in other rooms. */
const operatorLooks: ReadonlySet<string> = new Set([
  ...['info', 'role', 'lastsave', 'client|list', 'memory|malloc-stats', 'acl|genpass'],
  ...['latency|doctor', 'latency|graph', 'latency|histogram', 'latency|history', 'latency|latest'],
  ...['slowlog|get', 'slowlog|len', 'commandlog|get', 'commandlog|len'],
  ...['cluster|getslotmigrations', 'cluster|replicas', 'cluster|slaves', 'cluster|count-failure-reports']
])

const operatorHint: ReadonlyMap<string, string> = new Map([
  ['keys', 'it walks all keys at once and holds the server up: scan in the key browser, or with SCAN'],
  ['sort', 'it can take long and reach other keys: it takes an admin'],
  ['sort_ro', 'it can take long and reach other keys: it takes an admin'],
  ['restore', 'a key is imported in the key browser, which looks whether it is there']
])

/** Two steps: a nonce, and the name of the cluster typed. A script may hold any of them. */
const destructive: ReadonlySet<string> = new Set([
  ...['eval', 'evalsha', 'fcall'],
  ...['flushall', 'flushdb', 'swapdb', 'function|flush', 'function|restore', 'script|flush'],
  ...['cluster|flushslot', 'cluster|flushslots', 'cluster|reset', 'cluster|forget', 'cluster|failover', 'cluster|setslot'],
  ...['cluster|delslots', 'cluster|delslotsrange', 'cluster|replicate', 'cluster|bumpepoch', 'cluster|set-config-epoch']
])

/** True for what answers only when something happens elsewhere. WAIT and WAITAOF may wait for a second. */
function isWaiting({ name, flags, categories }: CommandFacts, words: readonly string[]): boolean {
  if (name === 'wait' || name === 'waitaof') {
    const timeoutMs = Number(words.at(-1))
    return !(timeoutMs >= 1 && timeoutMs <= 1_000)
  }
  if (name === 'xread' || name === 'xreadgroup') {
    // Behind STREAMS stand keys, which may have any name.
    const upper = words.map((word) => word.toUpperCase())
    return upper.slice(0, upper.indexOf('STREAMS') + 1 || undefined).includes('BLOCK')
  }
  return flags.has('blocking') || categories.has('@blocking')
}

/** The first setting of CONFIG SET that is not changed from here. */
function fixedSetting(words: readonly string[]): string | undefined {
  for (let at = 2; at < words.length; at += 2) {
    const setting = (words[at] ?? '').toLowerCase()
    if (fixedSettings.has(setting) || setting.startsWith('enable-') || /-file$|^tls-ca-cert-dir$/.test(setting)) return setting
  }
  return undefined
}

/** Where the server writes and reads, whom it listens to and what it runs. */
const fixedSettings: ReadonlySet<string> = new Set([
  ...['dir', 'dbfilename', 'appendfilename', 'appenddirname', 'aclfile', 'logfile', 'pidfile', 'include', 'loadmodule'],
  ...['bind', 'bind-source-addr', 'port', 'tls-port', 'unixsocket', 'protected-mode', 'cluster-config-file', 'rdma-bind', 'rdma-port']
])
