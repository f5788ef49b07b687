import type { Client } from './client.ts'

/** WATCH: which clients' transactions a change breaks. */
export class Watches {
  /** A key changed. */
  touched(_database: number, _key: Uint8Array): void {}
  flushed(_database: number | 'all'): void {}
  /** UNWATCH, EXEC, DISCARD, or the client is gone. */
  forget(_client: Client): void {}
}
