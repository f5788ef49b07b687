import { isSecret } from './acl/secrets.ts'
import type { Client } from './client.ts'
import type { CommandDefinition } from './commands/define-command.ts'
import { formatAddress } from './input.ts'
import type { Node } from './node.ts'
import type { Args } from './resp/args.ts'

/** Clients in MONITOR: they see every command that runs here, save those of administrators, one line each. */
export class Monitors {
  readonly #node: Node
  readonly #clients = new Set<Client>()

  constructor(node: Node) {
    this.#node = node
  }

  /** Does anybody watch? Asked with every command. */
  isOn = false

  add(client: Client): void {
    this.#clients.add(client)
    this.isOn = true
    client.monitors = true
    // A reader that falls behind shows only in what the host has not sent yet.
    this.#node.links.pace(client.link)
  }

  forget(client: Client): void {
    if (!client.monitors) return
    client.monitors = false
    this.#clients.delete(client)
    this.isOn = this.#clients.size > 0
  }

  /** A command has run. Its words are shown as bytes that can be read; secrets are not shown. */
  show(by: Client, definition: CommandDefinition, args: Args): void {
    if (definition.flags.includes('admin')) return
    const { host, port } = by.remote
    let line = `${formatTime(this.#node.now.wallMs)} [${by.database} ${formatAddress({ host, port })}]`
    for (let i = 0; i < args.length; i++) line += ` ${isSecret(definition, args, i) ? '"(redacted)"' : quoted(args.bytes(i))}`
    for (const client of this.#clients) {
      client.reply.simple(line)
      this.#node.links.output(client.link)
      this.#node.outputLimits.check(client)
    }
  }
}

/** Seconds with six decimals; the clock has the grain of a millisecond. */
function formatTime(wallMs: number): string {
  const seconds = Math.floor(wallMs / 1000)
  const micros = Math.floor((wallMs - seconds * 1000) * 1000)
  return `${seconds}.${String(micros).padStart(6, '0')}`
}

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [7, '\\a'],
  [8, '\\b'],
  [9, '\\t'],
  [10, '\\n'],
  [13, '\\r'],
  [34, '\\"'],
  [92, '\\\\']
])

/** Of a longer argument only so much is shown: a text has an end here. */
const MOST_SHOWN_BYTES = 1_048_576

/** As `sdscatrepr` prints bytes. */
function quoted(bytes: Uint8Array): string {
  let text = '"'
  for (const byte of bytes.subarray(0, MOST_SHOWN_BYTES)) {
    const named = ESCAPES.get(byte)
    if (named !== undefined) text += named
    else if (byte >= 32 && byte < 127) text += String.fromCharCode(byte)
    else text += `\\x${byte.toString(16).padStart(2, '0')}`
  }
  const hidden = bytes.length - MOST_SHOWN_BYTES
  return hidden > 0 ? `${text}"... (${hidden} more bytes)` : `${text}"`
}
