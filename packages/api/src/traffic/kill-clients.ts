import { type Command, ErrorReply, parseClientList, type Reply } from '@slotscope/observer'
import { type ClientToKill, isGuardedClient, type KilledClient, killCommand } from '@slotscope/observer/stream'
import { type AskedCluster, askNode } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import { inTurns } from '../in-turns.ts'

/** Nodes on which connections are ended at the same time. */
const AT_ONCE = 16

/**
 * Ends connections, node by node. Each node is asked first who they are now: what is no plain client is ended only when its address was
 * typed. In the order of `clients`.
 */
export async function killClients(cluster: AskedCluster, clients: readonly ClientToKill[]): Promise<readonly KilledClient[]> {
  const byNode = new Map<string, ClientToKill[]>()
  for (const client of clients) {
    const group = byNode.get(client.node)
    if (group) group.push(client)
    else byNode.set(client.node, [client])
  }
  const groups = [...byNode]
  const results = new Map<ClientToKill, KilledClient>()
  await inTurns(groups, AT_ONCE, async ([node, group]) => {
    for (const [client, result] of await killOn(cluster, node, group)) results.set(client, result)
  })
  return clients.flatMap((client) => results.get(client) ?? [])
}

async function killOn(cluster: AskedCluster, node: string, clients: readonly ClientToKill[]): Promise<Map<ClientToKill, KilledClient>> {
  const results = new Map<ClientToKill, KilledClient>()
  const note = (client: ClientToKill, outcome: KilledClient['outcome'], words: string | null = null, command: Command | null = null) =>
    results.set(client, { node, id: client.id, address: client.address, outcome, words, command: command as readonly string[] | null })
  try {
    const ids = clients.map(({ id }) => String(id))
    const [own, list] = await askNode(
      cluster,
      node,
      [
        ['CLIENT', 'ID'],
        ['CLIENT', 'LIST', 'ID', ...ids]
      ],
      'clients'
    )
    const now = parseClientList(list)
    if ('error' in now) {
      for (const client of clients) note(client, 'failed', now.error)
      return results
    }
    const known = new Map(now.value.map((client) => [client.id, client]))
    const doomed = clients.filter((client) => {
      const found = known.get(client.id)
      if (found === undefined) note(client, 'gone')
      else if (found.address !== client.address) note(client, 'other', `number ${client.id} is ${found.address} now`)
      else if (isGuardedClient(found) && client.typedAddress !== client.address) note(client, 'guarded', guardedBecause(found))
      else if (client.id === own) note(client, 'failed', 'it is the connection that would have carried the command')
      else return true
      return false
    })
    const commands = doomed.map(killCommand)
    const replies = doomed.length === 0 ? [] : await askNode(cluster, node, commands, 'clients')
    for (const [index, client] of doomed.entries()) {
      const { outcome, words } = outcomeOf(replies[index])
      note(client, outcome, words, commands[index])
    }
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error
    for (const client of clients) if (!results.has(client)) note(client, 'failed', error.message)
  }
  return results
}

function outcomeOf(reply: Reply | undefined): { readonly outcome: KilledClient['outcome']; readonly words: string | null } {
  if (reply instanceof ErrorReply) return { outcome: 'failed', words: reply.message }
  if (typeof reply === 'number') return { outcome: reply > 0 ? 'killed' : 'gone', words: null }
  return { outcome: 'failed', words: 'CLIENT KILL: expected a number' }
}

function guardedBecause({ kind, isOurs }: Parameters<typeof isGuardedClient>[0]): string {
  return isOurs ? 'it is a connection of Slotscope' : kind === 'migration' ? 'slots are moved over it' : `it is the link of a ${kind}`
}
