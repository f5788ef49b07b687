// A cluster of thousands of nodes that is only a RESP server: it has a topology, figures and migration jobs, answers what an observer
// asks, changes all the time when it is told to, and counts the commands that every node gets.
//
// Each node listens on a port of its own at 127.0.0.1. One listener for all of them would need the whole of 127.0.0.0/8, which only
// Linux has as loopback, or to listen on every interface of the machine. 2,000 nodes are 4,000 sockets with an observer's connections.
import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { array, bulk, integer, map, takeCommands } from './resp.js'

const SLOTS = 16_384
const CHANGE_MS = 50
/** A job takes so long. */
const JOB_MS = 1_500
/** Real nodes keep 500 finished jobs; here a few are enough to be folded again and again. */
const JOBS_KEPT = 10

/** @typedef {{ name: string, slot: number, source: FakeNode, target: FakeNode, atMs: number, state: 'snapshotting' | 'replicating' | 'success' }} FakeJob */
/** @typedef {{ slot: number, owner: string, changedAtMs: number, shownAtMs: number | null }} Move what one changed owner became */
/** @typedef {{ id: string, shard: string, primary: FakeNode | null, port: number, epoch: number, slots: Set<number>, jobs: FakeJob[], commands: Map<string, number>, line: string }} FakeNode */

export class FakeCluster {
  /** @type {FakeNode[]} */
  nodes = []
  /** @type {Move[]} */
  moves = []
  /** @type {import('node:net').Server[]} */
  #servers = []
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set()
  /** @type {FakeJob[]} */
  #running = []
  /** @type {NodeJS.Timeout | undefined} */
  #timer
  #epoch = 0
  #changes = 0
  /** Figures stand still until the cluster is told to change. */
  #activeMs = 0
  /** @type {string | undefined} */
  #shards

  /** @param {number} count of nodes: half of them primaries with one replica each */
  constructor(count) {
    const primaries = Math.max(1, Math.floor(count / 2))
    for (let order = 0; order < primaries * 2; order++) {
      const primary = order < primaries ? null : /** @type {FakeNode} */ (this.nodes[order - primaries])
      const slots = new Set()
      if (!primary)
        for (let slot = Math.round((order * SLOTS) / primaries); slot < Math.round(((order + 1) * SLOTS) / primaries); slot++)
          slots.add(slot)
      const shard = primary?.shard ?? hex(`shard ${order}`)
      this.nodes.push({
        id: hex(`node ${order}`),
        shard,
        primary,
        port: 0,
        epoch: primary?.epoch ?? order + 1,
        slots,
        jobs: [],
        commands: new Map(),
        line: ''
      })
    }
    this.#epoch = primaries
  }

  get primaries() {
    return this.nodes.filter((node) => node.primary === null)
  }

  /** Opens every node's port. */
  async listen() {
    for (const node of this.nodes) {
      const server = createServer({ noDelay: true }, (socket) => this.#serve(node, socket))
      await new Promise((resolve, reject) => {
        server.on('error', reject)
        server.listen(0, '127.0.0.1', () => resolve(undefined))
      })
      node.port = /** @type {import('node:net').AddressInfo} */ (server.address()).port
      this.#servers.push(server)
    }
    for (const node of this.nodes) node.line = lineOf(node)
  }

  close() {
    this.setChanging(false)
    for (const server of this.#servers) server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  /** @param {boolean} on whether owners, figures and jobs change from now on, all the time */
  setChanging(on) {
    clearInterval(this.#timer)
    if (on) this.#timer = setInterval(() => this.#change(), CHANGE_MS)
  }

  /** Commands by name since the last call, summed over all nodes, and the most that a single node got. */
  takeCounts() {
    /** @type {Record<string, number>} */
    const byName = {}
    let total = 0
    let most = 0
    for (const node of this.nodes) {
      let own = 0
      for (const [name, count] of node.commands) {
        byName[name] = (byName[name] ?? 0) + count
        own += count
      }
      total += own
      most = Math.max(most, own)
      node.commands.clear()
    }
    return { total, most, byName }
  }

  #change() {
    const nowMs = Date.now()
    this.#activeMs += CHANGE_MS
    for (const job of this.#running) {
      if (job.state === 'snapshotting' && nowMs - job.atMs > JOB_MS / 2) job.state = 'replicating'
      if (nowMs - job.atMs < JOB_MS) continue
      job.state = 'success'
      job.source.slots.delete(job.slot)
      job.target.slots.add(job.slot)
      job.target.epoch = ++this.#epoch
      job.source.line = lineOf(job.source)
      job.target.line = lineOf(job.target)
      this.#shards = undefined
      this.moves.push({ slot: job.slot, owner: job.target.id, changedAtMs: nowMs, shownAtMs: null })
    }
    this.#running = this.#running.filter((job) => job.state !== 'success')
    // Five moves a second, each slot once only, so that every change of owner can be told from the others.
    if (++this.#changes % 4 === 0 && this.#changes / 4 < SLOTS) this.#startJob(((this.#changes / 4) * 37) % SLOTS, nowMs)
  }

  /** @param {number} slot @param {number} nowMs */
  #startJob(slot, nowMs) {
    const { primaries } = this
    const source = primaries.find((node) => node.slots.has(slot))
    const target = primaries[(slot * 7 + 1) % primaries.length]
    if (!source || !target || source === target) return
    const job = /** @type {FakeJob} */ ({ name: hex(`job ${slot}`), slot, source, target, atMs: nowMs, state: 'snapshotting' })
    this.#running.push(job)
    for (const node of [source, target]) node.jobs = [job, ...node.jobs].slice(0, JOBS_KEPT)
  }

  /** @param {FakeNode} node @param {import('node:net').Socket} socket */
  #serve(node, socket) {
    this.#sockets.add(socket)
    let rest = ''
    socket.on('data', (chunk) => {
      const taken = takeCommands(rest + chunk.toString('latin1'))
      rest = taken.rest
      if (taken.commands.length > 0) socket.write(taken.commands.map((command) => this.#reply(node, command)).join(''))
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
  }

  /** @param {FakeNode} node @param {string[]} command */
  #reply(node, command) {
    const [first = '', second = ''] = command.map((word) => word.toUpperCase())
    const name = ['CLUSTER', 'CONFIG', 'CLIENT', 'LATENCY'].includes(first) ? `${first} ${second}` : first
    // The greeting of a connection is no question.
    if (name !== 'HELLO' && !name.startsWith('CLIENT ')) node.commands.set(name, (node.commands.get(name) ?? 0) + 1)
    switch (name) {
      case 'HELLO':
        return map([
          ['server', bulk('valkey')],
          ['version', bulk('9.1.2')],
          ['proto', integer(3)],
          ['mode', bulk('cluster')],
          ['role', bulk('master')],
          ['modules', array([])]
        ])
      case 'CLIENT SETNAME':
      case 'CLIENT SETINFO':
      case 'CLIENT NO-TOUCH':
      case 'SELECT':
        return '+OK\r\n'
      case 'PING':
        return '+PONG\r\n'
      case 'CLUSTER NODES':
        return this.#nodesReply(node)
      case 'CLUSTER INFO':
        return bulk(`cluster_state:ok\r\ncluster_known_nodes:${this.nodes.length}\r\ncluster_current_epoch:${this.#epoch}\r\n`)
      case 'CLUSTER SHARDS':
        this.#shards ??= this.#shardsReply()
        return this.#shards
      case 'CLUSTER MYID':
        return bulk(node.id)
      case 'CLUSTER MYSHARDID':
        return bulk(node.shard)
      case 'CONFIG GET':
        return map([
          ['cluster-databases', bulk('16')],
          ['cluster-announce-human-nodename', bulk('')],
          ['cluster-slot-stats-enabled', bulk('yes')]
        ])
      case 'INFO':
        return bulk(second === 'COMMANDSTATS' ? commandStats() : this.#info(node))
      case 'CLUSTER GETSLOTMIGRATIONS':
        return array(node.jobs.map((job) => jobReply(job, node)))
      case 'CLUSTER COUNTKEYSINSLOT':
        return integer(7)
      case 'CLUSTER SLOT-STATS':
        return this.#slotStats(node)
      case 'LATENCY HISTOGRAM':
        return map([
          [
            'get',
            map([
              ['calls', integer(1000 + this.#activeMs)],
              [
                'histogram_usec',
                map([
                  ['8', integer(990)],
                  ['16', integer(1000)]
                ])
              ]
            ])
          ]
        ])
      default:
        return `-ERR unknown command '${name}'\r\n`
    }
  }

  /** @param {FakeNode} viewer */
  #nodesReply(viewer) {
    const nowMs = Date.now()
    // From here on the new owner can be known.
    for (let i = this.moves.length - 1; i >= 0; i--) {
      const move = /** @type {Move} */ (this.moves[i])
      if (move.shownAtMs !== null) break
      move.shownAtMs = nowMs
    }
    const lines = this.nodes.map((node) =>
      node === viewer ? node.line.replace(' master', ' myself,master').replace(' slave', ' myself,slave') : node.line
    )
    return bulk(`${lines.join('\n')}\n`)
  }

  #shardsReply() {
    return array(
      this.primaries.map((primary, order) => {
        const replica = /** @type {FakeNode} */ (this.nodes[order + this.nodes.length / 2])
        return map([
          ['slots', array(rangesOf(primary.slots).flat().map(integer))],
          ['nodes', array([shardNode(primary, 'master'), shardNode(replica, 'replica')])],
          ['id', bulk(primary.shard)]
        ])
      })
    )
  }

  /** @param {FakeNode} node */
  #info(node) {
    const seconds = this.#activeMs / 1000
    const memory = 50_000_000 + Math.round(seconds * 100_000)
    const operations = this.#activeMs === 0 ? 0 : 900 + (Number.parseInt(node.id.slice(0, 4), 16) % 200)
    const lines = [
      '# Server',
      'valkey_version:9.1.2',
      `run_id:${node.id}`,
      'tcp_port:6379',
      'uptime_in_seconds:1000',
      '# Clients',
      'connected_clients:10',
      'blocked_clients:0',
      'paused_reason:none',
      '# Memory',
      `used_memory:${memory}`,
      'maxmemory:1000000000',
      'mem_fragmentation_ratio:1.01',
      '# Persistence',
      'loading:0',
      'rdb_bgsave_in_progress:0',
      '# Stats',
      `total_commands_processed:${10_000 + Math.round(seconds * operations)}`,
      `instantaneous_ops_per_sec:${operations}`,
      'expired_keys:3',
      'expired_fields:2',
      '# Replication',
      `role:${node.primary ? 'slave' : 'master'}`,
      `master_repl_offset:${1_000_000 + Math.round(seconds * 5_000)}`,
      '# Errorstats',
      'errorstat_MOVED:count=12',
      '# Keyspace',
      `db0:keys=${5_000 + Math.round(seconds * 3)},expires=100,avg_ttl=5000,keys_with_volatile_items=7`
    ]
    // A real one has some 200 lines.
    for (let i = 0; i < 170; i++) lines.push(`another_figure_of_this_node_${i}:${i}`)
    return `${lines.join('\r\n')}\r\n`
  }

  /** @param {FakeNode} node */
  #slotStats(node) {
    const slots = [...(node.primary ?? node).slots].sort((a, b) => a - b)
    const figure = Math.round(this.#activeMs / 10)
    return array(
      slots.map((slot) =>
        array([
          integer(slot),
          map([
            ['key-count', integer(40 + (slot % 7) + Math.round(figure / 100))],
            ['cpu-usec', integer(slot + figure * 3)],
            ['network-bytes-in', integer(slot + figure * 5)],
            ['network-bytes-out', integer(slot + figure * 9)]
          ])
        ])
      )
    )
  }
}

/** @param {string} text */
function hex(text) {
  return createHash('sha1').update(text).digest('hex')
}

/** @param {FakeNode} node */
function lineOf(node) {
  const words = rangesOf(node.slots).map(([first, last]) => (first === last ? String(first) : `${first}-${last}`))
  const role = node.primary ? `slave ${node.primary.id}` : 'master -'
  return [`${node.id} 127.0.0.1:${node.port}@${node.port} ${role} 0 1795445623751 ${node.epoch} connected`, ...words].join(' ')
}

/** @param {ReadonlySet<number>} slots @returns {[number, number][]} */
function rangesOf(slots) {
  /** @type {[number, number][]} */
  const ranges = []
  for (const slot of [...slots].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last && last[1] === slot - 1) last[1] = slot
    else ranges.push([slot, slot])
  }
  return ranges
}

/** @param {FakeNode} node @param {string} role */
function shardNode(node, role) {
  return map([
    ['id', bulk(node.id)],
    ['port', integer(node.port)],
    ['ip', bulk('127.0.0.1')],
    ['endpoint', bulk('127.0.0.1')],
    ['role', bulk(role)],
    ['replication-offset', integer(1_000_000)],
    ['health', bulk('online')]
  ])
}

/** @param {FakeJob} job @param {FakeNode} node */
function jobReply(job, node) {
  const seconds = Math.floor(job.atMs / 1000)
  const imports = node === job.target
  const importState = job.state === 'success' ? 'success' : job.state === 'snapshotting' ? 'receiving-snapshot' : 'waiting-for-paused'
  return map([
    ['name', bulk(job.name)],
    ['operation', bulk(imports ? 'IMPORT' : 'EXPORT')],
    ['slot_ranges', bulk(`${job.slot}-${job.slot}`)],
    ['target_node', bulk(job.target.id)],
    ['source_node', bulk(job.source.id)],
    ['create_time', integer(seconds)],
    ['last_update_time', integer(seconds)],
    ['last_ack_time', integer(seconds)],
    ['state', bulk(imports ? importState : job.state)],
    ['message', bulk('')],
    ['cow_size', integer(0)],
    ['remaining_repl_size', integer(0)]
  ])
}

function commandStats() {
  return [
    '# Commandstats',
    'cmdstat_info:calls=9,usec=900,usec_per_call=100.00',
    'cmdstat_cluster|nodes:calls=3,usec=900,usec_per_call=300.00',
    'cmdstat_cluster|getslotmigrations:calls=9,usec=63,usec_per_call=7.00',
    ''
  ].join('\r\n')
}
