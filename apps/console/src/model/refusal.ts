/** What a server refused, and the ACL rule that would allow it; null rule: the server did not say enough. */
export type Refusal = { readonly words: string; readonly rule: string | null }

/**
 * Reads the words of a `NOPERM` error (acl.c, getAclErrorMessage). Null: the text is no refusal by access rules.
 */
export function readRefusal(message: string): Refusal | null {
  const at = message.indexOf('NOPERM')
  if (at < 0) return null
  const words = message.slice(at)
  const command = /run the '([^']+)' command/i.exec(words)?.[1]
  if (command !== undefined) return { words, rule: `+${command.toLowerCase()}` }
  if (/access a key|one of the keys/i.test(words)) return { words, rule: '%R~<pattern>' }
  if (/database/i.test(words)) return { words, rule: 'db=<number> or alldbs' }
  return { words, rule: null }
}
