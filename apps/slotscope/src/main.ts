import { createRequire } from 'node:module'
import { PortInUseError as HttpPortInUseError, OptionError } from '@slotscope/api'
import { PortInUseError } from '@slotscope/engine/tcp'
import { HELP, readArguments, UsageError } from './arguments.ts'
import { audit } from './audit.ts'
import { connect } from './connect.ts'
import { askForLink } from './login-socket.ts'
import { runNode } from './node.ts'
import { SettingsError } from './node-settings.ts'
import { play } from './play.ts'
import { up } from './up.ts'
import { user } from './user.ts'

/** The command. What the person got wrong is one line on standard error and exit code 2, for a node the reference's words and 1; anything unexpected is 1. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    const args = readArguments(argv, process.env)
    switch (args.command) {
      case 'help':
        process.stdout.write(HELP)
        return
      case 'version':
        process.stdout.write(`${version()}\n`)
        return
      case 'up':
        return await up(args)
      case 'connect':
        return await connect(args)
      case 'play':
        return await play(args)
      case 'login':
        process.stdout.write(`${await askForLink(args.http, args.role)}\n`)
        return
      case 'user':
        process.stdout.write(`${(await user(args)).join('\n')}\n`)
        return
      case 'audit': {
        const { words, holds } = await audit(args)
        process.stdout.write(`${words}\n`)
        process.exitCode = holds ? 0 : 1
        return
      }
      case 'node':
        return await runNode(args)
    }
  } catch (error) {
    if (error instanceof SettingsError) {
      process.stderr.write(`${error.message}\n`)
      process.exit(1)
    }
    const expected =
      error instanceof UsageError ||
      error instanceof OptionError ||
      error instanceof PortInUseError ||
      error instanceof HttpPortInUseError ||
      error instanceof RangeError
    process.stderr.write(`slotscope: ${expected ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`)
    process.exit(expected ? 2 : 1)
  }
}

export function version(): string {
  return (createRequire(import.meta.url)('../package.json') as { version: string }).version
}
