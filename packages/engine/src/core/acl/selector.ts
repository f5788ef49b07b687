import { latin1Bytes } from '../bytes.ts'
import type { CommandDefinition } from '../commands/define-command.ts'
import { commandTable } from '../commands/table.ts'
import { Glob } from '../keyspace/glob.ts'

export type KeyPattern = { readonly text: string; readonly glob: Glob; reads: boolean; writes: boolean }
export type ChannelPattern = { readonly text: string; readonly glob: Glob }

/**
 * What a user may do: which commands, on which keys, channels and databases. A user has one of its own and may have more; what any
 * of them allows is allowed. Rules change it (`selector-rules.ts`), `access.ts` asks.
 */
export class Selector {
  /** Every command, also by their first arguments: the mark of `+@all` that nothing has taken from since. */
  allCommands = false
  /** A bit per command, by its number in the table. */
  #allowed = new Uint32Array(0)
  /** First arguments with which a command is allowed that is not allowed as such: `+select|0`. */
  #firstArguments = new Map<number, Set<string>>()
  /** What was said of commands after `+@all` or `-@all`, in order. */
  #commandRules: string[] = []
  #beginsWithAll = false
  allKeys = false
  readonly keyPatterns: KeyPattern[] = []
  allChannels = false
  readonly channelPatterns: ChannelPattern[] = []
  /** Undefined: all. */
  databases: ReadonlySet<number> | undefined

  copy(): Selector {
    const copy = new Selector()
    copy.allCommands = this.allCommands
    copy.#allowed = this.#allowed.slice()
    copy.#firstArguments = new Map([...this.#firstArguments].map(([number, words]) => [number, new Set(words)]))
    copy.#commandRules = [...this.#commandRules]
    copy.#beginsWithAll = this.#beginsWithAll
    copy.allKeys = this.allKeys
    copy.keyPatterns.push(...this.keyPatterns.map((pattern) => ({ ...pattern })))
    copy.allChannels = this.allChannels
    copy.channelPatterns.push(...this.channelPatterns)
    copy.databases = this.databases
    return copy
  }

  /** Nothing can be denied. */
  get allowsAll(): boolean {
    return this.allCommands && this.allKeys && this.allChannels && this.databases === undefined
  }

  // ---- commands ----------------------------------------------------------------------------------------------------

  setAllCommands(allowed: boolean): void {
    this.allCommands = allowed
    this.#beginsWithAll = allowed
    this.#allowed = new Uint32Array(Math.ceil(commandTable.numbers / 32)).fill(allowed ? 0xffffffff : 0)
    this.#firstArguments.clear()
    this.#commandRules = []
  }

  /** A command with its subcommands; first arguments that were allowed for it are forgotten. */
  setCommand(definition: CommandDefinition, allowed: boolean): void {
    for (const one of [definition, ...(definition.subcommands ?? [])]) {
      const number = commandTable.numberOf(one)
      const word = number >> 5
      const bit = 1 << (number & 31)
      const bits = this.#allowed[word] ?? 0
      this.#allowed[word] = allowed ? bits | bit : bits & ~bit
      this.#firstArguments.delete(number)
    }
    if (!allowed) this.allCommands = false
  }

  allowFirstArgument(definition: CommandDefinition, word: string): void {
    const number = commandTable.numberOf(definition)
    const words = this.#firstArguments.get(number) ?? new Set()
    this.#firstArguments.set(number, words.add(word))
  }

  /** `firstArgument`: what follows the command's name, subcommand included. */
  allowsCommand(definition: CommandDefinition, firstArgument: string | undefined): boolean {
    if (this.allCommands) return true
    const number = commandTable.numberOf(definition)
    if (((this.#allowed[number >> 5] ?? 0) >>> (number & 31)) & 1) return true
    return firstArgument !== undefined && (this.#firstArguments.get(number)?.has(firstArgument.toLowerCase()) ?? false)
  }

  /** Remembers what was said, for showing it; earlier rules about the same, or about a part of it, are void (`ACLSelectorRemoveCommandRule`). */
  noteCommandRule(sign: '+' | '-', name: string): void {
    const isVoid = (rule: string) => rule.slice(1) === name || rule.startsWith(`${name}|`, 1)
    this.#commandRules = this.#commandRules.filter((rule) => !isVoid(rule))
    this.#commandRules.push(sign + name)
  }

  // ---- patterns ----------------------------------------------------------------------------------------------------

  addKeyPattern(text: string, reads: boolean, writes: boolean): void {
    const known = this.keyPatterns.find((pattern) => pattern.text === text)
    if (known) {
      known.reads ||= reads
      known.writes ||= writes
    } else this.keyPatterns.push({ text, glob: new Glob(latin1Bytes(text)), reads, writes })
  }

  addChannelPattern(text: string): void {
    if (this.channelPatterns.some((pattern) => pattern.text === text)) return
    this.channelPatterns.push({ text, glob: new Glob(latin1Bytes(text)) })
  }

  // ---- as text -----------------------------------------------------------------------------------------------------

  /** The rules that make it, as ACL LIST prints them. */
  describe(): string {
    const channels = this.allChannels ? '&*' : ['resetchannels', this.describeChannels()].filter(Boolean).join(' ')
    const databases = this.databases === undefined ? '' : this.databases.size === 0 ? 'resetdbs' : this.describeDatabases()
    return [this.describeKeys(), channels, databases, this.describeCommands()].filter(Boolean).join(' ')
  }

  describeCommands(): string {
    return [this.#beginsWithAll ? '+@all' : '-@all', ...this.#commandRules].join(' ')
  }

  describeKeys(): string {
    if (this.allKeys) return '~*'
    return this.keyPatterns.map(({ text, reads, writes }) => `${reads && writes ? '' : reads ? '%R' : '%W'}~${text}`).join(' ')
  }

  describeChannels(): string {
    return this.allChannels ? '&*' : this.channelPatterns.map(({ text }) => `&${text}`).join(' ')
  }

  describeDatabases(): string {
    if (!this.databases) return 'alldbs'
    return this.databases.size === 0 ? '' : `db=${[...this.databases].sort((a, b) => a - b).join(',')}`
  }
}
