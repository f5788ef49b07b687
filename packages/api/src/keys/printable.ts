import type { Command } from '@slotscope/observer'

/** Longer arguments are cut for people: the command was sent whole. */
const MOST_BYTES = 512

/** A command as text for people: every byte that is not printable ASCII is `\xNN`, long arguments are cut and their size is said. */
export function printable(command: Command): string[] {
  return command.map((arg) => (typeof arg === 'string' ? arg : printableBytes(arg)))
}

export function printableBytes(bytes: Uint8Array): string {
  const shown = bytes.length > MOST_BYTES ? bytes.subarray(0, MOST_BYTES) : bytes
  const text = [...shown]
    .map((byte) => (byte >= 0x20 && byte < 0x7f && byte !== 0x5c ? String.fromCharCode(byte) : `\\x${hex(byte)}`))
    .join('')
  return bytes.length > MOST_BYTES ? `${text}... (${bytes.length} bytes)` : text
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
