import { readFileSync } from 'node:fs'
import { type ConsoleArguments, UsageError } from './arguments.ts'

/** Longer files are no secrets. */
const MOST_BYTES = 4_096

/** What stands in the file, without the end of its line. Throws `UsageError` for one that cannot be read, or is empty or large. */
export function secretIn(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`the secret cannot be read: ${(error as Error).message}`)
  }
  const secret = text.trim()
  if (secret === '' || text.length > MOST_BYTES) throw new UsageError(`${file} must hold one line with a secret`)
  return secret
}

/** Where problems are told and what signs it. The secret never stands on the command line, where every user of the machine sees it. */
export function webhookOf(
  { webhook, webhookSecretFile }: Pick<ConsoleArguments, 'webhook' | 'webhookSecretFile'>,
  environment: Readonly<Record<string, string | undefined>> = process.env
): { readonly url: string; readonly secret: string | undefined } | undefined {
  if (webhook === undefined) {
    if (webhookSecretFile !== undefined) throw new UsageError('--webhook-secret-file needs --webhook')
    return undefined
  }
  return { url: webhook, secret: webhookSecretFile === undefined ? environment.SLOTSCOPE_WEBHOOK_SECRET : secretIn(webhookSecretFile) }
}
