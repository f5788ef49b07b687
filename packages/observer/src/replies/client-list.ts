import type { Reply } from '../caller.ts'
import type { ClientKind, ClientState } from '../stream/traffic-questions.ts'
import { bodyOf, malformed, type Parsed } from './shape.ts'

/** A connection without the node that tells of it. */
export type ClientLine = Omit<ClientState, 'node'>

/** What the api calls its connections (its `node-connection.ts`). The sample workload has another name: it is a client like any other. */
const OWN_NAME = 'slotscope'

/** Parses CLIENT LIST: `id=5 addr=127.0.0.1:47260 ...`, one line per connection (Valkey `networking.c`, `catClientInfoString`). */
export function parseClientList(reply: Reply | undefined): Parsed<readonly ClientLine[]> {
  const text = bodyOf(reply)
  if (text === undefined) return malformed('CLIENT LIST', reply, 'a text')
  const clients: ClientLine[] = []
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const client = clientOf(fieldsOfLine(line))
    if (client === undefined) return { error: `CLIENT LIST: line ${clients.length + 1} has no number` }
    clients.push(client)
  }
  return { value: clients }
}

/** No value holds a space but the path of a socket, and its rest has no `=`. */
function fieldsOfLine(line: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  let last = ''
  for (const word of line.trim().split(' ')) {
    const equals = word.indexOf('=')
    if (equals > 0) {
      last = word.slice(0, equals)
      fields.set(last, word.slice(equals + 1))
    } else fields.set(last, `${fields.get(last)} ${word}`)
  }
  return fields
}

function clientOf(fields: ReadonlyMap<string, string>): ClientLine | undefined {
  const text = (name: string) => fields.get(name) ?? ''
  const number = (name: string) => {
    const value = Number(fields.get(name) || Number.NaN)
    return Number.isFinite(value) ? value : null
  }
  const id = number('id')
  if (id === null || !Number.isSafeInteger(id)) return undefined
  const flags = text('flags')
  const subscriptions = (number('sub') ?? 0) + (number('psub') ?? 0) + (number('ssub') ?? 0)
  return {
    id,
    address: text('addr'),
    name: text('name'),
    user: fields.get('user') ?? null,
    kind: kindOf(flags, subscriptions),
    isOurs: text('name') === OWN_NAME,
    flags,
    database: number('db'),
    ageSeconds: number('age'),
    idleSeconds: number('idle'),
    subscriptions,
    outputBytes: number('omem'),
    queryBytes: number('qbuf'),
    memoryBytes: number('tot-mem'),
    command: text('cmd') === 'NULL' ? '' : text('cmd'),
    commands: number('tot-cmds'),
    bytesIn: number('tot-net-in'),
    bytesOut: number('tot-net-out'),
    library: text('lib-name'),
    libraryVersion: text('lib-ver'),
    protocol: number('resp')
  }
}

/** A monitor has the letter of a replica beside its own (`O`), and is none. */
function kindOf(flags: string, subscriptions: number): ClientKind {
  if (/[iE]/.test(flags)) return 'migration'
  if (flags.includes('M')) return 'primary'
  if (flags.includes('S') && !flags.includes('O')) return 'replica'
  return flags.includes('P') || subscriptions > 0 ? 'pubsub' : 'normal'
}
