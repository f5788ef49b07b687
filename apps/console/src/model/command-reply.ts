import type { CommandReply } from '@slotscope/observer/stream'
import { fromBase64Url, readableBytes } from './bytes.ts'
import { formatCount } from './format.ts'

/** A reply as text for people, in the forms of valkey-cli: numbered elements, quoted texts, `=>` in maps. What was cut says so. */
export function replyText(reply: CommandReply): string {
  return linesOf(reply).join('\n')
}

function linesOf(reply: CommandReply): readonly string[] {
  switch (reply.type) {
    case 'status':
      return [reply.text]
    case 'error':
      return [`(error) ${reply.message}`]
    case 'integer':
    case 'double':
    case 'big-number':
      return [`(${reply.type === 'big-number' ? 'big number' : reply.type}) ${reply.value}`]
    case 'boolean':
      return [`(${reply.value})`]
    case 'null':
      return ['(nil)']
    case 'bytes':
      return textLines(reply.bytes, reply.size)
    case 'verbatim':
      return [
        ...new TextDecoder()
          .decode(fromBase64Url(reply.bytes))
          .replace(/\r?\n$/, '')
          .split(/\r?\n/),
        ...cutLine(reply)
      ]
    case 'map': {
      if (reply.size === 0) return ['(empty map)']
      const width = String(reply.size).length
      const rows = reply.entries.flatMap(([key, value], index) => {
        const [first = '', ...rest] = linesOf(value)
        const head = `${String(index + 1).padStart(width)}# ${linesOf(key).join(' ')} =>`
        return rest.length === 0 ? [`${head} ${first}`] : [head, ...[first, ...rest].map((line) => indent(line, width + 5))]
      })
      return [...rows, ...missing(reply.entries.length, reply.size, 'entries')]
    }
    default: {
      const { items, size, type } = reply
      if (size === 0) return [`(empty ${type})`]
      const width = String(size).length
      const mark = type === 'set' ? '~' : type === 'push' ? '>' : ')'
      const rows = items.flatMap((item, index) =>
        linesOf(item).map((line, at) => (at === 0 ? `${String(index + 1).padStart(width)}${mark} ${line}` : indent(line, width + 2)))
      )
      return [...rows, ...missing(items.length, size, 'elements')]
    }
  }
}

/** INFO and its like are several lines of text, and read as such; everything else stands in quotes. */
function textLines(base64: string, size: number): readonly string[] {
  const bytes = fromBase64Url(base64)
  const text = readableBytes(bytes)
  const cut = cutLine({ bytes: base64, size })
  if (text.includes('\\r\\n') && !text.includes('\\x'))
    return [
      ...new TextDecoder()
        .decode(bytes)
        .replace(/(\r?\n)+$/, '')
        .split(/\r?\n/),
      ...cut
    ]
  return [`"${text.replaceAll('"', '\\"')}"`, ...cut]
}

function cutLine({ bytes, size }: { readonly bytes: string; readonly size: number }): readonly string[] {
  const kept = Math.floor((bytes.length * 3) / 4)
  return kept < size ? [`(cut: ${formatCount(kept)} of ${formatCount(size)} bytes)`] : []
}

function missing(kept: number, size: number, what: string): readonly string[] {
  return kept < size ? [`(cut: ${formatCount(kept)} of ${formatCount(size)} ${what})`] : []
}

function indent(line: string, by: number): string {
  return ' '.repeat(by) + line
}
