/** How the bytes of a value are read. */
export type ValueForm = 'text' | 'json' | 'hex'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of bytes that are UTF-8 and free of control characters that a screen would swallow; null for anything else. */
export function plainText(bytes: Uint8Array): string | null {
  try {
    const text = strict.decode(bytes)
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) ? null : text
  } catch {
    return null
  }
}

/** The bytes as indented JSON, or null when they are not JSON. Numbers are kept as written: no digit of a 64-bit number is lost. */
export function indentedJson(bytes: Uint8Array): string | null {
  const text = plainText(bytes)
  if (text === null || !/^\s*[[{"\dtfn-]/.test(text)) return null
  try {
    JSON.parse(text)
  } catch {
    return null
  }
  return indent(text)
}

/** Lays out text that is known to be JSON; strings and numbers pass through letter by letter. */
function indent(text: string): string {
  let out = ''
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (inString) {
      out += character
      if (character === '\\') out += text[++at] ?? ''
      else if (character === '"') inString = false
      continue
    }
    if (character === '"') {
      inString = true
      out += character
    } else if (character === '{' || character === '[') {
      const rest = text.slice(at + 1).trimStart()
      if (rest.startsWith(character === '{' ? '}' : ']')) {
        out += character === '{' ? '{}' : '[]'
        at = text.indexOf(character === '{' ? '}' : ']', at)
      } else {
        depth += 1
        out += `${character}\n${'  '.repeat(depth)}`
      }
    } else if (character === '}' || character === ']') {
      depth -= 1
      out += `\n${'  '.repeat(depth)}${character}`
    } else if (character === ',') out += `,\n${'  '.repeat(depth)}`
    else if (character === ':') out += ': '
    else if (!/\s/.test(character)) out += character
  }
  return out
}

/** A classic dump: offset, `perRow` bytes (8 or 16), the same as characters. */
export function hexDump(bytes: Uint8Array, perRow: 8 | 16): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += perRow) {
    const row = Array.from(bytes.subarray(at, at + perRow))
    const codes = row.map((byte) => byte.toString(16).padStart(2, '0'))
    const columns = [codes.slice(0, 8), ...(perRow === 16 ? [codes.slice(8)] : [])].map((half) => half.join(' ').padEnd(23))
    const characters = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push([at.toString(16).padStart(perRow === 16 ? 8 : 6, '0'), ...columns, characters].join('  '))
  }
  return lines.join('\n')
}

/** The form that shows most of these bytes at first. */
export function bestForm(bytes: Uint8Array): ValueForm {
  const text = plainText(bytes)
  if (text === null) return 'hex'
  return /^\s*[[{]/.test(text) && indentedJson(bytes) !== null ? 'json' : 'text'
}
