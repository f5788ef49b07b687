import net from 'node:net'

/** A port that was asked for is taken. */
export class PortInUseError extends Error {
  readonly port: number
  constructor(port: number) {
    super(`port ${port} is in use`)
    this.port = port
  }
}

/** Ports above this have no room for the bus port (client port + 10,000). */
export const HIGHEST_CLIENT_PORT = 55_535
export const HIGHEST_PORT = 65_535

/**
 * The first block of `count` client ports from `from` upward whose ports, and whose bus ports 10,000 above, are all free.
 * Another process may take one before we listen: whoever listens must be ready for PortInUseError.
 */
export async function freePortBlock(host: string, from: number, count: number): Promise<number> {
  for (let base = from; base + count - 1 <= HIGHEST_CLIENT_PORT; ) {
    const taken = await firstTaken(host, base, count)
    if (taken === undefined) return base
    base = taken + 1
  }
  throw new Error(`no block of ${count} free ports from ${from} on ${host}`)
}

/** The first client port of the block that is taken, or whose bus port is; undefined when all are free. */
export async function firstTaken(host: string, base: number, count: number): Promise<number | undefined> {
  for (let port = base; port < base + count; port++) {
    if (!(await isFree(host, port)) || !(await isFree(host, port + 10_000))) return port
  }
  return undefined
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
