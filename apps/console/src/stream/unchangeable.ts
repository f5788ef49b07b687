import { createContext, useContext } from 'react'

/** Why nothing on screen can be changed or asked further, whoever looks: it is past. Null: it is the living cluster. */
export const UnchangeableContext = createContext<string | null>(null)

export function useUnchangeableReason(): string | null {
  return useContext(UnchangeableContext)
}
