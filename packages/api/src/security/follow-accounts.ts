import type { ApiContext } from '../context.ts'

/**
 * Makes the function that looks whether the command line has changed the file of accounts: the sessions of whom it changed end, and the
 * audit has a line. A file that cannot be read changes nobody, and is told once.
 */
export function followAccounts(context: ApiContext, onProblem: (error: unknown) => void): () => void {
  let told = ''
  return () => {
    try {
      for (const name of context.accounts.reload()) {
        context.sessions.endOf(name)
        const entry = { actor: null, peer: '', requestId: '', verb: 'manage', resource: `account ${name}`, outcome: 'done' } as const
        const is = context.accounts.all.find((account) => account.name === name)
        context.audit.record({ ...entry, detail: 'changed in the file', after: is?.role ?? null }).catch(onProblem)
      }
      told = ''
    } catch (error) {
      if (String(error) !== told) onProblem(error)
      told = String(error)
    }
  }
}
