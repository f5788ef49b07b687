import path from 'node:path'
import type { PlayArguments } from './arguments.ts'
import { serve, startConsole } from './session.ts'

/** The console on a recording that was exported. Nothing of it is recorded again. */
export async function play(args: PlayArguments): Promise<void> {
  const api = await startConsole({ ...args, record: false }, [], [{ id: 'recording', file: args.file }])
  await serve(api, args, ['', `  playing   ${path.basename(args.file)}`], [])
}
