import type { ApiError, ApiErrorCode } from '@slotscope/observer/stream'

/** An answer of the api that is not a success. `code` is the api's own, or `UNREACHABLE` when nothing answered. */
export class ApiFailure extends Error {
  readonly code: ApiErrorCode | 'UNREACHABLE'
  readonly status: number
  readonly details: unknown

  constructor(code: ApiErrorCode | 'UNREACHABLE', message: string, status: number, details?: unknown) {
    super(message)
    this.name = 'ApiFailure'
    this.code = code
    this.status = status
    this.details = details
  }
}

type Listener = () => void
const loggedOutListeners = new Set<Listener>()

/** Calls `listener` whenever the api answers that nobody is logged in. Returns how to stop. */
export function onLoggedOut(listener: Listener): () => void {
  loggedOutListeners.add(listener)
  return () => loggedOutListeners.delete(listener)
}

/** GET. Throws `ApiFailure`. */
export function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>('GET', path, undefined, signal)
}

/** GET of JSON lines. Throws `ApiFailure`. */
export async function askLines<T>(path: string): Promise<readonly T[]> {
  const text = await send('GET', path, undefined, undefined)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}

/** POST with a JSON body. Throws `ApiFailure`. */
export function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return request<T>('POST', path, body, signal)
}

/** PUT with a JSON body. Throws `ApiFailure`. */
export function put<T>(path: string, body: unknown): Promise<T> {
  return request<T>('PUT', path, body)
}

/** DELETE, with a JSON body where the route takes one. Throws `ApiFailure`. */
export function remove(path: string, body: unknown = {}): Promise<void> {
  return request<void>('DELETE', path, body)
}

let unchangeable: string | null = null

/**
 * While the past is shown nothing is asked of the living cluster and nothing of it is changed: an answer of now would stand beside a picture
 * of then. Null: it may be again.
 */
export function refuseQuestions(reason: string | null): void {
  unchangeable = reason
}

async function request<T>(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  if (unchangeable !== null && path.startsWith('/api/clusters/') && !/^\/api\/clusters\/[^/]+\/(recording|playback)(\/|$|\?)/.test(path))
    throw new ApiFailure('RECORDED', unchangeable, 409)
  const text = await send(method, path, body, signal)
  return (text === '' ? undefined : readJson(text)) as T
}

/** The text of the answer. */
async function send(method: string, path: string, body: unknown, signal: AbortSignal | undefined): Promise<string> {
  const init: RequestInit = { method, credentials: 'same-origin', headers: { accept: 'application/json' } }
  if (body !== undefined) {
    init.headers = { accept: 'application/json', 'content-type': 'application/json', 'x-slotscope': '1' }
    init.body = JSON.stringify(body)
  }
  if (signal) init.signal = signal
  return textOf(fetch(path, init))
}

/** What an answer that was asked for elsewhere says. Throws `ApiFailure`. */
export async function answerOf<T>(asked: Promise<Response>): Promise<T> {
  return readJson(await textOf(asked)) as T
}

async function textOf(asked: Promise<Response>): Promise<string> {
  let response: Response
  try {
    response = await asked
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiFailure('UNREACHABLE', 'Slotscope does not answer. Is it still running?', 0)
  }
  const text = await response.text()
  if (response.ok) return text
  const failure = toFailure(text === '' ? undefined : readJson(text), response)
  if (failure.code === 'NOT_LOGGED_IN') for (const listener of loggedOutListeners) listener()
  throw failure
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function toFailure(parsed: unknown, response: Response): ApiFailure {
  if (isApiError(parsed)) return new ApiFailure(parsed.error, parsed.message, response.status, parsed.details)
  return new ApiFailure(response.status === 401 ? 'NOT_LOGGED_IN' : 'INTERNAL', `The server answered ${response.status}.`, response.status)
}

function isApiError(value: unknown): value is ApiError {
  return typeof value === 'object' && value !== null && 'error' in value && 'message' in value && typeof value.message === 'string'
}

/** The words of any thrown thing, for a person. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
