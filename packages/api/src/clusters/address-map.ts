import type { NodeAddress } from '@slotscope/observer'

/**
 * From an address as the cluster announces it to where it can be reached from here (NAT, Docker, tunnels): `host:port` to `host:port`, or
 * `host` to `host` for every port of it. A key with a port wins.
 */
export type AddressMap = Readonly<Record<string, string>>

/** Where to connect to for an announced address; the address itself where the map has nothing to say. */
export function mapAddress(map: AddressMap | undefined, { host, port, hostname }: NodeAddress): NodeAddress {
  for (const name of hostname === undefined ? [host] : [host, hostname]) {
    const target = own(map, formatAddress({ host: name, port })) ?? own(map, name)
    if (target !== undefined) return parseAddress(target, port) ?? { host, port }
  }
  return { host, port }
}

/** `[::1]:7000`, `127.0.0.1:7000`. */
export function formatAddress({ host, port }: NodeAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Reads `host:port`, `[ipv6]:port`, and a host alone, whose port is `defaultPort`. Undefined for anything else. */
export function parseAddress(text: string, defaultPort: number): NodeAddress | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([^\s:/?#@[\]]+))(?::(\d{1,5}))?$/.exec(text)
  // An IPv6 address alone needs no brackets.
  const bare = match === null && /^[0-9A-Fa-f]*:[0-9A-Fa-f:.]+$/.test(text) ? text : undefined
  const host = bare ?? match?.[1] ?? match?.[2]
  const port = match?.[3] === undefined ? defaultPort : Number(match[3])
  return host === undefined || host.length > 253 || port < 1 || port > 65_535 ? undefined : { host, port }
}

function own(map: AddressMap | undefined, key: string): string | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined
}
