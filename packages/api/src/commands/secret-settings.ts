/** Settings whose values let somebody in, or help to: CONFIG GET answers them in the clear. */
const secret = /^(requirepass|masterauth|primaryauth|hash-seed|.*-pass|.*password.*|.*secret.*)$/

/** True for a setting whose value nobody is told, in upper or lower case. */
export function isSecretSetting(name: string): boolean {
  return secret.test(name.toLowerCase())
}
