import type { Config } from '../config.ts'

/** What a node says to log in at another: `primaryauth`, of `primaryuser` if one is named; undefined when no password is set. */
export function loginOf(config: Config): readonly [name: 'AUTH', ...words: string[]] | undefined {
  const password = config.text('primaryauth')
  if (password === '') return undefined
  const user = config.text('primaryuser')
  return user === '' ? ['AUTH', password] : ['AUTH', user, password]
}
