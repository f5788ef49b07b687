import type { Reply } from '../caller.ts'
import { figuresOf, parseInfo } from './info.ts'
import type { Parsed } from './shape.ts'

/** Since the node began, or since CONFIG RESETSTAT. */
export type CommandStats = {
  readonly commands: ReadonlyMap<
    string,
    { readonly calls: number; readonly us: number; readonly rejected: number; readonly failed: number }
  >
  /** By the first word of the error. */
  readonly errors: ReadonlyMap<string, number>
}

/** Parses INFO commandstats and errorstats (Valkey `server.c`, `genValkeyInfoStringCommandStats`). */
export function parseCommandStats(reply: Reply | undefined): Parsed<CommandStats> {
  const info = parseInfo(reply)
  if ('error' in info) return info
  const commands = new Map<string, { calls: number; us: number; rejected: number; failed: number }>()
  for (const [name, value] of info.value.entries('cmdstat_')) {
    const figures = figuresOf(value)
    const of = (figure: string) => figures.get(figure) ?? 0
    commands.set(name, { calls: of('calls'), us: of('usec'), rejected: of('rejected_calls'), failed: of('failed_calls') })
  }
  const errors = new Map<string, number>()
  for (const [name, value] of info.value.entries('errorstat_')) errors.set(name, figuresOf(value).get('count') ?? 0)
  return { value: { commands, errors } }
}
