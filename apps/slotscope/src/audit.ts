import { verifyAudit } from '@slotscope/api'
import { UsageError } from './arguments.ts'

/** `slotscope audit verify FILE`: what the chain says, and whether it holds. Throws `UsageError` for a file that cannot be read. */
export async function audit(file: string): Promise<{ readonly words: string; readonly holds: boolean }> {
  try {
    const { lines, lastHash, problem } = await verifyAudit(file)
    if (problem !== null) return { words: `line ${problem.line}: ${problem.words}; ${lines} before it hold`, holds: false }
    return { words: `${lines} lines hold${lastHash === null ? '' : `; the last one is ${lastHash}`}`, holds: true }
  } catch (error) {
    throw new UsageError(`the audit cannot be read: ${(error as Error).message}`)
  }
}
