/** Does the work for all items, so many at once, and the next when those are done. Results in the items' order; the first that rejects ends it. */
export async function inTurns<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<R>
): Promise<readonly R[]> {
  const results: R[] = []
  for (let from = 0; from < items.length; from += atOnce)
    results.push(...(await Promise.all(items.slice(from, from + atOnce).map((item, at) => work(item, from + at)))))
  return results
}
