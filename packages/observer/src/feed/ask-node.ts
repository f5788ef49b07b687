import type { Command, Reply } from '../caller.ts'

/**
 * Sends one pipeline to a node, by its id. Resolves with undefined when the node is not known or does not answer: its state
 * says so already, and there is nothing more to do about it here.
 */
export type AskNode = (node: string, cause: string, commands: readonly Command[]) => Promise<readonly Reply[] | undefined>
