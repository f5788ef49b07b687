import { type Caller, type Command, ErrorReply, type NodeAddress, type Reply, UnreachableError } from '../caller.ts'
import { type NodeLine, parseClusterNodes } from '../replies/cluster-nodes.ts'
import { parseConfig } from '../replies/config.ts'
import { type Info, parseInfo } from '../replies/info.ts'
import { databasesOf } from '../replies/keyspace.ts'
import { listOf, textOf } from '../replies/shape.ts'
import type { CoreState } from '../stream/core-state.ts'
import type { NodePlanRequest, NodeStep } from '../stream/node-plans.ts'

/** What one node said of itself and of the others when it was asked for a plan. */
export type NodeFacts = {
  /** Why it did not answer, or not as a member of a cluster; null: it did. Then the rest is empty. */
  readonly error: string | null
  readonly version: string | null
  /** Its own view: CLUSTER NODES. */
  readonly lines: readonly NodeLine[]
  /** Its own line of that. */
  readonly myself: NodeLine | undefined
  readonly info: Info | undefined
  /** Keys in all databases. */
  readonly keys: number
  readonly settings: ReadonlyMap<string, string>
  /** The server has CLUSTER FAILOVER. Null: it does not say which commands it has. */
  readonly failsOver: boolean | null
}

/** By node id, and for a node that is no member yet by `host:port`. */
export type FactsByNode = ReadonlyMap<string, NodeFacts>

const TIMEOUT_MS = 3_000
/** Nodes that are asked at once. */
const AT_ONCE = 64

/** Whom a plan has to ask. */
function askedBy(core: CoreState, request: NodePlanRequest): readonly (string | NodeAddress)[] {
  const primaryOf = (node: string) => core.shards[core.nodes[node]?.shard ?? '']?.primary ?? []
  switch (request.kind) {
    case 'failover':
    case 'resync':
      return [request.node, ...[primaryOf(request.node)].flat()]
    case 'replicate':
      return [request.node, request.primary]
    case 'meet':
      return [{ host: request.host, port: request.port }, ...(request.replicaOf === undefined ? [] : [request.replicaOf])]
    case 'forget':
    case 'stop':
    case 'kill':
    case 'restart':
      return [request.node]
    case 'add':
      return []
    case 'add-slots':
    case 'config':
      return Object.keys(core.nodes)
  }
}

/** Asks the nodes that a plan is about, all at once. Reads only; a node that does not answer is a fact, not an error. */
export async function askNodeFacts(caller: Caller, core: CoreState, request: NodePlanRequest): Promise<FactsByNode> {
  const facts = new Map<string, NodeFacts>()
  await eachOf([...new Set(askedBy(core, request))], async (one) => {
    const address = typeof one === 'string' ? core.nodes[one] : one
    if (address) facts.set(typeof one === 'string' ? one : placeOf(one), await askNode(caller, address))
  })
  return facts
}

/** Does it for every item, for at most 64 at a time. */
export async function eachOf<T>(items: readonly T[], effect: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values()
  const work = async () => {
    for (const item of waiting) await effect(item)
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, work))
}

export function placeOf({ host, port }: NodeAddress): string {
  return `${host}:${port}`
}

async function askNode(caller: Caller, address: NodeAddress): Promise<NodeFacts> {
  const replies = await ask(caller, address, [
    ['CLUSTER', 'NODES'],
    ['INFO', 'server', 'replication', 'keyspace', 'persistence', 'stats'],
    ['CONFIG', 'GET', 'cluster-databases', 'cluster-slot-stats-enabled', 'latency-tracking', 'cluster-allow-replica-migration'],
    ['COMMAND', 'INFO', 'CLUSTER|FAILOVER']
  ])
  if ('error' in replies) return { ...nothing, error: replies.error }
  const lines = parseClusterNodes(replies.value[0])
  const info = parseInfo(replies.value[1])
  if ('error' in lines) return { ...nothing, error: lines.error }
  if ('error' in info) return { ...nothing, error: info.error }
  const config = parseConfig(replies.value[2])
  const commands = listOf(replies.value[3])
  return {
    error: null,
    version: info.value.text('valkey_version') ?? info.value.text('redis_version') ?? null,
    lines: lines.value,
    myself: lines.value.find((line) => line.myself),
    info: info.value,
    keys: [...databasesOf(info.value).values()].reduce((sum, figures) => sum + figures.keys, 0),
    settings: 'value' in config ? config.value : new Map(),
    failsOver: commands === undefined ? null : listOf(commands[0]) !== undefined
  }
}

const nothing: Omit<NodeFacts, 'error'> = {
  version: null,
  lines: [],
  myself: undefined,
  info: undefined,
  keys: 0,
  settings: new Map(),
  failsOver: null
}

/**
 * What our own user may not run of these steps, in the server's words, by `host:port`. Who may not ask ACL DRYRUN learns it from the
 * refusal when the time comes.
 */
export async function askDenials(caller: Caller, steps: readonly NodeStep[]): Promise<ReadonlyMap<string, string>> {
  const denials = new Map<string, string>()
  const asked = steps.flatMap((step) => step.to.map((target) => ({ target, commands: step.commands })))
  await eachOf(asked, async ({ target, commands }) => {
    const who = await ask(caller, target, [['ACL', 'WHOAMI']])
    const user = 'error' in who || who.value[0] instanceof ErrorReply ? undefined : textOf(who.value[0])
    if (user === undefined) return
    const dry = commands.map((command) => ['ACL', 'DRYRUN', user, ...command])
    const replies = await ask(caller, target, dry)
    if ('error' in replies) return
    // An error is about DRYRUN itself; what the user may not run is a plain text.
    const text = replies.value.map((reply) => (reply instanceof ErrorReply ? 'OK' : textOf(reply))).find((one) => one !== 'OK')
    if (text !== undefined) denials.set(placeOf(target), text)
  })
  return denials
}

/** The replies of one node, or why there are none. */
export async function ask(
  caller: Caller,
  { host, port }: NodeAddress,
  commands: readonly Command[]
): Promise<{ readonly value: readonly Reply[] } | { readonly error: string }> {
  try {
    return { value: await caller.pipeline({ host, port }, commands, { purpose: 'work', cause: 'plan', timeoutMs: TIMEOUT_MS }) }
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    return { error: error.message }
  }
}
