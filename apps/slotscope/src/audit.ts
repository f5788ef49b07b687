import { verifyAudit } from '@slotscope/api'
import { type AuditArguments, UsageError } from './arguments.ts'

/**
 * `slotscope audit verify FILE`: what the chain says, and whether it holds; with `last`, a hash that was noted earlier, also whether the line
 * that had it is still there. Throws `UsageError` for a file that cannot be read.
 */
export async function audit({
  file,
  last
}: Pick<AuditArguments, 'file' | 'last'>): Promise<{ readonly words: string; readonly holds: boolean }> {
  try {
    const { lines, lastHash, problem } = await verifyAudit(file, last)
    if (problem !== null) return { words: `line ${problem.line}: ${problem.words}; ${lines} before it hold`, holds: false }
    return { words: `${lines} lines hold${lastHash === null ? '' : `; the last one is ${lastHash}`}`, holds: true }
  } catch (error) {
    throw new UsageError(`the audit cannot be read: ${(error as Error).message}`)
  }
}
