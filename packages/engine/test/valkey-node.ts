import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ReplyTree, readFrame } from './differential/reply-frame.ts'

/** The real server: named by the environment, or unpacked by the project's own script. */
export const valkeyServer = process.env.VALKEY_SERVER ?? fileURLToPath(new URL('../../../.valkey/bin/valkey-server', import.meta.url))

export function hasValkey(): boolean {
  return existsSync(valkeyServer)
}

/** A connection that gives one command at a time. Replies are trees of texts, as on the wire. */
export class WireClient {
  readonly #socket: Socket
  #text = ''
  #waiting: (() => void) | undefined
  #ended = false

  /** `at`: a port, the path of a socket, or what is connected already. */
  constructor(at: number | string | Socket, host = '127.0.0.1') {
    this.#socket = typeof at === 'number' ? connect(at, host) : typeof at === 'string' ? connect(at) : at
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (chunk: string) => {
      this.#text += chunk
      this.#waiting?.()
    })
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.#ended = true
      this.#waiting?.()
    })
  }

  async call(...args: readonly string[]): Promise<ReplyTree> {
    this.#socket.write(`*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`, 'latin1')
    return this.next()
  }

  /** The next frame that arrives. */
  async next(): Promise<ReplyTree> {
    for (;;) {
      const frame = readFrame(this.#text, 0)
      if (frame) {
        this.#text = this.#text.slice(frame.end)
        return frame.tree
      }
      if (this.#ended) throw new Error('the server closed the connection')
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
    }
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** A reply as one text: bulk strings and simple ones without their mark, elements joined by spaces. */
export function flat(tree: ReplyTree): string {
  if (typeof tree !== 'string') return tree.items.map(flat).join(' ')
  return tree.slice(1)
}

/** One command on a connection of its own. */
export async function ask(port: number, ...args: readonly string[]): Promise<string> {
  const client = new WireClient(port)
  try {
    return flat(await client.call(...args))
  } finally {
    client.close()
  }
}

/** Asks again until the claim holds. */
export async function eventually(claim: () => Promise<boolean>, what: string, limitMs = 20_000): Promise<void> {
  const deadline = Date.now() + limitMs
  while (!(await claim())) {
    if (Date.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** A real valkey-server in cluster mode, which ends with the test. */
export class ValkeyNode {
  readonly port: number
  readonly #process: ChildProcess
  readonly #folder: string

  private constructor(port: number, folder: string, process: ChildProcess) {
    this.port = port
    this.#folder = folder
    this.#process = process
  }

  /** Resolves when it answers; rejects when it ends instead. `nodesConf` is the file that it finds. */
  static async start(port: number, settings: Readonly<Record<string, string>> = {}, nodesConf?: string): Promise<ValkeyNode> {
    const folder = mkdtempSync(join(tmpdir(), 'slotscope-valkey-'))
    if (nodesConf !== undefined) writeFileSync(join(folder, 'nodes.conf'), nodesConf)
    const all = {
      port: String(port),
      bind: '127.0.0.1',
      dir: folder,
      save: '',
      appendonly: 'no',
      'cluster-enabled': 'yes',
      'cluster-node-timeout': '2000',
      'cluster-databases': '4',
      'repl-diskless-sync-delay': '0',
      ...settings
    }
    const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])
    const child = spawn(valkeyServer, args, { stdio: 'ignore' })
    const node = new ValkeyNode(port, folder, child)
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`valkey-server ended with ${child.exitCode}`)
      return ask(port, 'PING').then(
        (reply) => reply === 'PONG',
        () => false
      )
    }, `valkey-server answers on port ${port}`)
    return node
  }

  get nodesConf(): string {
    return readFileSync(join(this.#folder, 'nodes.conf'), 'latin1')
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL')
      await ended
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
