import type { NodeAddress } from '@slotscope/observer'
import type { ClusterProfile, ProfileRequest } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { type ClusterOptions, type ClusterTls, checkCluster } from '../config.ts'
import { ApiFailure, OptionError } from '../errors.ts'
import { closed } from '../routes/schemas.ts'
import { formatAddress, parseAddress } from './address-map.ts'

/** Valkey's own port, where an address has none. */
const DEFAULT_PORT = 6_379

export const clusterId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' })
const text = (maxLength: number) => Type.String({ maxLength })
const orNone = (maxLength: number) => Type.Union([text(maxLength), Type.Null()])
/** A chain of certificates is some kilobytes. */
const pem = orNone(100_000)

/** What profiles have in common, wherever they stand. */
export const profileFields = {
  id: clusterId,
  name: Type.String({ minLength: 1, maxLength: 100 }),
  seeds: Type.Array(text(300), { minItems: 1, maxItems: 64 }),
  username: orNone(256),
  addressMap: Type.Record(text(300), text(300), { maxProperties: 4_096 }),
  readOnly: Type.Boolean(),
  background: Type.Union([Type.Literal('off'), Type.Literal('light'), Type.Literal('full')])
}

/** The body of a request that makes or changes a profile. */
export const profileRequest = closed({
  ...profileFields,
  password: Type.Optional(orNone(4_096)),
  tls: Type.Union([Type.Null(), closed({ ca: pem, cert: pem, key: Type.Optional(pem), servername: orNone(253) })])
})

/** What is told of a cluster's profile: whether there are secrets, never the secrets. */
export function profileOf(options: ClusterOptions): ClusterProfile {
  const { id, name, seeds, username, password, tls = false, addressMap = {}, origin = 'command-line' } = options
  const { readOnly = false, background = 'light' } = options
  const { ca = null, cert = null, key, servername = null } = typeof tls === 'object' ? tls : {}
  return {
    id,
    name,
    origin,
    seeds: seeds.map(formatAddress),
    username: username ?? null,
    hasPassword: password !== undefined,
    tls: tls === false ? null : { ca, cert, hasKey: key !== undefined, servername },
    addressMap,
    readOnly,
    background
  }
}

/**
 * The options that a request asks for. Secrets that it leaves out are those of `before`, unless they would go to other places than until
 * now: whoever may change a profile must not learn its password by leading it to a server of theirs. Throws `BAD_REQUEST` in words.
 */
export function requestedOptions(request: ProfileRequest, before: ClusterOptions | undefined): ClusterOptions {
  const options = inRequest(() => {
    const seeds = request.seeds.map((seed) => addressOf(seed, 'seed'))
    for (const [from, to] of Object.entries(request.addressMap)) {
      addressOf(from, 'announced address')
      addressOf(to, 'mapped address')
    }
    const { id, name, username, addressMap, readOnly, background, tls } = request
    return {
      id,
      name,
      kind: 'connected',
      origin: 'screen',
      seeds,
      username: username ?? undefined,
      addressMap,
      readOnly,
      background,
      tls: tlsOf(tls)
    } as const
  })
  const wantsOld = request.password === undefined || (request.tls !== null && request.tls.key === undefined)
  const oldTls = typeof before?.tls === 'object' ? before.tls : undefined
  const hasOld = before !== undefined && (before.password !== undefined || oldTls?.key !== undefined)
  if (wantsOld && hasOld && placesOf(options) !== placesOf(before))
    throw new ApiFailure('BAD_REQUEST', 'where this profile leads has changed: type its password (and paste its key) again')
  const password = request.password === undefined ? before?.password : request.password || undefined
  const key = request.tls?.key === undefined ? oldTls?.key : request.tls?.key || undefined
  const complete = {
    ...options,
    ...(password === undefined ? {} : { password }),
    tls: typeof options.tls === 'object' && key !== undefined ? { ...options.tls, key } : options.tls
  }
  inRequest(() => checkCluster(complete))
  return complete
}

/** Everything that decides to whom the secrets of a profile are shown. */
export function placesOf({ id, seeds, username, tls = false, addressMap = {} }: ClusterOptions): string {
  const { ca, cert, servername } = typeof tls === 'object' ? tls : {}
  const map = Object.entries(addressMap).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([id, seeds.map(formatAddress).sort(), username, tls !== false, ca, cert, servername, map])
}

/** Throws `OptionError` for what is no address. */
export function addressOf(words: string, what: string): NodeAddress {
  const address = parseAddress(words.trim(), DEFAULT_PORT)
  if (address === undefined)
    throw new OptionError(`"${words}" is no ${what}: it takes host:port, as valkey-1.example.com:6379 or [::1]:6379`)
  return address
}

function tlsOf(tls: ProfileRequest['tls']): false | ClusterTls {
  if (tls === null) return false
  const { ca, cert, servername } = tls
  return {
    ...(ca === null || ca === '' ? {} : { ca }),
    ...(cert === null || cert === '' ? {} : { cert }),
    ...(servername === null || servername === '' ? {} : { servername })
  }
}

function inRequest<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof OptionError ? new ApiFailure('BAD_REQUEST', error.message) : error
  }
}
