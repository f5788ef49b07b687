import { randomInt } from 'node:crypto'
import { DirectoryDisk, NodeServer } from '@slotscope/engine/tcp'
import { type NodeArguments, UsageError } from './arguments.ts'

/** One node as a process of its own, by Valkey's parameter names. */
export async function runNode(args: NodeArguments): Promise<void> {
  const { 'cluster-config-file': file = 'nodes.conf', 'cluster-port': busPort, ...config } = args.config
  const server = makeServer()
  await server.listen()
  process.stdout.write(`${process.pid}:M ${new Date().toISOString()} * Ready to accept connections tcp\n`)
  const end = () => void server.close().then(() => process.exit(0))
  process.on('SIGINT', end)
  process.on('SIGTERM', end)

  function makeServer(): NodeServer {
    try {
      return new NodeServer({
        host: args.host,
        port: args.port,
        ...(busPort === undefined ? {} : { busPort: Number(busPort) }),
        seed: randomInt(2 ** 31),
        disk: new DirectoryDisk(args.directory, { 'nodes.conf': file }),
        config,
        log: (level, text) => process.stdout.write(`${process.pid}:M ${new Date().toISOString()} ${LEVELS[level] ?? '*'} ${text}\n`),
        stopped: (exitCode) => process.exit(exitCode)
      })
    } catch (error) {
      throw new UsageError((error as Error).message)
    }
  }
}

/** The marks of Valkey's own log. */
const LEVELS: Readonly<Record<string, string>> = { debug: '.', verbose: '-', notice: '*', warning: '#' }
