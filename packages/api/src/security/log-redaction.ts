import type { LogLevel } from '../config.ts'

const REDACTED = '[redacted]'
/** Shorter words stand in lines by chance. */
const SHORTEST_SECRET = 6

/** Fields that never have a place in a line, in an object that is logged or one level below. */
const secretFields = ['password', 'token', 'secret', 'cookie', 'authorization', 'ticket', 'nonce', 'passphrase', 'key']

/** Takes secrets out of log lines, whatever way they came in. */
export class LogRedaction {
  readonly #secrets = new Set<string>()

  /** From now on this word does not appear. */
  hide(secret: string | undefined): void {
    if (secret === undefined || secret.length < SHORTEST_SECRET) return
    this.#secrets.add(secret)
    // As it stands in a line of JSON, or in an address.
    this.#secrets.add(JSON.stringify(secret).slice(1, -1))
    this.#secrets.add(encodeURIComponent(secret))
  }

  scrub(line: string): string {
    let scrubbed = line
    for (const secret of this.#secrets) if (scrubbed.includes(secret)) scrubbed = scrubbed.replaceAll(secret, REDACTED)
    return scrubbed
  }
}

/** A logger of one JSON object per line: `level` as a word, `time` in ISO 8601, `msg`, and what belongs to it. */
export function loggerOptions(level: LogLevel, to: { write(line: string): unknown }, redaction: LogRedaction) {
  return {
    level,
    base: null,
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    serializers: { err: errorOf },
    redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: REDACTED },
    stream: { write: (line: string) => void to.write(redaction.scrub(line)) }
  }
}

/** Of an error its words and its place only: libraries hang commands and options on it, with what was in them. */
function errorOf(error: unknown) {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error), stack: '' }
  return { type: error.name, message: error.message, stack: error.stack ?? '' }
}
