import type { SessionAnswer } from '@slotscope/observer/stream'

declare global {
  interface Window {
    slotscopeEarly?: Early
  }
}

/** What `begin.ts` has begun before the rest of the page was there. Each part is for one taker. */
type Early = {
  /** Who is there: the answer, once it has come and is one; before, or when it is a refusal, the request. */
  session: Promise<Response> | SessionAnswer | undefined
  stream: EarlyStream | undefined
}

/** A stream that was opened before there was anybody to read it. */
export type EarlyStream = {
  /** Of which cluster, as the path of its address. */
  readonly path: string
  /** Null until its ticket has come. */
  readonly socket: WebSocket | null
  /** Browser clock when the socket was asked for, milliseconds. */
  readonly askedAtMs: number
  /** What has come on it since, oldest first. */
  readonly frames: readonly (string | ArrayBuffer)[]
  /** Settles when there is a socket, or will be none. It never fails. */
  readonly opened: Promise<void>
}

/** Undefined outside of a page, where nothing begins early. */
function begun(): Early | undefined {
  return typeof window === 'undefined' ? undefined : window.slotscopeEarly
}

/** Who is there, if it is known already. */
export function sessionAtHand(): SessionAnswer | null {
  const session = begun()?.session
  return session === undefined || session instanceof Promise ? null : session
}

/** The request that asks who is there, once; undefined when it was taken or has been answered. */
export function takeSessionRequest(): Promise<Response> | undefined {
  const early = begun()
  const session = early?.session
  if (early) early.session = undefined
  return session instanceof Promise ? session : undefined
}

/** The stream of a path, if it was begun and nobody has taken it. */
export function streamAtHand(path: string): EarlyStream | null {
  const stream = begun()?.stream
  return stream?.path === path ? stream : null
}

/** True for the first who takes it: the socket, its frames and its end are theirs then. */
export function takeStream(stream: EarlyStream): boolean {
  const early = begun()
  if (early === undefined || early.stream !== stream) return false
  early.stream = undefined
  return true
}
