/** A claim that only a programming error can break. The node dies; the simulator prints seed and inputs. */
export function assert(claim: boolean, message: string): asserts claim {
  if (!claim) throw new Error(`assertion failed: ${message}`)
}

/** The branch that the type checker proves cannot be reached. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`)
}
