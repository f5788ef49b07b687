import { isSecretSetting } from '../commands/secret-settings.ts'

const mask = Buffer.from('(redacted)')

/**
 * The words of a command without what lets somebody in. Servers redact their logs themselves (Valkey `redactClientCommandArgument`); one that
 * does not, because it is older or another, must not make us tell.
 */
export function maskedArguments(words: readonly Uint8Array[]): readonly Uint8Array[] {
  const texts = words.map((word) => Buffer.from(word.buffer, word.byteOffset, word.byteLength).toString('latin1'))
  return words.map((word, at) => (isSecretWord(texts, at) ? mask : word))
}

/** `at` is the place of a word in its command, the name being 0. */
function isSecretWord(words: readonly string[], at: number): boolean {
  const [name = '', sub = ''] = words.map((word) => word.toLowerCase())
  const upper = (index: number) => words[index]?.toUpperCase()
  switch (name) {
    case 'auth':
      return at > 0
    case 'hello':
      return upper(at - 1) === 'AUTH' || upper(at - 2) === 'AUTH'
    case 'migrate':
      return upper(at - 1) === 'AUTH' || upper(at - 1) === 'AUTH2' || upper(at - 2) === 'AUTH2'
    case 'acl':
      return sub === 'setuser' && at > 1
    case 'config':
      return sub === 'set' && at > 2 && at % 2 === 1 && isSecretSetting(words[at - 1] ?? '')
    default:
      return false
  }
}
