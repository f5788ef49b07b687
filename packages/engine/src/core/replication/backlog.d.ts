/**
 * The last bytes of a replication stream, so that a replica whose link was cut can go on where it stood.
 *
 * Bytes are numbered from 1 on over the whole life of a stream: byte `n` is the one that made the offset `n`. The ring grows to
 * its limit only as bytes come, since most nodes of a small cluster never fill it.
 */
export declare class Backlog {
  #private
  /** `nextByte`: the number of the byte that will be appended first. */
  constructor(limitBytes: number, nextByte: number)
  get sizeBytes(): number
  get length(): number
  /** The number of the oldest byte held; of the next one when nothing is held. */
  get firstByte(): number
  /** Memory taken, for INFO. */
  get capacityBytes(): number
  append(bytes: Uint8Array): void
  /** Can a replica go on that wants this byte next? The byte after the last is none that is missing. */
  covers(wantedByte: number): boolean
  /** Everything from this byte on, which must be covered: a copy. */
  since(wantedByte: number): Uint8Array
}
//# sourceMappingURL=backlog.d.ts.map
