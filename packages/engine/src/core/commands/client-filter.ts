import type { Client } from '../client.ts'
import { formatAddress } from '../input.ts'
import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import { CLIENT_FLAGS, type ClientType, flagsOfClient, typeOfClient } from './client-line.ts'

type Test = (client: Client) => boolean

/** Which connections CLIENT LIST and CLIENT KILL mean. */
export type ClientFilter = { readonly skipMe: boolean; readonly matches: Test }

/** Printable ASCII without spaces: names of clients and libraries (`validateClientAttr`). Lists of clients stay one line each. */
export function isPrintableWord(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte < 33 || byte > 126) return false
  return true
}

/**
 * Reads `option value ...` from argument `from` on; a text is the error. `ID` takes several values. All options must hold;
 * of an option given twice the last counts, except `ID`, which collects.
 */
export function parseClientFilter(node: Node, args: Args, from: number, skipMe: boolean): ClientFilter | string {
  const tests = new Map<string, Test>()
  const ids = { ID: new Set<number>(), 'NOT-ID': new Set<number>() }
  let skips = skipMe
  let i = from
  while (i < args.length) {
    const option = args.text(i).toUpperCase()
    if (i + 1 >= args.length) return errors.syntax
    if (option === 'ID' || option === 'NOT-ID') {
      const end = readIds(args, i + 1, ids[option])
      if (typeof end === 'string') return end
      const chosen = ids[option]
      tests.set(option, option === 'ID' ? (client) => chosen.has(client.id) : (client) => !chosen.has(client.id))
      i = end
      continue
    }
    if (option === 'SKIPME') {
      if (args.is(i + 1, 'YES')) skips = true
      else if (args.is(i + 1, 'NO')) skips = false
      else return errors.syntax
    } else {
      const negated = option.startsWith('NOT-')
      const name = negated ? option.slice(4) : option
      const test = testOf(node, name, negated, args, i + 1)
      if (typeof test === 'string') return test
      tests.set(option, negated ? (client) => !test(client) : test)
    }
    i += 2
  }
  const all = [...tests.values()]
  return { skipMe: skips, matches: (client) => all.every((test) => test(client)) }
}

/** Collects the numbers from `from` on; the index after them, or the error. */
function readIds(args: Args, from: number, ids: Set<number>): number | string {
  let i = from
  for (; i < args.length; i++) {
    const id = args.integer(i)
    if (id === undefined) break
    if (id < 1) return 'ERR client-id should be greater than 0'
    ids.add(Number(id))
  }
  return i === from ? errors.syntax : i
}

/** The test of one option, or the error. Age and idle time cannot be negated. */
function testOf(node: Node, name: string, negated: boolean, args: Args, index: number): Test | string {
  const text = args.text(index)
  switch (name) {
    case 'TYPE': {
      const type = CLIENT_TYPES.get(text.toLowerCase())
      return type ? (client) => typeOfClient(client) === type : `ERR Unknown client type '${text}'`
    }
    case 'ADDR':
      return (client) => formatAddress(client.remote) === text
    case 'LADDR':
      return (client) => formatAddress(client.local) === text
    case 'IP':
      return (client) => client.remote.host === text
    case 'USER':
      return node.acl.user(text) ? (client) => client.user.name === text : `ERR No such user '${text}'`
    case 'NAME':
      return (client) => client.name !== '' && client.name === text
    case 'LIB-NAME':
      return (client) => client.libraryName !== '' && client.libraryName === text
    case 'LIB-VER':
      return (client) => client.libraryVersion !== '' && client.libraryVersion === text
    case 'DB':
      return databaseTest(node, args, index)
    case 'FLAGS':
      return lettersTest('flags', CLIENT_FLAGS, flagsOfClient, text, negated)
    case 'CAPA':
      return lettersTest('capa', 'r', (client) => client.capabilities, text, negated)
  }
  if (negated) return errors.syntax
  if (name === 'MAXAGE') return secondsTest(node, 'maxage', args, index, (client) => client.connectedAtMs)
  if (name === 'IDLE') return secondsTest(node, 'idle', args, index, (client) => client.lastCommandAtMs)
  return errors.syntax
}

function databaseTest(node: Node, args: Args, index: number): Test | string {
  const database = args.integer(index)
  if (database === undefined) return 'ERR DB is not an integer or out of range'
  const last = node.keyspace.count - 1
  if (database < 0 || database > last) return `ERR DB number should be between 0 and ${last}`
  return (client) => client.database === database
}

/** Every letter of `text` must be among the client's. */
function lettersTest(what: string, known: string, lettersOf: (client: Client) => string, text: string, negated: boolean): Test | string {
  const letters = [...text]
  if (letters.some((letter) => !known.includes(letter))) {
    return `ERR Unknown ${what} found in the ${negated ? `NOT-${what.toUpperCase()}` : 'provided'} filter: ${text}`
  }
  return (client) => {
    const own = lettersOf(client)
    return letters.every((letter) => own.includes(letter))
  }
}

/** At least so many seconds since an instant of the client. */
function secondsTest(node: Node, what: string, args: Args, index: number, sinceMs: (client: Client) => number): Test | string {
  const seconds = args.integer(index)
  if (seconds === undefined) return `ERR ${what} is not an integer or out of range`
  if (seconds < 1) return `ERR ${what} should be greater than 0`
  return (client) => Math.floor((node.now.wallMs - sinceMs(client)) / 1000) >= Number(seconds)
}

const CLIENT_TYPES: ReadonlyMap<string, ClientType> = new Map([
  ['normal', 'normal'],
  ['replica', 'replica'],
  ['slave', 'replica'],
  ['pubsub', 'pubsub'],
  ['primary', 'primary'],
  ['master', 'primary']
])
