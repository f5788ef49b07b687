import type { FileName, LinkId, LinkKind } from './input.ts'

/** What a host must do after a step, in this order. */
export type Effect =
  /** Open a link, over TLS if `secure`; the answer is `linkConnected` or `linkClosed`. */
  | {
      readonly type: 'connect'
      readonly link: LinkId
      readonly kind: LinkKind
      readonly host: string
      readonly port: number
      readonly secure: boolean
    }
  /** Send bytes, which are valid until the node's next step. With `acknowledge` the host answers by `linkDrained`. */
  | { readonly type: 'send'; readonly link: LinkId; readonly bytes: Uint8Array; readonly acknowledge: boolean }
  /** End a link after what was sent; no `linkClosed` follows. */
  | { readonly type: 'close'; readonly link: LinkId }
  /** Stop feeding this link's bytes (the peer is slowed down by its own socket), or go on. */
  | { readonly type: 'pauseReading'; readonly link: LinkId }
  | { readonly type: 'resumeReading'; readonly link: LinkId }
  /** Replace a file. A durable save holds back every effect after it until it is on disk. Answer: `saved`. */
  | { readonly type: 'save'; readonly file: FileName; readonly bytes: Uint8Array; readonly durable: boolean }
  /** Feed `woken` at this monotonic time, or at once if it has passed. It replaces the last wish. */
  | { readonly type: 'wake'; readonly atMonotonicMs: number }
  | { readonly type: 'log'; readonly level: LogLevel; readonly text: string }
  /** The node ends itself (SHUTDOWN, or a state it must not go on from); the host closes everything. */
  | { readonly type: 'stop'; readonly exitCode: number }

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning'
