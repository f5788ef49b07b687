import type { Reply } from '../caller.ts'
import type { SlotRange } from '../stream/core-state.ts'
import { bodyOf, isNodeId, malformed, type Parsed } from './shape.ts'

/** One line of CLUSTER NODES: what the asked node believes about one node. The only place with epochs and link states. */
export type NodeLine = {
  readonly id: string
  /** Empty when the node does not know its own address: use the one you connected to. */
  readonly host: string
  /** 0 when unknown. */
  readonly port: number
  readonly hostname: string | null
  /** The line of the node that was asked. */
  readonly myself: boolean
  readonly role: 'primary' | 'replica'
  readonly primaryId: string | null
  /** `fail?`: only the asked node thinks so. `fail`: a majority agreed. */
  readonly suspected: boolean
  readonly failed: boolean
  readonly handshake: boolean
  readonly noAddress: boolean
  readonly configEpoch: number
  readonly connected: boolean
  /** The slots as written, to see cheaply whether they changed. */
  readonly slotsText: string
  readonly slots: readonly SlotRange[]
  /** Legacy moves: open slots, listed on the `myself` line only. */
  readonly migrating: readonly OpenSlot[]
  readonly importing: readonly OpenSlot[]
}

export type OpenSlot = { readonly slot: number; readonly node: string }

/** A cluster of more nodes is not believed: each of them would get a connection of ours. The cluster itself is made for 1,000. */
const MOST_NODES = 10_000

/**
 * Parses CLUSTER NODES. A line that cannot be read makes the whole reply an error: half a topology is worse than none. With `known`, a
 * line that says what it said before is the same object as before.
 */
export function parseClusterNodes(reply: Reply | undefined, known?: KnownLines): Parsed<readonly NodeLine[]> {
  const text = bodyOf(reply)
  if (text === undefined) return malformed('CLUSTER NODES', reply, 'a text')
  const lines: NodeLine[] = []
  for (const row of text.split('\n')) {
    const line = row.trim()
    if (line === '') continue
    const parsed = known?.find(line) ?? parseLine(line, known)
    if (typeof parsed === 'string') return { error: `CLUSTER NODES: ${parsed} in "${line.slice(0, 120)}"` }
    if (lines.length === MOST_NODES) return { error: `CLUSTER NODES: more than ${MOST_NODES.toLocaleString('en-US')} nodes` }
    lines.push(parsed)
  }
  known?.forgetBeyond(lines.length)
  return lines.length === 0 ? malformed('CLUSTER NODES', reply, 'at least one line') : { value: lines }
}

/**
 * Lines as they were parsed last, by node: thousands of nodes are listed several times a second by viewers whose words differ in
 * nothing but the times of pings.
 */
export class KnownLines {
  readonly #lines = new Map<string, { readonly head: string; readonly tail: string; readonly parsed: NodeLine }>()

  find(line: string): NodeLine | undefined {
    const held = this.#lines.get(line.slice(0, 40))
    if (!held || !line.startsWith(held.head) || !line.endsWith(held.tail)) return undefined
    return arePings(line, held.head.length, line.length - held.tail.length) ? held.parsed : undefined
  }

  keep(line: string, parsed: NodeLine): void {
    // The words before the times of pings are four.
    let head = 0
    for (let word = 0; word < 4; word++) head = line.indexOf(' ', head) + 1
    const tail = line.indexOf(' ', line.indexOf(' ', head) + 1) + 1
    this.#lines.set(parsed.id, { head: line.slice(0, head), tail: line.slice(tail), parsed })
  }

  /** Nodes come and go; what is kept must not pile up. */
  forgetBeyond(nodeCount: number): void {
    if (this.#lines.size > nodeCount * 2) this.#lines.clear()
  }
}

/** Two words of digits, each with a space behind it. */
function arePings(line: string, from: number, to: number): boolean {
  let spaces = 0
  for (let at = from; at < to; at++) {
    const code = line.charCodeAt(at)
    if (code === 0x20) spaces++
    else if (code < 0x30 || code > 0x39) return false
  }
  return spaces === 2 && line.charCodeAt(to - 1) === 0x20
}

function parseLine(row: string, known: KnownLines | undefined): NodeLine | string {
  const words = row.split(' ')
  // What is kept is cut out of a text of its own: cut out of the reply it would keep the whole reply in memory.
  const line = known ? words.join(' ') : row
  const parsed = parseWords(known ? line.split(' ') : words)
  if (known && typeof parsed !== 'string') known.keep(line, parsed)
  return parsed
}

function parseWords(words: readonly string[]): NodeLine | string {
  const [id, address, flagList, primary, , , epoch, link, ...slotWords] = words
  if (!isNodeId(id)) return 'no node id of 40 hex digits'
  if (address === undefined || flagList === undefined || epoch === undefined || link === undefined) return 'too few words'
  const place = parseAddress(address)
  if (!place) return 'a bad address'
  if (!/^\d{1,16}$/.test(epoch)) return 'a bad config epoch'
  const flags = new Set(flagList.split(','))
  const slots: SlotRange[] = []
  const plain: string[] = []
  const migrating: OpenSlot[] = []
  const importing: OpenSlot[] = []
  for (const word of slotWords) {
    const open = /^\[(\d{1,5})-([<>])-([0-9a-f]{40})\]$/.exec(word)
    if (open) {
      const entry = { slot: Number(open[1]), node: open[3] as string }
      if (open[2] === '>') migrating.push(entry)
      else importing.push(entry)
      continue
    }
    const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(word)
    const first = Number(range?.[1])
    const last = range?.[2] === undefined ? first : Number(range[2])
    if (!range || first > last || last > 16_383) return `bad slots "${word}"`
    slots.push([first, last])
    plain.push(word)
  }
  return {
    id,
    ...place,
    myself: flags.has('myself'),
    role: flags.has('master') ? 'primary' : 'replica',
    primaryId: primary === undefined || primary === '-' ? null : primary,
    suspected: flags.has('fail?'),
    failed: flags.has('fail'),
    handshake: flags.has('handshake'),
    noAddress: flags.has('noaddr'),
    configEpoch: Number(epoch),
    connected: link === 'connected',
    slotsText: plain.join(' '),
    slots,
    migrating,
    importing
  }
}

/** `ip:port@busport[,hostname[,name=value...]]`; the ip may hold colons (IPv6) or be empty. */
function parseAddress(word: string): Pick<NodeLine, 'host' | 'port' | 'hostname'> | undefined {
  const [place = '', ...rest] = word.split(',')
  const match = /^(.*):(\d{1,5})(?:@\d{1,6})?$/.exec(place)
  if (!match) return undefined
  const hostname = rest.find((part) => part !== '' && !part.includes('=')) ?? null
  return { host: match[1] as string, port: Number(match[2]), hostname }
}
