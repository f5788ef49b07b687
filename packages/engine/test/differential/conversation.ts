import { expect } from 'vitest'
import type { LinkId } from '../../src/core/input.ts'
import type { Random } from '../../src/core/prng.ts'
import { type Command, encodeCommand } from './command-runs.ts'
import { EngineSubject } from './engine-subject.ts'
import type { RawConnection } from './raw-connection.ts'
import { type ReplyTree, readFrame } from './reply-frame.ts'
import type { ValkeyOracle } from './valkey-oracle.ts'

type Speaker = { readonly link: LinkId; readonly real: RawConnection; readonly ourId: string; readonly theirId: string }

/** How long the real server may take to say what the engine has said. */
const PATIENCE_MS = 2_000

/**
 * Several clients of the engine and of a real server who do the same in the same order, one command at a time. After each, what
 * every client hears is compared, by itself and as an answer alike.
 */
export class Conversation {
  readonly #oracle: ValkeyOracle
  readonly #subject: EngineSubject
  readonly #control: RawConnection
  readonly #speakers = new Map<string, Speaker>()
  readonly #protocol: number
  readonly #said: string[] = []

  private constructor(oracle: ValkeyOracle, subject: EngineSubject, control: RawConnection, protocol: number) {
    this.#oracle = oracle
    this.#subject = subject
    this.#control = control
    this.#protocol = protocol
  }

  /** Runs a script: one command per line, after the name of the client that gives it. `$A` is the number of client A. */
  static async run(oracle: ValkeyOracle, protocol: number, script: string): Promise<void> {
    await oracle.run([['SELECT', '0'], ['FLUSHALL']])
    const conversation = new Conversation(oracle, new EngineSubject(oracle.mode), await oracle.connect(), protocol)
    try {
      for (const line of script.trim().split('\n')) await conversation.#say(line.trim())
      await conversation.#compareEffects()
    } finally {
      conversation.#end()
    }
  }

  /** So many steps by clients that do not wait: who is next and what it says is drawn. */
  static async runRandom(
    oracle: ValkeyOracle,
    protocol: number,
    random: Random,
    steps: number,
    draw: (random: Random) => string
  ): Promise<void> {
    await oracle.run([['SELECT', '0'], ['FLUSHALL']])
    const conversation = new Conversation(oracle, new EngineSubject(oracle.mode), await oracle.connect(), protocol)
    const names = ['A', 'B', 'C', 'D', 'E']
    try {
      for (let step = 0; step < steps; step++) {
        const free = names.filter((name) => !conversation.#waits(name))
        const name = free[random.below(free.length)]
        // With everybody waiting there is somebody else.
        await conversation.#say(`${name ?? 'Z'} ${draw(random)}`)
        if (name === undefined) names.push('Z')
      }
      await conversation.#compareEffects()
    } finally {
      conversation.#end()
    }
  }

  #waits(name: string): boolean {
    const speaker = this.#speakers.get(name)
    return speaker !== undefined && (this.#subject.memory.node.clients.get(speaker.link)?.blocked ?? false)
  }

  async #say(line: string): Promise<void> {
    this.#said.push(line)
    const [name = '', ...words] = line.split(' ')
    const speaker = await this.#speaker(name)
    const commandFor = (idOf: (one: Speaker) => string): Command =>
      words.map((word) => {
        const named = word.startsWith('$') ? this.#speakers.get(word.slice(1)) : undefined
        return named ? idOf(named) : word === '""' ? '' : word.replaceAll('\\x20', ' ')
      })
    const { memory } = this.#subject
    memory.wallMs = Date.now()
    memory.send(speaker.link, encodeCommand(commandFor((one) => one.ourId)))
    // Whoever was unblocked goes on in a step of its own.
    memory.input({ type: 'woken' })
    const ours = new Map<string, string[]>()
    for (const [who, { link }] of this.#speakers) ours.set(who, framesOf(memory.received(link)))
    speaker.real.write([commandFor((one) => one.theirId)])
    const theirs = new Map<string, string[]>()
    if (ours.get(name)?.length === 0) await this.#untilBlocked(speaker)
    for (const [who, { real }] of this.#speakers) {
      const heard: string[] = []
      for (let count = ours.get(who)?.length ?? 0; count > 0; count--) {
        const frame = await real.nextRawWithin(PATIENCE_MS)
        if (frame === undefined) break
        heard.push(frame)
      }
      theirs.set(who, heard)
    }
    const shown = (replies: Map<string, string[]>, idOf: (one: Speaker) => string) =>
      [...replies].map(([who, frames]) => {
        const texts = frames.map((frame) => comparable(frame, [...this.#speakers.values()].map(idOf)))
        return `after «${line}» ${who}: ${texts.join(' ')}`
      })
    expect(shown(ours, (one) => one.ourId)).toEqual(shown(theirs, (one) => one.theirId))
  }

  async #speaker(name: string): Promise<Speaker> {
    const known = this.#speakers.get(name)
    if (known) return known
    const { memory } = this.#subject
    const link = memory.connect()
    const real = await this.#oracle.connect()
    memory.command(link, 'HELLO', String(this.#protocol))
    await real.call(['HELLO', String(this.#protocol)])
    const ourId = memory.command(link, 'CLIENT', 'ID').trim().slice(1)
    const theirId = textOf(await real.call(['CLIENT', 'ID']))
    const speaker = { link, real, ourId, theirId }
    this.#speakers.set(name, speaker)
    return speaker
  }

  /** A command without an answer has been taken once the client's line says that it waits, or that it waits for nothing else. */
  async #untilBlocked({ theirId }: Speaker): Promise<void> {
    for (const endsAt = Date.now() + PATIENCE_MS; Date.now() < endsAt; ) {
      const line = textOf(await this.#control.call(['CLIENT', 'LIST', 'ID', theirId]))
      if (/ flags=\w*b/.test(line) || / flags=\w*[Od]/.test(line)) return
    }
  }

  /** Nobody has heard anything more, and the rest of the world has heard the same. */
  async #compareEffects(): Promise<void> {
    const rest = await this.#oracle.run([])
    for (const [name, { real }] of this.#speakers) expect(`${name}: ${await real.nextRawWithin(0)}`).toBe(`${name}: undefined`)
    const { events, stream } = this.#subject.heard()
    expect(events, this.#said.join('\n')).toEqual(rest.events)
    expect(stream, this.#said.join('\n')).toEqual(rest.stream)
  }

  #end(): void {
    this.#control.close()
    for (const { real } of this.#speakers.values()) real.close()
  }
}

/** What MONITOR shows of when and from where differs, and so do the numbers of clients in what is said of redirections. */
function comparable(frame: string, ids: readonly string[]): string {
  // What ACL LOG tells of the client and of the time.
  if (frame.includes('age-seconds'))
    return frame.replace(/(age-seconds|client-info|entry-id|timestamp-\S+)\r\n(\$\d+\r\n)?[^\r]*\r\n/g, '$1 ')
  if (frame.includes('redir')) return frame.replace(/:(\d+)/, (all, id) => (ids.includes(id) ? `:<client ${ids.indexOf(id)}>` : all))
  return frame.replace(/^\+\d+\.\d{6} \[(\d+) [^\]]*\]/, '+<time> [$1 <address>]')
}

function framesOf(text: string): string[] {
  const frames: string[] = []
  for (let at = 0; at < text.length; ) {
    const frame = readFrame(text, at)
    if (!frame) return [...frames, text.slice(at)]
    frames.push(text.slice(at, frame.end))
    at = frame.end
  }
  return frames
}

function textOf(tree: ReplyTree): string {
  return typeof tree === 'string' ? tree.slice(1) : ''
}
