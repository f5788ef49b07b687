import { chmodSync, rmSync } from 'node:fs'
import net from 'node:net'
import { PortInUseError } from './ports.ts'
import { systemText } from './system-text.ts'

/** Nothing can be listened to: the words of the reference, which ends with 1 after them. */
export class ListenError extends Error {}

/** One kind of thing that a node listens to: `tcp`, `tls`, `unix`, and the bus of a cluster. */
export type Listening = {
  readonly name: 'tcp' | 'tls' | 'unix' | 'cluster'
  /** 1..65535; of no meaning for `unix`. */
  readonly port: number
  readonly backlog: number
  readonly accept: (socket: net.Socket) => void
}

/** Codes of an address family that this machine does not have; an address of it is left out, as if it had a minus. */
const NO_SUCH_FAMILY = new Set(['ENOPROTOOPT', 'EPROTONOSUPPORT', 'ESOCKTNOSUPPORT', 'EPFNOSUPPORT', 'EAFNOSUPPORT'])

/**
 * Where a node listens. Addresses are those of the parameter `bind`: `*` is every one of IPv4, `::*` of IPv6, and one with a minus before
 * it may be missing on this machine (Valkey `listenToPort`).
 */
export class Listeners {
  /** What is listened to, each once. */
  readonly names = new Set<Listening['name']>()
  readonly #servers: net.Server[] = []
  readonly #log: (level: string, text: string) => void

  constructor(log: (level: string, text: string) => void) {
    this.#log = log
  }

  /** Listens at all addresses. Rejects with PortInUseError, or with ListenError for an address that is not ours. */
  async listen(bind: string, what: Listening): Promise<void> {
    for (const word of wordsOf(bind)) {
      const address = word.replace(/^-/, '')
      try {
        await this.#open({ ...placeOf(address), port: what.port }, what)
      } catch (error) {
        const { code = '' } = error as NodeJS.ErrnoException
        this.#log(
          'warning',
          `Warning: Could not create server TCP listening socket ${address}:${what.port}: ${systemText(error as NodeJS.ErrnoException)}`
        )
        if ((code === 'EADDRNOTAVAIL' && word !== address) || NO_SUCH_FAMILY.has(code)) continue
        if (code === 'EADDRINUSE') throw new PortInUseError(what.port)
        throw new ListenError(`Failed listening on port ${what.port} (${what.name}), aborting.`)
      }
    }
  }

  /** Listens at a path, whose file must be a socket that nobody holds or not there. `mode` 0: as the process makes files. */
  async listenAtPath(path: string, mode: number, what: Listening): Promise<void> {
    rmSync(path, { force: true })
    try {
      await this.#open({ path }, what)
      if (mode > 0) chmodSync(path, mode)
    } catch (error) {
      throw new ListenError(`Failed opening Unix socket: ${systemText(error as NodeJS.ErrnoException)}`)
    }
  }

  /** Resolves when the last connection that was accepted has ended. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))))
  }

  #open(place: net.ListenOptions, { backlog, accept, name }: Listening): Promise<void> {
    const server = net.createServer({ noDelay: name !== 'unix', pauseOnConnect: true }, accept)
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ ...place, backlog, exclusive: true }, () => {
        server.off('error', reject)
        server.on('error', (error) => this.#log('warning', `Accepting client connection (${name}): ${error.message}`))
        this.#servers.push(server)
        this.names.add(name)
        resolve()
      })
    })
  }
}

/** The addresses of a `bind`. */
export function wordsOf(bind: string): string[] {
  return bind.split(/\s+/).filter((word) => word !== '')
}

function placeOf(address: string): net.ListenOptions {
  if (address === '*') return { host: '0.0.0.0' }
  if (address === '::*') return { host: '::', ipv6Only: true }
  return address.includes(':') ? { host: address, ipv6Only: true } : { host: address }
}
