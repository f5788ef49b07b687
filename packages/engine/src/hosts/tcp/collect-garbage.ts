import v8 from 'node:v8'
import vm from 'node:vm'

/** So much must have been let go of, in bytes, before it is worth a pause of some milliseconds. */
const WORTH_BYTES = 16 * 1_048_576

/**
 * Has V8 give back memory that a node let go of. Slabs are large and lie outside of V8's heap, so letting go of them is nothing that
 * makes V8 collect: a node that is idle after its keys have gone would keep them for ever.
 */
export class GarbageCall {
  #collectedBytes = 0
  #collect: (() => void) | undefined

  /** `releasedBytes`: what was let go of since the start. */
  review(releasedBytes: number): void {
    if (releasedBytes - this.#collectedBytes < WORTH_BYTES) return
    this.#collectedBytes = releasedBytes
    this.#collect ??= findCollector()
    this.#collect()
  }
}

/** Node's documented way to the collector without a command-line flag; it does nothing where that is closed. */
function findCollector(): () => void {
  v8.setFlagsFromString('--expose-gc')
  const found: unknown = vm.runInNewContext("typeof gc === 'function' ? gc : undefined")
  return typeof found === 'function' ? () => found() : () => {}
}
