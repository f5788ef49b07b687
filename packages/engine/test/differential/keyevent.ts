import type { ReplyTree } from './reply-frame.ts'

/** The parts of a keyevent message: `__keyevent@<database>__:<event>` and the key. */
export function eventOf(tree: ReplyTree): { readonly database: string; readonly name: string; readonly key: string } | undefined {
  const [, , channel, key] = partsOf(tree)
  const found = /^__keyevent@(\d+)__:(.*)$/.exec(channel ?? '')
  return found ? { database: found[1] ?? '', name: found[2] ?? '', key: key ?? '' } : undefined
}

/** The texts of an array of bulk strings. */
export function partsOf(tree: ReplyTree): string[] {
  return typeof tree === 'string' ? [] : tree.items.map((item) => (typeof item === 'string' ? item.slice(1) : ''))
}
