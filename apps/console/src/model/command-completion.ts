import type { CommandArgumentDescription, CommandDescription } from '@slotscope/observer/stream'

/** What is offered for a line that is being typed. */
export type Completion = {
  /** Commands whose name goes on from what is typed: those that this role may send first. */
  readonly suggestions: readonly CommandDescription[]
  /** The command that the line names, as soon as it names one. */
  readonly command: CommandDescription | null
}

const MOST_SUGGESTIONS = 12

/** By the first word, or the first two: `conf` offers CONFIG GET and CONFIG SET, `config s` the latter. */
export function complete(commands: readonly CommandDescription[], line: string): Completion {
  const typed = line.trimStart().toUpperCase().replace(/\s+/g, ' ')
  if (typed === '') return { suggestions: [], command: null }
  const command = commandIn(commands, line)
  // Behind a space the name is finished, unless it is the first of two words.
  const begun = commands.filter(({ name }) => name.startsWith(typed) && name !== typed.trimEnd())
  const suggestions = begun.toSorted((a, b) => Number(a.refusal !== null) - Number(b.refusal !== null) || (a.name < b.name ? -1 : 1))
  return { suggestions: suggestions.slice(0, MOST_SUGGESTIONS), command }
}

/** The command that a line begins with. */
export function commandIn(commands: readonly CommandDescription[], line: string): CommandDescription | null {
  const [first = '', second = ''] = line.trim().toUpperCase().split(/\s+/)
  return commands.find(({ name }) => name === `${first} ${second}`) ?? commands.find(({ name }) => name === first) ?? null
}

/** The arguments of a command as its documentation writes them: `key value [NX | XX] [EX seconds]`. */
export function usage(command: CommandDescription): string {
  return command.arguments.map(written).join(' ')
}

function written(argument: CommandArgumentDescription): string {
  const { name, type, token, optional, multiple } = argument
  const inner =
    type === 'oneof'
      ? argument.arguments.map(written).join(' | ')
      : type === 'block'
        ? argument.arguments.map(written).join(' ')
        : type === 'pure-token'
          ? ''
          : name
  const own = [token === null ? '' : token === '' ? '""' : token, inner].filter((part) => part !== '').join(' ')
  const repeated = multiple ? `${own} [${inner === '' ? own : inner} ...]` : own
  if (optional) return `[${repeated}]`
  return type === 'oneof' ? `<${repeated}>` : repeated
}
