import { aclCategories, categoryNames } from '../commands/command-entry.ts'
import type { CommandDefinition } from '../commands/define-command.ts'
import { commandTable } from '../commands/table.ts'
import type { Selector } from './selector.ts'

const SYNTAX = 'Syntax error'
const UNKNOWN = 'Unknown command or category name in ACL'
/** The largest number of a database that a rule may name: a 32-bit integer. */
const MOST_DATABASES = 2_147_483_647

/** Applies one rule about commands, keys, channels or databases; the text is what is wrong with it. */
export function applySelectorRule(selector: Selector, rule: string): string | undefined {
  switch (rule.toLowerCase()) {
    case 'allkeys':
    case '~*':
      selector.allKeys = true
      selector.keyPatterns.length = 0
      return undefined
    case 'resetkeys':
      selector.allKeys = false
      selector.keyPatterns.length = 0
      return undefined
    case 'allchannels':
    case '&*':
      selector.allChannels = true
      selector.channelPatterns.length = 0
      return undefined
    case 'resetchannels':
      selector.allChannels = false
      selector.channelPatterns.length = 0
      return undefined
    case 'alldbs':
      selector.databases = undefined
      return undefined
    case 'resetdbs':
      selector.databases = new Set()
      return undefined
    case 'allcommands':
    case '+@all':
      selector.setAllCommands(true)
      return undefined
    case 'nocommands':
    case '-@all':
      selector.setAllCommands(false)
      return undefined
  }
  if (rule.toLowerCase().startsWith('db=')) return setDatabases(selector, rule.slice(3))
  switch (rule[0]) {
    case '~':
      return addKeyPattern(selector, rule.slice(1), true, true)
    case '%':
      return addLimitedPattern(selector, rule)
    case '&':
      return addChannelPattern(selector, rule.slice(1))
    case '+':
      return rule[1] === '@' ? setCategory(selector, '+', rule.slice(2)) : allowCommand(selector, rule.slice(1))
    case '-':
      return rule[1] === '@' ? setCategory(selector, '-', rule.slice(2)) : denyCommand(selector, rule.slice(1))
    default:
      return SYNTAX
  }
}

function setDatabases(selector: Selector, list: string): string | undefined {
  const databases = new Set<number>()
  for (const word of list.split(',')) {
    if (!/^-?\d+$/.test(word)) return SYNTAX
    const index = Number(word)
    if (index < 0 || index > MOST_DATABASES) return 'The provided database ID is out of range'
    databases.add(index)
  }
  selector.databases = databases
  return undefined
}

function hasSpace(text: string): boolean {
  return /[\0\s]/.test(text)
}

function addLimitedPattern(selector: Selector, rule: string): string | undefined {
  const at = rule.indexOf('~')
  const letters = rule.slice(1, at).toUpperCase()
  if (at < 0 || !/^[RW]+$/.test(letters)) return SYNTAX
  return addKeyPattern(selector, rule.slice(at + 1), letters.includes('R'), letters.includes('W'))
}

function addKeyPattern(selector: Selector, text: string, reads: boolean, writes: boolean): string | undefined {
  if (selector.allKeys) {
    return "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns"
  }
  if (hasSpace(text)) return SYNTAX
  selector.addKeyPattern(text, reads, writes)
  return undefined
}

function addChannelPattern(selector: Selector, text: string): string | undefined {
  if (selector.allChannels) {
    return "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels"
  }
  if (hasSpace(text)) return SYNTAX
  selector.addChannelPattern(text)
  return undefined
}

/** Every command of a category, containers and subcommands each by itself. */
export function commandsIn(category: string): CommandDefinition[] {
  const all = [...commandTable.all()].flatMap((definition) => [definition, ...(definition.subcommands ?? [])])
  return all.filter((definition) => aclCategories(definition).includes(`@${category}`))
}

function setCategory(selector: Selector, sign: '+' | '-', given: string): string | undefined {
  const category = given.toLowerCase()
  if (!categoryNames.includes(category)) return UNKNOWN
  for (const definition of commandsIn(category)) selector.setCommand(definition, sign === '+')
  selector.noteCommandRule(sign, `@${category}`)
  return undefined
}

function setCommand(selector: Selector, sign: '+' | '-', name: string): string | undefined {
  const definition = commandTable.byName(name)
  if (!definition) return UNKNOWN
  selector.setCommand(definition, sign === '+')
  selector.noteCommandRule(sign, definition.name.toLowerCase())
  return undefined
}

function denyCommand(selector: Selector, name: string): string | undefined {
  return name.split('|').length > 2 ? UNKNOWN : setCommand(selector, '-', name)
}

/** What stands behind the bar is a subcommand, or the first argument of a command that has none. */
function allowCommand(selector: Selector, name: string): string | undefined {
  const at = name.lastIndexOf('|')
  if (at < 0) return setCommand(selector, '+', name)
  const parent = commandTable.byName(name.slice(0, at))
  if (!parent) return UNKNOWN
  if (parent.name.includes('|')) return 'Allowing first-arg of a subcommand is not supported'
  const rest = name.slice(at + 1).toLowerCase()
  if (rest === '') return SYNTAX
  if (parent.subcommands) return setCommand(selector, '+', name)
  selector.allowFirstArgument(parent, rest)
  selector.noteCommandRule('+', `${parent.name.toLowerCase()}|${rest}`)
  return undefined
}
