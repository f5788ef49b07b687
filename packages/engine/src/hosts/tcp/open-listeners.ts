import type net from 'node:net'
import type { Config } from '../../core/config.ts'
import type { LinkKind } from '../../core/input.ts'
import { ListenError, type Listeners } from './listeners.ts'
import { parameterText } from './parameter-text.ts'
import { HIGHEST_PORT } from './ports.ts'
import type { SecureLinks } from './secure-links.ts'

export type OpenListeners = {
  readonly listeners: Listeners
  /** Has its certificates, if any are needed. */
  readonly secureLinks: SecureLinks
  readonly config: Config
  readonly bind: string
  /** The plain one; 0: there is none. */
  readonly port: number
  /** Undefined outside of a cluster. */
  readonly busPort: number | undefined
  /** Gets those who came plainly; those over TLS go by `secureLinks`. */
  readonly accept: (kind: LinkKind, socket: net.Socket) => void
}

/** Listens to everything that the configuration names. Rejects with ListenError or PortInUseError; what was opened before stays open. */
export async function openListeners({ listeners, secureLinks, config, bind, port, busPort, accept }: OpenListeners): Promise<void> {
  if (busPort !== undefined && busPort > HIGHEST_PORT) {
    throw new ListenError(
      'Valkey port number too high. Cluster communication port is 10,000 port numbers higher than your Valkey port. Your Valkey port number must be 55535 or less.'
    )
  }
  const backlog = config.number('tcp-backlog')
  const acceptClient = (socket: net.Socket) => accept('client', socket)
  if (port > 0) await listeners.listen(bind, { name: 'tcp', port, backlog, accept: acceptClient })
  const path = parameterText(config.text('unixsocket'))
  if (path !== '') {
    const mode = Number.parseInt(config.text('unixsocketperm'), 8)
    await listeners.listenAtPath(path, mode, { name: 'unix', port: 0, backlog, accept: acceptClient })
  }
  const tlsPort = config.number('tls-port')
  if (tlsPort > 0) {
    const shake = (socket: net.Socket) => secureLinks.accept('client', socket)
    await listeners.listen(bind, { name: 'tls', port: tlsPort, backlog, accept: shake })
  }
  if (busPort === undefined || listeners.names.size === 0) return
  const acceptNode = (socket: net.Socket) => (config.enabled('tls-cluster') ? secureLinks.accept('bus', socket) : accept('bus', socket))
  await listeners.listen(bind, { name: 'cluster', port: busPort, backlog, accept: acceptNode })
}
