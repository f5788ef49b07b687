import type { Client } from '../client.ts'
import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'

/** All slot migration jobs of this node, and the pause that a hand-over needs. */
export class Migrations {
  readonly #node: Node
  /** Some export is under way: writes must be offered to `feed`. */
  exporting = false
  /** Some slots' writes are paused. */
  pausing = false
  /** FLUSH* must wait: a hand-over has been granted. */
  holdsFlush = false

  constructor(node: Node) {
    this.#node = node
  }

  pausesSlot(_slot: number): boolean {
    return false
  }

  feed(_database: number, _slot: number, _parts: readonly (Uint8Array | string)[]): void {}
  applyImported(_client: Client, _args: Args): void {
    void this.#node
  }
  flushed(): void {}
  cron(_run: number): void {}
  beforeSleep(): void {}
}
