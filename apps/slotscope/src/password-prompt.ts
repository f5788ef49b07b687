import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { UsageError } from './arguments.ts'

/**
 * A new password: asked for twice at a terminal, without showing it, or the first line of standard input. It is never an argument, which
 * other users of the machine could read.
 */
export async function askPassword(input: NodeJS.ReadStream, output: NodeJS.WritableStream): Promise<string> {
  if (!input.isTTY) return firstLine(input)
  const first = await askHidden(input, output, 'Password: ')
  const second = await askHidden(input, output, 'Once more: ')
  if (first !== second) throw new UsageError('the two passwords differ; nothing was changed')
  return first
}

/** The first line that comes, without its end. Throws `UsageError` when there is none. */
export async function firstLine(input: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) return line
  throw new UsageError('no password on standard input')
}

function askHidden(input: NodeJS.ReadStream, output: NodeJS.WritableStream, question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: silent, terminal: true })
  output.write(question)
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      resolve(line)
      lines.close()
    })
    lines.once('close', () => {
      output.write('\n')
      reject(new UsageError('no password was given; nothing was changed'))
    })
  })
}
