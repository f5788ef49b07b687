/** What may happen to a node: the whole of its world. Each case is one sentence; a host feeds one at a time. */

/** `wallMs`: unix milliseconds, for deadlines of keys and fields. `monotonicMs`: for timers, pauses and leases. */
export type Now = { readonly wallMs: number; readonly monotonicMs: number }

/** Names a connection for its whole life. Hosts give even numbers to accepted links, nodes odd ones to those they open. */
export type LinkId = number

export type LinkKind = 'client' | 'bus'

export type Endpoint = { readonly host: string; readonly port: number }

/** Of this machine: an address that leads back to it, or a socket in its file system, which has no port. */
export function isLoopback({ host, port }: Endpoint): boolean {
  return port === 0 || host === '::1' || host.startsWith('127.')
}

/** As clients are named to people: `host:port`, IPv6 in brackets. */
export function formatAddress({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

export type Input =
  /** The first input of a node's life: the host listens, and these files were found (undefined: none). */
  | { readonly type: 'started'; readonly files: { readonly [name in FileName]?: Uint8Array | undefined } }
  /** Somebody connected to our client or bus port. */
  | {
      readonly type: 'linkAccepted'
      readonly link: LinkId
      readonly kind: LinkKind
      readonly remote: Endpoint
      readonly local: Endpoint
      /** Over TLS; absent: plainly. */
      readonly secure?: boolean
    }
  /** A link that we asked for by `connect` is open. */
  | { readonly type: 'linkConnected'; readonly link: LinkId; readonly local: Endpoint; readonly remote: Endpoint }
  /** Bytes arrived; they are valid during this step only. */
  | { readonly type: 'linkBytes'; readonly link: LinkId; readonly bytes: Uint8Array }
  /** All but `unsentBytes` of what was sent with `acknowledge` has left us. */
  | { readonly type: 'linkDrained'; readonly link: LinkId; readonly unsentBytes: number }
  /** The link is gone, or could not be opened; `reason` is the system's text, empty for an orderly end. */
  | { readonly type: 'linkClosed'; readonly link: LinkId; readonly reason: string }
  /** The time that the last `wake` effect asked for has come. */
  | { readonly type: 'woken' }
  /** A file is written (durably, if that was asked), or could not be: then `error` says why. */
  | { readonly type: 'saved'; readonly file: FileName; readonly error: string | undefined }
  /** Figures that only a host knows: resident memory in bytes, processor time in microseconds, user and system. */
  | { readonly type: 'hostFigures'; readonly residentBytes: number; readonly userUs: number; readonly systemUs: number }

/** Files are named by what they are; the host knows the paths. */
export type FileName = 'nodes.conf'
