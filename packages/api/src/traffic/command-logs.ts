import { ErrorReply, parseCommandLog, parseConfig, type Reply } from '@slotscope/observer'
import { type CommandLogAnswer, type CommandLogKind, type LoggedCommand, type LoggingNode, resetCommand } from '@slotscope/observer/stream'
import type { AskedCluster } from '../clusters/node-questions.ts'
import { answerOf, type EveryNode, type NodeReplies } from '../nodes/every-node.ts'
import { maskedArguments } from './masked-arguments.ts'

/** Entries of one answer: each node is asked for its part of them. A log has 128 unless it is told otherwise. */
const MOST_ENTRIES = 5_000
const MOST_OF_A_NODE = 500
const LEAST_OF_A_NODE = 16

const cause = 'command logs'
const settings: Readonly<Record<CommandLogKind, { readonly threshold: readonly string[]; readonly length: readonly string[] }>> = {
  slow: {
    threshold: ['commandlog-execution-slower-than', 'slowlog-log-slower-than'],
    length: ['commandlog-slow-execution-max-len', 'slowlog-max-len']
  },
  'large-request': { threshold: ['commandlog-request-larger-than'], length: ['commandlog-large-request-max-len'] },
  'large-reply': { threshold: ['commandlog-reply-larger-than'], length: ['commandlog-large-reply-max-len'] }
}

/** The log of every node as one, newest first. A server without COMMANDLOG is asked for its SLOWLOG. */
export async function readCommandLogs(cluster: AskedCluster, everyNode: EveryNode, kind: CommandLogKind): Promise<CommandLogAnswer> {
  const most = entriesOfNode(Object.keys(cluster.core().nodes).length)
  const answers = await everyNode.askEach(
    cluster,
    [
      ['COMMANDLOG', 'GET', String(most), kind],
      ['CONFIG', 'GET', 'commandlog-*']
    ],
    cause
  )
  const older = answers.filter(({ replies }) => isUnknown(replies[0])).map(({ node }) => node)
  const slowlogs =
    older.length === 0 || kind !== 'slow'
      ? []
      : await everyNode.askEach(
          cluster,
          [
            ['SLOWLOG', 'GET', String(most)],
            ['CONFIG', 'GET', 'slowlog-*']
          ],
          cause,
          older
        )
  const instead = new Map(slowlogs.map((answer) => [answer.node, answer]))
  const read = answers.map((answer) => readLog(instead.get(answer.node) ?? answer, kind, most))
  return {
    kind,
    nodes: read.map(({ node }) => node),
    entries: read.flatMap(({ entries }) => entries).sort((a, b) => b.atMs - a.atMs || b.id - a.id)
  }
}

/** Empties one of the logs of every node; by SLOWLOG where there is no other. */
export async function resetCommandLogs(cluster: AskedCluster, everyNode: EveryNode, kind: CommandLogKind) {
  const command = resetCommand(kind)
  everyNode.forget(cluster)
  const answers = await everyNode.askEach(cluster, [command], cause)
  const older = kind === 'slow' ? answers.filter(({ replies }) => isUnknown(replies[0])).map(({ node }) => node) : []
  const slowlog = ['SLOWLOG', 'RESET']
  const instead = new Map(
    (older.length === 0 ? [] : await everyNode.askEach(cluster, [slowlog], cause, older)).map((answer) => [answer.node, answer])
  )
  everyNode.forget(cluster)
  return answers.map((answer) => {
    const other = instead.get(answer.node)
    const { node, atMs, error } = answerOf(other ?? answer)
    return { node, atMs, error, command: other ? slowlog : command }
  })
}

function entriesOfNode(nodes: number): number {
  return Math.max(LEAST_OF_A_NODE, Math.min(MOST_OF_A_NODE, Math.floor(MOST_ENTRIES / Math.max(1, nodes))))
}

function isUnknown(reply: Reply | undefined): boolean {
  return reply instanceof ErrorReply && /unknown (sub)?command/i.test(reply.message)
}

function readLog(
  answer: NodeReplies,
  kind: CommandLogKind,
  most: number
): { readonly node: LoggingNode; readonly entries: readonly LoggedCommand[] } {
  const { node, atMs, error, reply } = answerOf(answer)
  const config = parseConfig(answer.replies[1])
  const setting = (names: readonly string[]) => {
    if ('error' in config) return null
    const text = names.map((name) => config.value.get(name)).find((value) => value !== undefined)
    return text === undefined || !/^-?\d+$/.test(text) ? null : Number(text)
  }
  const limits = { threshold: setting(settings[kind].threshold), mostEntries: setting(settings[kind].length) }
  if (error !== null) {
    const words = isUnknown(answer.replies[0]) ? 'this server keeps no such log: Valkey 8.1 and later do' : error
    return { node: { node, atMs, error: words, ...limits, isCut: false }, entries: [] }
  }
  const parsed = parseCommandLog(reply)
  if ('error' in parsed) return { node: { node, atMs, error: parsed.error, ...limits, isCut: false }, entries: [] }
  const entries = parsed.value.map((entry) => ({
    node,
    id: entry.id,
    atMs: entry.atSeconds * 1_000,
    value: entry.value,
    arguments: maskedArguments(entry.arguments).map((word) => Buffer.from(word).toString('base64url')),
    address: entry.address,
    clientName: entry.clientName
  }))
  return { node: { node, atMs, error, ...limits, isCut: entries.length === most && limits.mostEntries !== most }, entries }
}
