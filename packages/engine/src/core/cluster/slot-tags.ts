import { crc16, SLOTS } from './slot.ts'

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** So many letters are enough for every slot. */
const MOST_LETTERS = 3

let tags: readonly string[] | undefined

/** A hash tag, without its braces, whose keys are in the slot: the shortest, and of those the first. */
export function tagOfSlot(slot: number): string {
  tags ??= makeTags()
  return tags[slot] as string
}

function makeTags(): readonly string[] {
  const found: string[] = new Array(SLOTS)
  const bytes = new Uint8Array(MOST_LETTERS)
  const fill = (length: number, at: number) => {
    for (let i = 0; i < LETTERS.length; i++) {
      bytes[at] = LETTERS.charCodeAt(i)
      if (at + 1 < length) fill(length, at + 1)
      else found[crc16(bytes, 0, length) % SLOTS] ??= String.fromCharCode(...bytes.subarray(0, length))
    }
  }
  for (let length = 1; length <= MOST_LETTERS; length++) fill(length, 0)
  return found
}
