import type { CommandReply, CommandResult } from '@slotscope/observer/stream'
import { isSecretSetting } from './secret-settings.ts'

const mask: CommandReply = { type: 'status', text: '(not shown)' }

/** The result of a command, without the passwords that CONFIG GET would tell. */
export function masked(name: string, result: CommandResult): CommandResult {
  return name === 'config|get' && result.reply !== null ? { ...result, reply: withoutSecrets(result.reply) } : result
}

function withoutSecrets(reply: CommandReply): CommandReply {
  if (reply.type === 'map')
    return { ...reply, entries: reply.entries.map(([key, value]) => [key, isSecret(key) ? shown(value) : value] as const) }
  // RESP2: names and values in turn.
  if (reply.type !== 'array') return reply
  const items = reply.items.map((item, index) => {
    const before = index % 2 === 1 ? reply.items[index - 1] : undefined
    return before !== undefined && isSecret(before) ? shown(item) : item
  })
  return { ...reply, items }
}

/** That there is none is no secret. */
function shown(value: CommandReply): CommandReply {
  return value.type === 'bytes' && value.size === 0 ? value : mask
}

function isSecret(key: CommandReply): boolean {
  return key.type === 'bytes' && isSecretSetting(Buffer.from(key.bytes, 'base64url').toString())
}
