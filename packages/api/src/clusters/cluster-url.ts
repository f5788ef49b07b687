import type { NodeAddress } from '@slotscope/observer'
import { OptionError } from '../errors.ts'

/** What a connection URL says. Its text is never kept, since it may hold a password. */
export type ClusterUrl = {
  readonly seed: NodeAddress
  readonly username: string | undefined
  readonly password: string | undefined
  readonly tls: boolean
}

const schemes: Readonly<Record<string, boolean>> = { 'valkey:': false, 'redis:': false, 'valkeys:': true, 'rediss:': true }

/**
 * Reads `valkey://user:password@host:port` (also `redis://`; `valkeys://` and `rediss://` mean TLS). Without a port it is 6379.
 * Throws `OptionError` that never repeats the user name or the password.
 */
export function parseClusterUrl(text: string): ClusterUrl {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new OptionError('the address of the cluster must look like valkey://host:port')
  }
  const tls = schemes[url.protocol]
  if (tls === undefined) throw new OptionError(`"${url.protocol}//" is not known: use valkey://, redis://, valkeys:// or rediss://`)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (host === '') throw new OptionError('the address of the cluster has no host')
  if (url.pathname !== '' && url.pathname !== '/')
    throw new OptionError('the address of the cluster takes no path: every database is shown, choose one on screen')
  if (url.search !== '' || url.hash !== '') throw new OptionError('the address of the cluster takes no "?" and no "#"')
  return {
    seed: { host, port: url.port === '' ? 6379 : Number(url.port) },
    username: url.username === '' ? undefined : decoded(url.username),
    password: url.password === '' ? undefined : decoded(url.password),
    tls
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new OptionError('the user name or password in the address has a "%" that is not followed by two hex digits: write it as %25')
  }
}
