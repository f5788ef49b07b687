import { decodeUtf8 } from '../src/bytes.ts'
import { type Caller, type CallOptions, type Command, ErrorReply, type NodeAddress, type Reply, UnreachableError } from '../src/caller.ts'
import type { JobWireState, SlotRange } from '../src/stream/core-state.ts'

/** One hash of the fake keyspace: fields with values and deadlines, and how many hidden ones HLEN still counts. */
export type FakeHash = { fields: Map<string, { value: string; deadlineMs: number }>; hidden: number }

export type FakeJob = {
  name: string
  operation: 'EXPORT' | 'IMPORT'
  slots: string
  source: string
  target: string
  state: JobWireState
  message?: string
  createdAtSeconds?: number
}

/** One node: what it is, and what it says when it is asked. */
export class FakeNode {
  readonly id: string
  readonly host = '10.0.0.1'
  readonly port: number
  /** Announced; with `preferHostname` clients are to connect to it. */
  hostname: string | null = null
  role: 'master' | 'slave' = 'master'
  primary: string | null = null
  epoch = 1
  slots: SlotRange[] = []
  shard: string
  flags: string[] = []
  jobs: FakeJob[] = []
  /** Keys by database, then by slot; of slots that are being imported too. */
  keys = new Map<number, Map<number, number>>()
  hashes = new Map<string, FakeHash>()
  stats = { total_commands_processed: 1000, expired_fields: 0, expired_keys: 0, instantaneous_ops_per_sec: 7 }
  errors = new Map<string, number>()
  info: Record<string, string> = {}
  config: Record<string, string> = { 'cluster-databases': '4', 'cluster-slot-stats-enabled': 'no' }
  version = '9.1.2'
  state = 'ok'
  /** `refused`: no connection. `silent`: never a reply. */
  down: 'refused' | 'silent' | null = null
  /** Pipelines that were sent to it, also those that nobody took. */
  attempts = 0
  /** Answers this in place of the live CLUSTER NODES: a viewer that lags. */
  staleView: string | null = null
  /** Slots half way in a legacy move, as its own line lists them: `[5->-<id>]`. */
  open: string[] = []
  /** `server_time_usec`; undefined: it does not say. */
  clock: (() => string) | undefined
  /** What the user may not select, and not read. */
  readonly deniedDatabases = new Set<number>()
  readonly deniedKeys = new Set<string>()
  /** Replies that replace the real ones, by command (`CLUSTER NODES`, `INFO`, ...). */
  readonly replies = new Map<string, Reply>()

  constructor(order: number) {
    this.id = order.toString(16).padStart(4, '0').repeat(10)
    this.port = 7000 + order
    this.shard = `${order.toString(16).padStart(4, '0')}${'f'.repeat(36)}`
  }

  get address(): NodeAddress {
    return { host: this.host, port: this.port }
  }
}

/** A cluster in memory that answers like Valkey 9.1 (or 9.0), in RESP2 or RESP3 shapes, at once and in order. */
export class FakeCluster implements Caller {
  readonly nodes: FakeNode[] = []
  readonly sent: { readonly node: FakeNode; readonly command: readonly string[]; readonly cause: string }[] = []
  /** 9.0 has no shard id in CLUSTER SHARDS. */
  shardIds = true
  maps: 'flat' | 'map' = 'map'
  /** `cluster-preferred-endpoint-type hostname`. */
  preferHostname = false
  /** Addresses that were called, as they were given. */
  readonly called: NodeAddress[] = []
  /** Ids that CLUSTER SHARDS calls loading. */
  readonly loading = new Set<string>()

  /** Primaries with even shares of the slots, epochs 1, 2, ..; then replicas of each in turn. */
  static of(primaries: number, replicas = 0): FakeCluster {
    const cluster = new FakeCluster()
    const share = 16_384 / primaries
    for (let i = 0; i < primaries * (1 + replicas); i++) {
      const node = new FakeNode(i + 1)
      if (i < primaries) {
        node.epoch = i + 1
        node.slots = [[Math.round(i * share), Math.round((i + 1) * share) - 1]]
      } else {
        const primary = cluster.nodes[i % primaries] as FakeNode
        node.role = 'slave'
        node.primary = primary.id
        node.epoch = primary.epoch
        node.shard = primary.shard
      }
      cluster.nodes.push(node)
    }
    return cluster
  }

  node(order: number): FakeNode {
    return this.nodes[order - 1] as FakeNode
  }

  /** Commands of a kind that a node was sent, all nodes when none is named. */
  count(words: string, node?: FakeNode): number {
    return this.sent.filter((entry) => (!node || entry.node === node) && entry.command.join(' ').startsWith(words)).length
  }

  pipeline(address: NodeAddress, commands: readonly Command[], options: CallOptions): Promise<readonly Reply[]> {
    this.called.push(address)
    const node = this.nodes.find((entry) => [entry.host, entry.hostname].includes(address.host) && entry.port === address.port)
    if (node) node.attempts++
    if (!node || node.down === 'refused')
      return Promise.reject(new UnreachableError('connection refused', { cause: new Error('ECONNREFUSED') }))
    const texts = commands.map((command) => command.map((word) => (typeof word === 'string' ? word : decodeUtf8(word))))
    for (const command of texts) this.sent.push({ node, command, cause: options.cause })
    if (node.down === 'silent') return new Promise(() => undefined)
    let database = 0
    return Promise.resolve(
      texts.map((command) => {
        if (command[0] === 'SELECT' && !node.deniedDatabases.has(Number(command[1]))) database = Number(command[1])
        return this.#reply(node, command, database)
      })
    )
  }

  /** CLUSTER NODES as the node sees it now. */
  view(viewer: FakeNode): string {
    return this.nodes
      .map((node) => {
        const flags = [...(node === viewer ? ['myself'] : []), node.role, ...node.flags].join(',')
        const slots = node.slots.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(' ')
        const open = node === viewer ? node.open.map((entry) => ` ${entry}`).join('') : ''
        const link = node.flags.includes('fail') ? 'disconnected' : 'connected'
        return `${node.id} ${node.host}:${node.port}@${node.port + 10_000}${node.hostname === null ? '' : `,${node.hostname}`} ${flags} ${node.primary ?? '-'} 0 0 ${node.epoch} ${link}${slots === '' ? '' : ` ${slots}`}${open}`
      })
      .join('\n')
  }

  #map(entries: readonly (readonly [string, Reply])[]): Reply {
    return this.maps === 'map' ? new Map(entries) : entries.flat()
  }

  #reply(node: FakeNode, command: readonly string[], database: number): Reply {
    const name =
      command[0] === 'CLUSTER' || command[0] === 'CONFIG' || command[0] === 'LATENCY' || command[0] === 'ACL'
        ? `${command[0]} ${command[1]}`
        : (command[0] as string)
    const forced = node.replies.get(name)
    if (forced !== undefined) return forced
    switch (name) {
      case 'SELECT':
        return node.deniedDatabases.has(Number(command[1])) ? new ErrorReply('NOPERM No permissions to access database') : 'OK'
      case 'CLUSTER NODES':
        return node.staleView ?? this.view(node)
      case 'CLUSTER INFO':
        return `cluster_state:${node.state}\r\ncluster_current_epoch:${Math.max(...this.nodes.map((other) => other.epoch))}\r\n`
      case 'CLUSTER SHARDS':
        return this.#shards()
      case 'CLUSTER MYID':
        return node.id
      case 'CLUSTER MYSHARDID':
        return node.shard
      case 'CONFIG GET':
        return this.#map(command.slice(2).flatMap((key) => (node.config[key] === undefined ? [] : [[key, node.config[key]] as const])))
      case 'INFO':
        return this.#info(node)
      case 'CLUSTER GETSLOTMIGRATIONS':
        return node.jobs.map((job) => this.#job(job))
      case 'CLUSTER SLOT-STATS':
        return this.#slotStats(node, Number(command[3]), Number(command[4]))
      case 'LATENCY HISTOGRAM':
        return []
      case 'CLUSTER COUNTKEYSINSLOT':
        return node.keys.get(database)?.get(Number(command[2])) ?? 0
      default:
        return this.#hashReply(node, command, database)
    }
  }

  #shards(): Reply {
    const keys = [...new Set(this.nodes.map((node) => node.shard))]
    return keys.map((key) => {
      const members = this.nodes.filter((node) => node.shard === key)
      const nodes = members.map((node) =>
        this.#map([
          ['id', node.id],
          ['port', node.port],
          ['ip', node.host],
          ['endpoint', (this.preferHostname ? node.hostname : null) ?? node.host],
          ['role', node.role === 'master' ? 'master' : 'replica'],
          ['replication-offset', 100],
          ['health', node.flags.includes('fail') ? 'fail' : this.loading.has(node.id) ? 'loading' : 'online']
        ])
      )
      const entries: [string, Reply][] = [
        ['slots', members.flatMap((node) => node.slots.flat())],
        ['nodes', nodes]
      ]
      if (this.shardIds) entries.push(['id', key])
      return this.#map(entries)
    })
  }

  #job(job: FakeJob): Reply {
    const created = job.createdAtSeconds ?? 1
    return this.#map([
      ['name', job.name],
      ['operation', job.operation],
      ['slot_ranges', job.slots],
      ['target_node', job.target],
      ['source_node', job.source],
      ['create_time', created],
      ['last_update_time', created],
      ['last_ack_time', created],
      ['state', job.state],
      ['message', job.message ?? ''],
      ['cow_size', 0],
      ['remaining_repl_size', 0]
    ])
  }

  #info(node: FakeNode): string {
    const lines = [`valkey_version:${node.version}`, `run_id:${node.id}`, 'used_memory:1000000', 'maxmemory:0', 'master_repl_offset:100']
    for (const [name, value] of Object.entries(node.stats)) lines.push(`${name}:${value}`)
    for (const [code, count] of node.errors) lines.push(`errorstat_${code}:count=${count}`)
    for (const [number, slots] of node.keys) {
      const keys = [...slots]
        .filter(([slot]) => node.slots.some(([first, last]) => first <= slot && slot <= last))
        .reduce((sum, [, count]) => sum + count, 0)
      const volatile = [...node.hashes].filter(
        ([key, hash]) => key.startsWith(`${number} `) && [...hash.fields.values()].some((field) => field.deadlineMs > 0)
      ).length
      if (keys > 0) lines.push(`db${number}:keys=${keys},expires=0,avg_ttl=0,keys_with_volatile_items=${volatile}`)
    }
    if (node.clock) lines.push(`server_time_usec:${node.clock()}`)
    for (const [name, value] of Object.entries(node.info)) lines.push(`${name}:${value}`)
    return `# All\r\n${lines.join('\r\n')}\r\n`
  }

  #slotStats(node: FakeNode, first: number, last: number): Reply {
    const reply: Reply[] = []
    for (const [from, to] of node.slots) {
      for (let slot = Math.max(from, first); slot <= Math.min(to, last); slot++) {
        const keys = [...node.keys.values()].reduce((sum, slots) => sum + (slots.get(slot) ?? 0), 0)
        reply.push([slot, this.#map([['key-count', keys]])])
      }
    }
    return reply
  }

  /** Hashes are named `<database> <key>`. A page of SCAN is all there is; fields are listed until their deadline takes them out. */
  #hashReply(node: FakeNode, command: readonly string[], database: number): Reply {
    const [name, key = ''] = command
    const hash = node.hashes.get(`${database} ${key}`)
    if (name !== 'SCAN' && node.deniedKeys.has(key)) return new ErrorReply('NOPERM No permissions to access a key')
    switch (name) {
      case 'TYPE':
        return hash ? 'hash' : 'none'
      case 'HLEN':
        return hash ? hash.fields.size + hash.hidden : 0
      case 'PEXPIRETIME':
        return hash ? -1 : -2
      case 'HSCAN': {
        const values = !command.includes('NOVALUES')
        return ['0', [...(hash?.fields ?? [])].flatMap(([field, entry]) => (values ? [field, entry.value] : [field]))]
      }
      case 'HPEXPIRETIME':
        return command.slice(4).map((field) => hash?.fields.get(field)?.deadlineMs ?? -2)
      case 'SCAN':
        return [
          '0',
          [...node.hashes.keys()].filter((full) => full.startsWith(`${database} `)).map((full) => full.slice(full.indexOf(' ') + 1))
        ]
      default:
        return new ErrorReply(`ERR unknown command '${name}'`)
    }
  }
}
