import type { SubscriptionKind } from '../pubsub.ts'
import type { Args } from '../resp/args.ts'
import type { CommandContext } from './context.ts'
import { allKeys, type CommandDefinition, type CommandFlag, defineCommand, firstKey } from './define-command.ts'
import { helpOf } from './help.ts'

const SUBSCRIBES: readonly CommandFlag[] = ['pubsub', 'noscript', 'loading', 'stale']
const PUBLISHES: readonly CommandFlag[] = ['pubsub', 'loading', 'stale', 'fast']
const ASKS: readonly CommandFlag[] = ['pubsub', 'loading', 'stale']

function subscribeAll(kind: SubscriptionKind) {
  return ({ client, node }: CommandContext, args: Args): void => {
    for (let i = 1; i < args.length; i++) node.pubsub.subscribe(client, kind, args.bytes(i))
  }
}

function unsubscribeNamed(kind: SubscriptionKind) {
  return ({ client, node }: CommandContext, args: Args): void => {
    if (args.length === 1) return node.pubsub.unsubscribeAll(client, kind)
    for (let i = 1; i < args.length; i++) node.pubsub.unsubscribe(client, kind, args.bytes(i))
  }
}

export const subscribe = defineCommand({
  name: 'SUBSCRIBE',
  group: 'pubsub',
  since: '2.0.0',
  summary: 'Listens to channels of the whole cluster.',
  arity: -2,
  flags: SUBSCRIBES,
  run: subscribeAll('channel')
})

export const unsubscribe = defineCommand({
  name: 'UNSUBSCRIBE',
  group: 'pubsub',
  since: '2.0.0',
  summary: 'Stops listening to channels, or to all of them.',
  arity: -1,
  flags: SUBSCRIBES,
  run: unsubscribeNamed('channel')
})

export const psubscribe = defineCommand({
  name: 'PSUBSCRIBE',
  group: 'pubsub',
  since: '2.0.0',
  summary: 'Listens to every channel whose name matches a pattern.',
  arity: -2,
  flags: SUBSCRIBES,
  run: subscribeAll('pattern')
})

export const punsubscribe = defineCommand({
  name: 'PUNSUBSCRIBE',
  group: 'pubsub',
  since: '2.0.0',
  summary: 'Stops listening by patterns, or by all of them.',
  arity: -1,
  flags: SUBSCRIBES,
  run: unsubscribeNamed('pattern')
})

export const ssubscribe = defineCommand({
  name: 'SSUBSCRIBE',
  group: 'pubsub',
  since: '7.0.0',
  summary: 'Listens to shard channels, which live where the slot of their name lives.',
  arity: -2,
  flags: SUBSCRIBES,
  keys: allKeys,
  run: subscribeAll('shardChannel')
})

export const sunsubscribe = defineCommand({
  name: 'SUNSUBSCRIBE',
  group: 'pubsub',
  since: '7.0.0',
  summary: 'Stops listening to shard channels, or to all of them.',
  arity: -1,
  flags: SUBSCRIBES,
  keys: allKeys,
  run: unsubscribeNamed('shardChannel')
})

/** The bus takes a message to the other nodes of a cluster; outside of one, replicas hear of it by the stream. */
function runPublish(ctx: CommandContext, args: Args, shard: boolean): void {
  if (!ctx.node.clusterEnabled) ctx.dirty++
  ctx.reply.integer(ctx.node.pubsub.publish(args.bytes(1), args.bytes(2), shard))
}

export const publish = defineCommand({
  name: 'PUBLISH',
  group: 'pubsub',
  since: '2.0.0',
  summary: 'Sends a message to a channel on every node; answers how many listened here.',
  arity: 3,
  flags: PUBLISHES,
  mayReplicate: true,
  run: (ctx, args) => runPublish(ctx, args, false)
})

export const spublish = defineCommand({
  name: 'SPUBLISH',
  group: 'pubsub',
  since: '7.0.0',
  summary: 'Sends a message to a shard channel; answers how many listened here.',
  arity: 3,
  flags: PUBLISHES,
  mayReplicate: true,
  keys: firstKey,
  run: (ctx, args) => runPublish(ctx, args, true)
})

function channelNames(shard: boolean) {
  return ({ node, reply }: CommandContext, args: Args): void => {
    const names = [...node.pubsub.names(shard, args.length > 2 ? args.bytes(2) : undefined)]
    reply.array(names.length)
    for (const name of names) reply.bulk(name)
  }
}

function listenerCounts(shard: boolean) {
  return ({ node, reply }: CommandContext, args: Args): void => {
    reply.array((args.length - 2) * 2)
    for (let i = 2; i < args.length; i++) {
      reply.bulk(args.bytes(i))
      reply.integer(node.pubsub.listenersOf(args.bytes(i), shard))
    }
  }
}

const channels = defineCommand({
  name: 'PUBSUB|CHANNELS',
  group: 'pubsub',
  since: '2.8.0',
  summary: 'Names of the channels that somebody listens to here.',
  arity: -2,
  flags: ASKS,
  run: channelNames(false)
})

const shardChannels = defineCommand({
  name: 'PUBSUB|SHARDCHANNELS',
  group: 'pubsub',
  since: '7.0.0',
  summary: 'Names of the shard channels that somebody listens to here.',
  arity: -2,
  flags: ASKS,
  run: channelNames(true)
})

const numsub = defineCommand({
  name: 'PUBSUB|NUMSUB',
  group: 'pubsub',
  since: '2.8.0',
  summary: 'How many listen to each channel here, those by pattern not counted.',
  arity: -2,
  flags: ASKS,
  run: listenerCounts(false)
})

const shardNumsub = defineCommand({
  name: 'PUBSUB|SHARDNUMSUB',
  group: 'pubsub',
  since: '7.0.0',
  summary: 'How many listen to each shard channel here.',
  arity: -2,
  flags: ASKS,
  run: listenerCounts(true)
})

const numpat = defineCommand({
  name: 'PUBSUB|NUMPAT',
  group: 'pubsub',
  since: '2.8.0',
  summary: 'How many different patterns are listened by here.',
  arity: 2,
  flags: ASKS,
  run: ({ node, reply }) => reply.integer(node.pubsub.patternCount)
})

const help = helpOf('PUBSUB', 'pubsub', '6.2.0', [
  ['CHANNELS [<pattern>]', 'Channels with listeners on this node.'],
  ['NUMPAT', 'Number of different patterns that are listened by.'],
  ['NUMSUB [<channel> ...]', 'Listeners of each channel, those by pattern not counted.'],
  ['SHARDCHANNELS [<pattern>]', 'Shard channels with listeners on this node.'],
  ['SHARDNUMSUB [<shardchannel> ...]', 'Listeners of each shard channel.']
])

export const pubsub: CommandDefinition = defineCommand({
  name: 'PUBSUB',
  group: 'pubsub',
  since: '2.8.0',
  summary: 'Questions about channels and their listeners on this node.',
  arity: -2,
  flags: [],
  subcommands: [channels, numpat, numsub, shardChannels, shardNumsub, help]
})

export const pubsubCommands = [subscribe, unsubscribe, psubscribe, punsubscribe, ssubscribe, sunsubscribe, publish, spublish, pubsub]
