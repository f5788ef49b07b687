import {
  type Caller,
  type CallOptions,
  type Command,
  type DedicatedConnection,
  ErrorReply,
  type NodeAddress,
  type Reply,
  UnreachableError
} from '@slotscope/observer'

/** Commands that change nothing in a server, and of containers the subcommands that change nothing. What is not here is not sent. */
const reads: Readonly<Record<string, true | readonly string[]>> = {
  ...Object.fromEntries(
    [
      ...['PING', 'ECHO', 'SELECT', 'READONLY', 'INFO', 'TIME', 'ROLE', 'DBSIZE', 'LASTSAVE', 'LOLWUT'],
      ...['TYPE', 'EXISTS', 'TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME', 'SCAN', 'CLUSTERSCAN', 'RANDOMKEY', 'TOUCH', 'DUMP'],
      ...['GET', 'MGET', 'GETRANGE', 'SUBSTR', 'STRLEN', 'GETBIT', 'BITCOUNT', 'BITPOS', 'BITFIELD_RO', 'LCS'],
      ...['HLEN', 'HGET', 'HMGET', 'HGETALL', 'HKEYS', 'HVALS', 'HEXISTS', 'HSTRLEN', 'HRANDFIELD', 'HSCAN'],
      ...['HTTL', 'HPTTL', 'HEXPIRETIME', 'HPEXPIRETIME', 'LLEN', 'LRANGE', 'LINDEX', 'LPOS'],
      ...['SCARD', 'SSCAN', 'SMEMBERS', 'SISMEMBER', 'SMISMEMBER', 'SRANDMEMBER', 'SINTER', 'SINTERCARD', 'SUNION', 'SDIFF'],
      ...['ZCARD', 'ZSCAN', 'ZRANGE', 'ZRANGEBYLEX', 'ZRANGEBYSCORE', 'ZREVRANGE', 'ZREVRANGEBYLEX', 'ZREVRANGEBYSCORE'],
      ...['ZRANK', 'ZREVRANK', 'ZSCORE', 'ZMSCORE', 'ZCOUNT', 'ZLEXCOUNT', 'ZRANDMEMBER', 'ZINTER', 'ZINTERCARD', 'ZUNION', 'ZDIFF'],
      ...['GEODIST', 'GEOHASH', 'GEOPOS', 'GEOSEARCH', 'GEORADIUS_RO', 'GEORADIUSBYMEMBER_RO'],
      ...['XLEN', 'XRANGE', 'XREVRANGE', 'XREAD', 'XPENDING']
    ].map((name) => [name, true])
  ),
  OBJECT: ['ENCODING', 'FREQ', 'IDLETIME', 'REFCOUNT', 'HELP'],
  MEMORY: ['USAGE', 'STATS', 'DOCTOR', 'HELP'],
  XINFO: ['STREAM', 'GROUPS', 'CONSUMERS', 'HELP'],
  XGROUP: ['HELP'],
  CONFIG: ['GET', 'HELP'],
  CLIENT: ['LIST', 'INFO', 'ID', 'GETNAME', 'GETREDIR', 'TRACKINGINFO', 'NO-TOUCH', 'NO-EVICT', 'HELP'],
  COMMAND: ['COUNT', 'DOCS', 'INFO', 'LIST', 'GETKEYS', 'GETKEYSANDFLAGS', 'HELP'],
  LATENCY: ['HISTOGRAM', 'HISTORY', 'LATEST', 'HELP'],
  SLOWLOG: ['GET', 'LEN', 'HELP'],
  COMMANDLOG: ['GET', 'LEN', 'HELP'],
  PUBSUB: ['CHANNELS', 'SHARDCHANNELS', 'NUMSUB', 'SHARDNUMSUB', 'NUMPAT', 'HELP'],
  MODULE: ['HELP'],
  ACL: ['WHOAMI', 'DRYRUN', 'LIST', 'GETUSER', 'CAT', 'USERS', 'HELP'],
  CLUSTER: [
    'INFO',
    'NODES',
    'SHARDS',
    'SLOTS',
    'MYID',
    'MYSHARDID',
    'LINKS',
    'KEYSLOT',
    'COUNTKEYSINSLOT',
    'GETKEYSINSLOT',
    'SLOT-STATS',
    'GETSLOTMIGRATIONS',
    'REPLICAS',
    'COUNT-FAILURE-REPORTS',
    'HELP'
  ]
}

/** To listen changes nothing; on a connection that others use it would, so these are for `listen` alone. */
const subscriptions: ReadonlySet<string> = new Set(['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE'])

/** True for a command that an api which only reads may send. */
export function isRead(command: Command): boolean {
  const name = wordOf(command[0])
  const rule = Object.hasOwn(reads, name) ? reads[name] : undefined
  return rule === true || (rule?.includes(wordOf(command[1])) ?? false)
}

/**
 * The one rule of `--read-only`, and of clusters that are read-only by their profile: a call that holds anything but reads does not reach a socket, none of it, and is answered with an error
 * for each command. Whatever asks, a route, a queue that was there before or code yet to come, it asks through here.
 */
export class ReadOnlyCaller implements Caller {
  readonly #caller: Caller
  readonly #why: string

  /** `why` begins the answer to what is not sent. */
  constructor(caller: Caller, why: string) {
    this.#caller = caller
    this.#why = why
  }

  async pipeline(node: NodeAddress, commands: readonly Command[], options: CallOptions): Promise<readonly Reply[]> {
    return this.#refusalOf(commands) ?? this.#caller.pipeline(node, commands, options)
  }

  dedicated(node: NodeAddress, cause: string): DedicatedConnection {
    const connection = this.#caller.dedicated?.(node, cause)
    return {
      pipeline: async (commands) => {
        const refused = this.#refusalOf(commands)
        if (refused !== undefined) return refused
        if (connection === undefined) throw new UnreachableError('there is no connection for edits here')
        return connection.pipeline(commands)
      },
      typed: async (command, limits) => {
        const refused = this.#refusalOf([command])?.[0]
        if (refused !== undefined) return { type: 'error', message: refused.message }
        if (connection === undefined) throw new UnreachableError('there is no connection for commands here')
        return connection.typed(command, limits)
      },
      listen: async (command, to, mostBytes) => {
        if (connection === undefined || !subscriptions.has(wordOf(command[0])))
          throw new UnreachableError('there is no connection for this here')
        return connection.listen(command, to, mostBytes)
      },
      close: () => connection?.close()
    }
  }

  /** An error for each command, when one of them is more than a read. */
  #refusalOf(commands: readonly Command[]): readonly ErrorReply[] | undefined {
    const refused = commands.find((command) => !isRead(command))
    if (refused === undefined) return undefined
    const words = `READONLY ${this.#why}: ${wordOf(refused[0])} ${wordOf(refused[1])}`.trimEnd()
    return commands.map(() => new ErrorReply(`${words} was not sent`))
  }
}

/** A word of a command; bytes and anything long are no word of ours. */
function wordOf(argument: string | Uint8Array | undefined): string {
  return typeof argument === 'string' && /^[A-Za-z_-]{1,32}$/.test(argument) ? argument.toUpperCase() : ''
}
