import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { Accounts, ApiFailure } from '@slotscope/api'
import { UsageError, type UserArguments } from './arguments.ts'
import { askPassword } from './password-prompt.ts'

/** `slotscope user add | list | remove | role`. A console that runs with the same folder takes it over within a second. */
export async function user(args: UserArguments, password = () => askPassword(process.stdin, process.stderr)): Promise<readonly string[]> {
  mkdirSync(args.data, { recursive: true, mode: 0o700 })
  const accounts = new Accounts(accountsFile(args.data))
  try {
    switch (args.action) {
      case 'add':
        await accounts.add(args.name, args.role, await password(), Date.now())
        return [`${args.name} may log in now, as ${args.role}`]
      case 'remove':
        accounts.remove(args.name)
        return [`${args.name} is removed`]
      case 'role':
        accounts.setRole(args.name, args.role)
        return [`${args.name} is ${args.role} now`]
      case 'list':
        if (accounts.all.length === 0) return ['no accounts in this folder']
        return accounts.all.map(
          ({ name, role, createdAtMs }) => `${name}\t${role}\tsince ${new Date(createdAtMs).toISOString().slice(0, 10)}`
        )
    }
  } catch (error) {
    throw error instanceof ApiFailure ? new UsageError(error.message) : error
  }
}

export function accountsFile(data: string): string {
  return path.join(data, 'accounts.json')
}
