/**
 * LZF, the compression of long RDB strings: runs of literal bytes and references to earlier output.
 *
 * A control byte below 32 announces that many literals plus one. Otherwise its upper three bits are the length of a
 * reference (7: one more byte follows) plus two, and its lower five with the next byte the distance back minus one.
 *
 * Returns undefined when the input is damaged or does not make exactly `length` bytes.
 */
export function decompressLzf(input: Uint8Array, length: number): Uint8Array | undefined {
  // Three bytes make 264 at most, so a false length is refused before memory is taken for it.
  if (length > input.length * 88) return undefined
  const output = new Uint8Array(length)
  let from = 0
  let to = 0
  while (from < input.length) {
    const control = input[from++] as number
    if (control < 32) {
      const end = from + control + 1
      if (end > input.length || to + control + 1 > length) return undefined
      while (from < end) output[to++] = input[from++] as number
      continue
    }
    let count = control >>> 5
    if (count === 7) {
      if (from >= input.length) return undefined
      count += input[from++] as number
    }
    count += 2
    if (from >= input.length) return undefined
    let source = to - (((control & 31) << 8) | (input[from++] as number)) - 1
    if (source < 0 || to + count > length) return undefined
    // Byte by byte: a reference may overlap what it writes, which is how runs are told.
    for (const end = to + count; to < end; ) output[to++] = output[source++] as number
  }
  return to === length ? output : undefined
}
