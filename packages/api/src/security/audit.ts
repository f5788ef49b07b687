import { type FileHandle, open } from 'node:fs/promises'
import type { Actor, Verb } from './authorise.ts'

/** One line of the audit log. Fields come from the server only; of a client's input there is the address of its socket. */
export type AuditEntry = {
  readonly actor: Actor | null
  readonly peer: string
  readonly requestId: string
  readonly verb: Verb | 'log-in'
  /** e.g. `cluster main, plan 5f...`. */
  readonly resource: string
  /** `intended` is written before the effect; `done`, `failed` or `refused` after it. */
  readonly outcome: 'intended' | 'done' | 'failed' | 'refused'
  /** What exactly: commands, replies, the reason. Never a password or a token. */
  readonly detail?: unknown
}

/** Where the lines go. `record` resolves when the line is written; an effect must wait for its `intended` line. */
export interface Audit {
  record(entry: AuditEntry): Promise<void>
  close(): Promise<void>
}

/** Appends JSON lines to a file that only its owner can read. A line that cannot be written fails the action it stands for. */
export async function openAuditFile(path: string, now: () => number): Promise<Audit> {
  const file: FileHandle = await open(path, 'a', 0o600)
  let last: Promise<unknown> = Promise.resolve()
  return {
    record(entry) {
      const line = `${JSON.stringify({ at: new Date(now()).toISOString(), ...entry })}\n`
      const written = last.then(() => file.appendFile(line))
      // A failed line must not stop the next ones.
      last = written.catch(() => undefined)
      return written
    },
    async close() {
      await last
      await file.close()
    }
  }
}

/** Keeps nothing: without a file there is no audit. */
export const noAudit: Audit = { record: () => Promise.resolve(), close: () => Promise.resolve() }
