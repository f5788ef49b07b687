import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { type Api, type ApiOptions, type ClusterOptions, PortInUseError, startApi } from '@slotscope/api'
import type { ConsoleArguments } from './arguments.ts'
import { openBrowser } from './browser.ts'
import { furtherClusters, keptProfiles } from './clusters.ts'
import { type LoginSocket, serveLinks } from './login-socket.ts'
import { secretIn, webhookOf } from './secret-file.ts'
import { accountsFile } from './user.ts'

const FIRST_HTTP_PORT = 8_900

/** Everything that must end when the command ends, in the order in which it is closed. */
export type Closing = () => Promise<void> | void

/** The api and the console for these clusters, on the port asked for or the first free one. */
export async function startConsole(
  args: ConsoleArguments,
  clusters: readonly ClusterOptions[],
  play: NonNullable<ApiOptions['play']> = []
): Promise<Api> {
  if (args.data !== undefined) mkdirSync(args.data, { recursive: true, mode: 0o700 })
  const options = {
    host: args.listen,
    trustedProxy: args.trustedProxy,
    tls: args.tls,
    readOnly: args.readOnly,
    allowHosts: args.allowHosts,
    consoleDir: consoleFolder(),
    logLevel: args.logLevel,
    logTo: process.stderr,
    metricsToken: args.metricsTokenFile === undefined ? undefined : secretIn(args.metricsTokenFile),
    webhook: webhookOf(args),
    clusters: [...clusters, ...furtherClusters(args)],
    allowLocalTargets: args.allowLocalTargets,
    play,
    recording: recordingOf(args),
    ...(args.data === undefined
      ? {}
      : {
          accountsFile: accountsFile(args.data),
          auditFile: path.join(args.data, 'audit.jsonl'),
          journalFile: path.join(args.data, 'moves.jsonl'),
          labelsFile: path.join(args.data, 'shard-labels.json'),
          databaseNamesFile: path.join(args.data, 'database-names.json'),
          profiles: keptProfiles(args.data, args.keyFile)
        })
  }
  if (args.http !== undefined) return startApi({ ...options, port: args.http })
  for (let port = FIRST_HTTP_PORT; ; port++) {
    try {
      return await startApi({ ...options, port })
    } catch (error) {
      if (!(error instanceof PortInUseError) || port >= FIRST_HTTP_PORT + 200) throw error
    }
  }
}

function recordingOf({ record, data }: ConsoleArguments): ApiOptions['recording'] {
  if (record === false) return undefined
  return {
    folder: data === undefined ? undefined : path.join(data, 'recording'),
    hours: record.hours,
    bytes: record.mebibytes === undefined ? undefined : record.mebibytes * 1024 * 1024
  }
}

/** Prints the link, opens the browser, answers Enter and `slotscope login`, and ends everything on Ctrl-C. */
export async function serve(api: Api, args: ConsoleArguments, lines: readonly string[], close: readonly Closing[]): Promise<void> {
  const link = api.createLoginLink('admin')
  const text = [
    ...lines,
    `  console   ${api.url}/`,
    `  log in    ${link}`,
    '',
    '  The link works once, for 10 minutes. Enter prints a new one, Ctrl-C stops.',
    ''
  ]
  process.stdout.write(`${text.join('\n')}\n`)
  if (args.open) openBrowser(link)

  let socket: LoginSocket | undefined
  try {
    socket = await serveLinks(api.port, (role) => api.createLoginLink(role))
  } catch (error) {
    process.stderr.write(`slotscope: "slotscope login" will not find this console: ${(error as Error).message}\n`)
  }

  if (process.stdin.isTTY) {
    process.stdin.on('data', () => process.stdout.write(`  log in    ${api.createLoginLink('admin')}\n`))
  }

  let ending = false
  const end = async () => {
    if (ending) return
    ending = true
    // Whatever hangs, two seconds are all it gets.
    setTimeout(() => process.exit(0), 1_800).unref()
    socket?.close()
    await Promise.allSettled([api.close(), ...close.map(async (one) => one())])
    process.exit(0)
  }
  process.on('SIGINT', () => void end())
  process.on('SIGTERM', () => void end())
}

function consoleFolder(): string {
  return path.join(path.dirname(createRequire(import.meta.url).resolve('@slotscope/console/package.json')), 'dist')
}
