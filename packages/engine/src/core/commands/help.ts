import { type CommandDefinition, type CommandGroup, defineCommand } from './define-command.ts'

/** One subcommand as HELP prints it: its form, then what it does, in as many lines as it needs. */
export type HelpEntry = readonly [form: string, ...lines: readonly string[]]

/** The HELP subcommand of a container: an array of lines, as the reference gives it. */
export function helpOf(container: string, group: CommandGroup, since: string, entries: readonly HelpEntry[]): CommandDefinition {
  const lines = [`${container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`]
  for (const [form, ...texts] of entries) lines.push(form, ...texts.map((text) => `    ${text}`))
  lines.push('HELP', '    Print this help.')
  return defineCommand({
    name: `${container}|HELP`,
    group,
    since,
    summary: `Lists the subcommands of ${container}.`,
    arity: 2,
    flags: ['loading', 'stale'],
    run: ({ reply }) => {
      reply.array(lines.length)
      for (const line of lines) reply.simple(line)
    }
  })
}
