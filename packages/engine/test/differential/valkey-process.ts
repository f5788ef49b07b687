import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RawConnection } from './raw-connection.ts'

/** The real server to compare with: named by the environment, or unpacked by the project's own script. */
export const valkeyServer = process.env.VALKEY_SERVER ?? fileURLToPath(new URL('../../../../.valkey/bin/valkey-server', import.meta.url))

export function hasValkey(): boolean {
  return existsSync(valkeyServer)
}

/** Alone with all keys, or a node of a cluster. */
export type ServerMode = 'standalone' | 'cluster'

/** A real valkey-server, alone or in a cluster of which it owns all slots, in a folder of its own, and from which nothing vanishes by itself. */
export class ValkeyProcess {
  readonly #process: ChildProcess
  readonly #port: number
  readonly #folder: string

  private constructor(process: ChildProcess, port: number, folder: string) {
    this.#process = process
    this.#port = port
    this.#folder = folder
  }

  /** Starts one with these parameters besides those that every comparison needs; resolves when it serves all slots. */
  static async start(mode: ServerMode, parameters: Readonly<Record<string, string>> = {}): Promise<ValkeyProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'slotscope-oracle-'))
    const port = await freePort()
    const settings = {
      port: String(port),
      bind: '127.0.0.1',
      dir: folder,
      save: '',
      appendonly: 'no',
      ...(mode === 'cluster' ? { 'cluster-enabled': 'yes', 'cluster-databases': '16' } : {}),
      'enable-debug-command': 'yes',
      ...parameters
    }
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
    const started = new ValkeyProcess(spawn(valkeyServer, args, { stdio: 'ignore' }), port, folder)
    const first = await started.connect()
    if (mode === 'cluster') await first.call(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383'])
    while (mode === 'cluster' && !String(await first.call(['CLUSTER', 'INFO'])).includes('cluster_state:ok'));
    // Only what a command does is compared: nothing may vanish by itself.
    await first.call(['DEBUG', 'SET-ACTIVE-EXPIRE', '0'])
    first.close()
    return started
  }

  connect(): Promise<RawConnection> {
    return RawConnection.open(this.#port, this.#process)
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGTERM')
      await ended
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** A port whose bus port is free too. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_100 + Math.floor(Math.random() * 12_000)
    if ((await canListen(port)) && (await canListen(port + 10_000))) return port
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
