import { createContext, useContext, useEffect } from 'react'

/** Something that can be done where one stands, for the palette. */
export type Command = {
  readonly id: string
  readonly label: string
  /** What stands at the right: a key that does the same. */
  readonly key?: string
  /** Further words under which it is found. */
  readonly words?: string
  readonly run: () => void
}

/** What rooms offer now. Rooms put their commands in while they are on screen; the palette reads them when it opens. */
export class CommandBook {
  readonly #offers = new Map<symbol, readonly Command[]>()

  offer(commands: readonly Command[]): () => void {
    const own = Symbol('offer')
    this.#offers.set(own, commands)
    return () => this.#offers.delete(own)
  }

  get all(): readonly Command[] {
    return [...this.#offers.values()].flat()
  }
}

export const CommandContext = createContext<CommandBook | null>(null)

/** Offers commands as long as the component is on screen. `commands` must keep its identity while nothing changes. */
export function useCommands(commands: readonly Command[]): void {
  const book = useContext(CommandContext)
  useEffect(() => book?.offer(commands), [book, commands])
}
