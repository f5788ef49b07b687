import type { LinkId } from '../../src/core/input.ts'
import { InMemoryNode } from '../in-memory-node.ts'
import type { Command } from './command-runs.ts'
import { elementsOf, readFrame, withoutOrder } from './reply-frame.ts'

/** One field of one command's reply that two servers may fill otherwise, and how it is made alike. Nothing else is touched. */
type Rule = {
  /** In capitals; with its subcommand where it has one. */
  readonly command: string
  readonly field: string
  /** The reply without what may differ. */
  readonly alike?: (reply: string, command: Command) => string
  /** Numbers that may differ by so much. */
  readonly tolerance?: number
}

/** Two servers that are given a time from now on make instants of it that differ by as much as the run takes. */
const NEAR_NOW_MS = 200_000_000

const RULES: readonly Rule[] = [
  { command: 'HELLO', field: 'version', alike: (reply) => reply.replace(/(\r\nversion\r\n)\$\d+\r\n[\d.]+/, '$1<version>') },
  { command: 'HELLO', field: 'id', alike: (reply) => reply.replace(/(\r\nid\r\n):\d+/, '$1:<id>') },
  // The real server's engine of scripts is one.
  { command: 'HELLO', field: 'modules', alike: (reply) => reply.replace(/(\r\nmodules\r\n).*$/s, '$1<modules>') },
  ...['SMEMBERS', 'SINTER', 'SUNION', 'SDIFF', 'SPOP', 'SRANDMEMBER', 'HKEYS', 'HVALS', 'KEYS', 'SSCAN', 'SCAN', 'CLUSTERSCAN'].map(
    (command) => ({ command, field: 'order of the elements', alike: (reply: string) => inOrder(reply, false) })
  ),
  ...['HGETALL', 'HRANDFIELD', 'HSCAN', 'ZRANDMEMBER', 'ZSCAN'].map((command) => ({
    command,
    field: 'order of the elements',
    alike: (reply: string, parts: Command) => inOrder(reply, comesInPairs(parts))
  })),
  // By ALPHA elements are compared up to a zero byte (`strcoll`), and what is equal so far is in no order.
  ...['SORT', 'SORT_RO'].map((command) => ({ command, field: 'what stands behind a zero byte', alike: upToZero })),
  ...['PUBSUB CHANNELS', 'PUBSUB SHARDCHANNELS'].map((command) => ({
    command,
    field: 'order of the channels',
    alike: (reply: string) => inOrder(reply, false)
  })),
  ...['UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE'].map((command) => ({
    command,
    field: 'order of the channels',
    alike: channelsInOrder
  })),
  ...['EXPIRETIME', 'HEXPIRETIME'].map((command) => ({
    command,
    field: 'seconds near now',
    alike: (reply: string) => reply.replace(/:(\d{10})\b/g, (text, time) => (isNearNow(Number(time) * 1000) ? ':<near now>' : text))
  })),
  ...['PEXPIRETIME', 'HPEXPIRETIME'].map((command) => ({ command, field: 'milliseconds near now', alike: instants })),
  ...['TTL', 'HTTL'].map((command) => ({ command, field: 'seconds left', tolerance: 10 })),
  ...['PTTL', 'HPTTL'].map((command) => ({ command, field: 'milliseconds left', tolerance: 10_000 })),
  ...['OBJECT HELP', 'XGROUP HELP', 'XINFO HELP', 'PUBSUB HELP'].map((command) => ({
    command,
    field: 'words of the help besides the names',
    alike: helpedNames
  })),
  { command: 'DUMP', field: 'form of the payload, which each reads of the other', alike: rewritten },
  {
    // A list that has shrunk stays a quicklist while what is left lies in two nodes; the engine's has none.
    command: 'OBJECT ENCODING',
    field: 'form of a list',
    alike: (reply) => reply.replace('$9\r\nquicklist', '$8\r\nlistpack')
  },
  { command: 'OBJECT IDLETIME', field: 'seconds since the last use', tolerance: 10 },
  ...['XADD', 'XRANGE', 'XREVRANGE', 'XREAD', 'XREADGROUP'].map((command) => ({ command, field: 'ids of the clock', alike: ids })),
  { command: 'XPENDING', field: 'milliseconds since the delivery', tolerance: 10_000 },
  {
    // Never is -1; other instants below zero lie ahead on the clock of whose payload was restored.
    command: 'XINFO CONSUMERS',
    field: 'milliseconds inactive that lie ahead',
    alike: (reply) => reply.replace(/(?<=\binactive\r\n):-(?!1\r)\d+/g, ':0')
  },
  { command: 'XINFO CONSUMERS', field: 'milliseconds idle and inactive', tolerance: 10_000 },
  { command: 'XINFO STREAM', field: 'instants near now', alike: (reply) => instants(ids(reply)) }
]

/** The rules, and how often each has made two different replies alike. */
export class Normalising {
  readonly #rules = new Map<string, Rule[]>()
  readonly #used = new Map<Rule, number>()

  constructor() {
    for (const rule of RULES) this.#rules.set(rule.command, [...(this.#rules.get(rule.command) ?? []), rule])
  }

  /** The same reply, byte for byte or but for the fields that the rules name? */
  areAlike(command: Command, ours: string, theirs: string): boolean {
    if (ours === theirs) return true
    let [left, right] = [ours, theirs]
    const used: Rule[] = []
    for (const rule of this.#rulesOf(command)) {
      const [before, beforeThem] = [left, right]
      if (rule.alike) [left, right] = [rule.alike(left, command), rule.alike(right, command)]
      else if (differByAtMost(left, right, rule.tolerance ?? 0)) left = right
      if (left !== before || right !== beforeThem) used.push(rule)
      if (left === right) {
        for (const one of used) this.#used.set(one, (this.#used.get(one) ?? 0) + 1)
        return true
      }
    }
    return false
  }

  /** A reply as both servers should give it. */
  alike(command: Command, reply: string): string {
    return this.#rulesOf(command).reduce((shown, rule) => rule.alike?.(shown, command) ?? shown, reply)
  }

  /** `<command>: <field>` and how often, for every rule. */
  uses(): readonly (readonly [rule: string, times: number])[] {
    return RULES.map((rule) => [`${rule.command}: ${rule.field}`, this.#used.get(rule) ?? 0])
  }

  #rulesOf(command: Command): readonly Rule[] {
    const name = (command[0] ?? '').toUpperCase()
    return this.#rules.get(name) ?? this.#rules.get(`${name} ${(command[1] ?? '').toUpperCase()}`) ?? []
  }
}

function isNearNow(timeMs: number): boolean {
  return Math.abs(timeMs - Date.now()) < NEAR_NOW_MS
}

function comesInPairs(command: Command): boolean {
  if (command.some((part) => /^no(values|scores)$/i.test(part))) return false
  return !/^[HZ]RAND/i.test(command[0] ?? '') || command.some((part) => /^with/i.test(part))
}

function inOrder(reply: string, inPairs: boolean): string {
  const frame = readFrame(reply, 0)
  return frame && frame.end === reply.length ? withoutOrder(frame.tree, inPairs) : reply
}

/** Of messages one after the other, the names in one order; what counts them down stays where it is. */
function channelsInOrder(reply: string): string {
  const names: string[] = []
  const counted = reply.replace(/(unsubscribe\r\n)\$\d+\r\n(.*?)\r\n/g, (_, head, name) => {
    names.push(name)
    return `${head}<channel>\r\n`
  })
  return `${counted}${names.sort().join(' ')}`
}

function upToZero(reply: string): string {
  const elements = elementsOf(reply)
  if (!elements) return reply
  return elements.map((element) => element.replace(/^\$\d+\r\n/, '').replace(/\0.*$/s, '\r\n')).join('')
}

/** The first line, and the first word of each that tells of a subcommand. */
function helpedNames(reply: string): string {
  const [head = '', ...lines] = reply.replace(/^\*\d+\r\n/, '').split('\r\n')
  const names = lines.flatMap((line) => /^\+([A-Z]+)/.exec(line)?.[1] ?? [])
  return `${head} ${names.join(' ')}`
}

function instants(reply: string): string {
  return reply.replace(/:(\d{13})\b/g, (text, time) => (isNearNow(Number(time)) ? ':<near now>' : text))
}

function ids(reply: string): string {
  return reply.replace(/\$\d+\r\n(\d{13})-\d+/g, (text, time) => (isNearNow(Number(time)) ? '<id near now>' : text))
}

/** The same text, but for numbers that are near each other. */
function differByAtMost(ours: string, theirs: string, tolerance: number): boolean {
  // What is -1 or -2 has a meaning of its own; instants of the other's clock may lie ahead of ours.
  const numbers = /(?<=:)(?:\d+|-(?![12]\r)\d+)/g
  if (ours.replace(numbers, '') !== theirs.replace(numbers, '')) return false
  const others = theirs.match(numbers) ?? []
  return (ours.match(numbers) ?? []).every((number, index) => Math.abs(Number(number) - Number(others[index])) <= tolerance)
}

/**
 * A payload as the engine writes it once it has read it, since the real server writes forms that the engine reads and does not
 * write. Its bytes are in no order, for what a table holds is in none; instants near now and the checksum are left out.
 */
function rewritten(reply: string): string {
  const given = payloadOf(reply)
  if (given === undefined) return reply
  const node = readAndWrite()
  node.memory.command(node.link, 'DEL', 'k')
  const restored = node.memory.command(node.link, 'RESTORE', 'k', '0', given)
  const bytes = payloadOf(node.memory.command(node.link, 'DUMP', 'k'))
  if (bytes === undefined) return `${restored}${reply}`
  const kept: string[] = []
  for (let at = 0; at < bytes.length - 10; at++) {
    if (isNearNow(int64(bytes, at))) {
      kept.push('<near now>')
      at += 7
    } else kept.push(bytes.charAt(at))
  }
  return `${bytes.charCodeAt(0)} ${kept.sort().join('')}`
}

/** The node that reads and writes, at a time when nothing has expired. */
function readAndWrite(): { readonly memory: InMemoryNode; readonly link: LinkId } {
  if (!reader) {
    const memory = new InMemoryNode({ keepEffects: false })
    memory.wallMs = 0
    reader = { memory, link: memory.connect() }
  }
  return reader
}

let reader: { readonly memory: InMemoryNode; readonly link: LinkId } | undefined

function payloadOf(reply: string): string | undefined {
  return /^\$\d+\r\n(.*)\r\n$/s.exec(reply)?.[1]
}

function int64(bytes: string, at: number): number {
  if (bytes.charCodeAt(at + 7) !== 0 || bytes.charCodeAt(at + 6) !== 0) return 0
  let value = 0
  for (let i = 5; i >= 0; i--) value = value * 256 + bytes.charCodeAt(at + i)
  return value
}
