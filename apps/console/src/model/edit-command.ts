import { formatCount } from './format.ts'
import { quoted } from './typed-bytes.ts'
import type { EditRequest } from './value-edit.ts'

/** Further ids, members or fields are counted. */
const MOST_SHOWN = 3

/** The command that a change of a stream, of its groups or of a whole key is made with, as a person would type it. */
export function editCommand(request: EditRequest): string {
  const { kind, body } = request
  const key = quoted(body.key)
  switch (kind) {
    case 'stream-add':
      return `XADD ${key} ${body.id} ${some(body.fields.flat())}`
    case 'stream-delete':
      return `XDEL ${key} ${someIds(body.ids)}`
    case 'stream-ack':
      return `XACK ${key} ${quoted(body.group)} ${someIds(body.ids)}`
    case 'stream-group-create':
      return `XGROUP CREATE ${key} ${quoted(body.group)} ${body.startId}`
    case 'stream-group-start':
      return `XGROUP SETID ${key} ${quoted(body.group)} ${body.startId}`
    case 'stream-group-destroy':
      return `XGROUP DESTROY ${key} ${quoted(body.group)}`
    case 'stream-consumer-delete':
      return `XGROUP DELCONSUMER ${key} ${quoted(body.group)} ${quoted(body.consumer)}`
    case 'delete':
      return `UNLINK ${key}`
    case 'expiry':
      return body.deadlineMs === null ? `PERSIST ${key}` : `PEXPIREAT ${key} ${body.deadlineMs}`
    case 'rename':
      return `RENAMENX ${key} ${quoted(body.to)}`
    case 'copy':
      if (body.move) return `MOVE ${key} ${body.toDatabase}`
      return `COPY ${key} ${key} DB ${body.toDatabase}${body.replace ? ' REPLACE' : ''}`
    default:
      throw new Error(`${kind} says its command where its value is edited`)
  }
}

function some(words: readonly string[]): string {
  const shown = words.slice(0, 2 * MOST_SHOWN).map(quoted)
  return shown.length < words.length ? `${shown.join(' ')} … ${formatCount(words.length - shown.length)} more` : shown.join(' ')
}

function someIds(ids: readonly string[]): string {
  const shown = ids.slice(0, MOST_SHOWN)
  return shown.length < ids.length ? `${shown.join(' ')} … ${formatCount(ids.length - shown.length)} more` : shown.join(' ')
}
