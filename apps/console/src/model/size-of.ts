const sizes = new WeakMap<object, number>()

/** How many entries a part of the state has. It is asked at each message and each drawing, and counting thousands of names is not free. */
export function sizeOf(part: Readonly<Record<string, unknown>>): number {
  let size = sizes.get(part)
  if (size === undefined) {
    size = Object.keys(part).length
    sizes.set(part, size)
  }
  return size
}
