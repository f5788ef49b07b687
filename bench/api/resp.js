// The wire format, as far as a server needs it: commands in, replies out.

/**
 * Takes whole commands off the front of what was received.
 *
 * @param {string} text bytes as latin1
 * @returns {{ commands: string[][], rest: string }}
 */
export function takeCommands(text) {
  /** @type {string[][]} */
  const commands = []
  let at = 0
  for (;;) {
    const command = commandAt(text, at)
    if (command === undefined) return { commands, rest: text.slice(at) }
    commands.push(command.words)
    at = command.end
  }
}

/**
 * @param {string} text
 * @param {number} start
 * @returns {{ words: string[], end: number } | undefined} undefined: more must come
 */
function commandAt(text, start) {
  const header = text.indexOf('\r\n', start)
  if (header < 0) return undefined
  if (text[start] !== '*') throw new Error('a command is an array of bulk strings')
  const count = Number(text.slice(start + 1, header))
  const words = []
  let at = header + 2
  for (let i = 0; i < count; i++) {
    const end = text.indexOf('\r\n', at)
    if (end < 0) return undefined
    const length = Number(text.slice(at + 1, end))
    if (text.length < end + 2 + length + 2) return undefined
    words.push(text.slice(end + 2, end + 2 + length))
    at = end + 4 + length
  }
  return { words, end: at }
}

/** @param {string} text */
export const bulk = (text) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`

/** @param {number} value */
export const integer = (value) => `:${value}\r\n`

/** @param {readonly string[]} encoded */
export const array = (encoded) => `*${encoded.length}\r\n${encoded.join('')}`

/** @param {readonly (readonly [string, string])[]} entries values are encoded already */
export const map = (entries) => `%${entries.length}\r\n${entries.map(([name, value]) => bulk(name) + value).join('')}`
