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
import type { CommandReply } from '@slotscope/observer/stream'

export type Call = { readonly node: NodeAddress; readonly commands: readonly Command[]; readonly options: CallOptions }

/** Answers one command; undefined leaves it to the script below. `port` says which node is asked. */
export type Script = (command: readonly string[], port: number, raw: Command) => Reply | undefined

const shares = ['0-5460', '5461-10922', '10923-16383'] as const

/** Ids and ports of the three primaries of the script. */
export const scriptedNodes = shares.map((slots, index) => ({ id: String(index + 1).repeat(40), port: 7_001 + index, slots }))

/**
 * A cluster of three primaries that exists only in answers: enough for a feed to see it, and for the routes to be asked. It keeps
 * every call, so that a test can look at exactly what would have been sent.
 */
export class ScriptedCluster implements Caller {
  readonly calls: Call[] = []
  readonly #script: Script
  /** Ports that do not answer. */
  readonly down = new Set<number>()

  constructor(script: Script = () => undefined) {
    this.#script = script
  }

  async pipeline(node: NodeAddress, commands: readonly Command[], options: CallOptions): Promise<readonly Reply[]> {
    this.calls.push({ node, commands, options })
    if (this.down.has(node.port)) throw new UnreachableError(`connect ECONNREFUSED ${node.host}:${node.port}`)
    return commands.map((raw) => {
      const command = raw.map((arg) => (typeof arg === 'string' ? arg : Buffer.from(arg).toString('latin1')))
      return this.#script(command, node.port, raw) ?? answer(command, node.port)
    })
  }

  dedicated(node: NodeAddress, cause: string): DedicatedConnection {
    const pipeline = (commands: readonly Command[]) => this.pipeline(node, commands, { purpose: 'work', cause })
    return {
      pipeline,
      typed: async (command) => typedReply((await pipeline([command]))[0]),
      // What the script answers to a subscription, and nothing after it.
      listen: async (command, to) => to.heard(typedReply((await pipeline([command]))[0])),
      close: () => undefined
    }
  }

  /** Commands that people's work sent, as text with bytes in Latin-1. */
  get work(): string[][] {
    return this.calls
      .filter((call) => call.options.purpose === 'work')
      .flatMap((call) =>
        call.commands.map((command) => command.map((arg) => (typeof arg === 'string' ? arg : Buffer.from(arg).toString('latin1'))))
      )
  }
}

/** As far as a script needs types. */
function typedReply(reply: Reply | undefined): CommandReply {
  if (reply instanceof ErrorReply) return { type: 'error', message: reply.message }
  if (typeof reply === 'string') return { type: 'status', text: reply }
  if (typeof reply === 'number') return { type: 'integer', value: String(reply) }
  if (Array.isArray(reply)) return { type: 'array', items: reply.map(typedReply), size: reply.length }
  if (reply instanceof Uint8Array) return { type: 'bytes', bytes: Buffer.from(reply).toString('base64url'), size: reply.length }
  return { type: 'null' }
}

function answer(command: readonly string[], port: number): Reply {
  const [name = '', sub = ''] = command
  switch (`${name} ${name === 'CLUSTER' || name === 'CONFIG' ? sub : ''}`.trim()) {
    case 'PING':
      return 'PONG'
    case 'SELECT':
      return 'OK'
    case 'INFO':
      return 'valkey_version:9.1.2\r\nused_memory:1000\r\nmaxmemory:0\r\ninstantaneous_ops_per_sec:1\r\nrole:master\r\ndb0:keys=10,expires=0,avg_ttl=0,keys_with_volatile_items=0\r\n'
    case 'CLUSTER NODES':
      return clusterNodes(port)
    case 'CLUSTER INFO':
      return 'cluster_state:ok\r\ncluster_current_epoch:3\r\ncluster_known_nodes:3\r\n'
    case 'CLUSTER MYID':
      return idOf(port)
    case 'CLUSTER MYSHARDID':
      return shardOf(port)
    case 'CLUSTER SHARDS':
      return scriptedNodes.map((node) => {
        const [first, last] = node.slots.split('-').map(Number)
        const member = [
          'id',
          node.id,
          'port',
          node.port,
          'ip',
          '127.0.0.1',
          'endpoint',
          '127.0.0.1',
          'role',
          'master',
          'replication-offset',
          0,
          'health',
          'online'
        ]
        return ['slots', [first ?? 0, last ?? 0], 'nodes', [member], 'id', shardOf(node.port)]
      })
    case 'CLUSTER COUNTKEYSINSLOT':
      return 0
    case 'CLUSTER GETKEYSINSLOT':
    case 'CLUSTER SLOT-STATS':
    case 'CLUSTER GETSLOTMIGRATIONS':
      return []
    case 'CONFIG GET':
      return ['cluster-databases', '4', 'cluster-slot-stats-enabled', 'yes']
    default:
      return new ErrorReply(`ERR unknown command '${name}'`)
  }
}

/** Shard id of the node at this port: the same digit as its node id, from the other end. */
export function shardOf(port: number): string {
  return String(port - 6_991)
    .slice(-1)
    .repeat(40)
    .replace(/^./, 'f')
}

function idOf(port: number): string {
  return scriptedNodes.find((node) => node.port === port)?.id ?? ''
}

function clusterNodes(port: number): string {
  return scriptedNodes
    .map((node, index) => {
      const flags = node.port === port ? 'myself,master' : 'master'
      return `${node.id} 127.0.0.1:${node.port}@${node.port + 10_000} ${flags} - 0 0 ${index + 1} connected ${node.slots}\n`
    })
    .join('')
}
