import type { ApiError, ApiErrorCode } from '@slotscope/observer/stream'

/**
 * Every failure that a caller of the api can meet, and its HTTP status. Nothing else decides a status: a handler throws
 * an `ApiFailure` with a code. Stale, expired and refused plans are all conflicts (409) with what is true now.
 */
export const apiErrors = {
  BAD_REQUEST: 400,
  NOT_LOGGED_IN: 401,
  LINK_USED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  PLAN_STALE: 409,
  PLAN_EXPIRED: 409,
  PLAN_REFUSED: 409,
  NOT_CONFIRMED: 409,
  CHANGED_MEANWHILE: 409,
  RECORDED: 409,
  TOO_MANY_REQUESTS: 429,
  INTERNAL: 500,
  SERVER_ERROR_REPLY: 502,
  CLUSTER_UNREACHABLE: 503
} as const satisfies Record<ApiErrorCode, number>

/** The answer to a request that cannot be met. `message` is shown to people: it has the server's own words where there are any. */
export class ApiFailure extends Error {
  readonly code: ApiErrorCode
  readonly details: unknown
  /** Differs from the table only for a foreign Host (421). */
  readonly status: number
  /** Seconds after which it is worth trying again. */
  readonly retryAfterSeconds: number | undefined

  constructor(code: ApiErrorCode, message: string, options: { details?: unknown; status?: number; retryAfterSeconds?: number } = {}) {
    super(message)
    this.code = code
    this.details = options.details
    this.status = options.status ?? apiErrors[code]
    this.retryAfterSeconds = options.retryAfterSeconds
  }

  toBody(): ApiError {
    return { error: this.code, message: this.message, ...(this.details === undefined ? {} : { details: this.details }) }
  }
}

/** The port that was asked for belongs to another process. `host` and `port` say which. */
export class PortInUseError extends Error {
  readonly host: string
  readonly port: number
  constructor(host: string, port: number) {
    super(`port ${port} on ${host} is in use by another process`)
    this.host = host
    this.port = port
  }
}

/** An option that cannot be honoured, in words for the one who started the api. */
export class OptionError extends Error {}
