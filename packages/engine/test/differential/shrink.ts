/**
 * A short sequence that still fails, by taking away ever smaller pieces (delta debugging). `fails` runs a sequence from the
 * beginning; of a sequence that fails, what is behind the failure has been left out already.
 */
export async function shrink<T>(steps: readonly T[], fails: (steps: readonly T[]) => Promise<boolean>): Promise<readonly T[]> {
  let kept = await shortestEnd(steps, fails)
  for (let pieces = 2; kept.length > 1; ) {
    const size = Math.ceil(kept.length / pieces)
    let shorter: readonly T[] | undefined
    // From the end of the beginning: what a failure needs is mostly near it.
    for (let start = Math.max(0, kept.length - size); shorter === undefined; start = Math.max(0, start - size)) {
      const without = [...kept.slice(0, start), ...kept.slice(start + size)]
      if (without.length > 0 && (await fails(without))) shorter = without
      if (start === 0) break
    }
    if (shorter) {
      kept = shorter
      pieces = Math.max(2, pieces - 1)
    } else if (size === 1) break
    else pieces = Math.min(kept.length, pieces * 2)
  }
  return kept
}

async function shortestEnd<T>(steps: readonly T[], fails: (steps: readonly T[]) => Promise<boolean>): Promise<readonly T[]> {
  for (let length = 4; length < steps.length; length *= 4) {
    const end = steps.slice(-length)
    if (await fails(end)) return end
  }
  return steps
}
