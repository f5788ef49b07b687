// One node per process, formed into a cluster by the real valkey-cli: what they know of each other went over a socket.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import { ClusterClient } from './fixtures/cluster-client.ts'
import { eventually } from './fixtures/eventually.ts'
import { freePorts } from './fixtures/free-ports.ts'
import { ServerProcess } from './fixtures/server-process.ts'
import { command } from './fixtures/slotscope.ts'
import { valkeyFolder } from './fixtures/valkey-cluster.ts'
import { keysOf, Writer } from './fixtures/writer.ts'

const run = promisify(execFile)

test('six nodes, each a process, are joined by valkey-cli and move slots under writes', { tag: '@valkey' }, async () => {
  const cli = join(valkeyFolder(), 'valkey-cli')
  const folder = await mkdtemp(join(tmpdir(), 'slotscope-processes-'))
  const base = await freePorts(6)
  const addresses = Array.from({ length: 6 }, (_, index) => `127.0.0.1:${base + index}`)
  const nodes = addresses.map((address, index) => {
    const port = String(base + index)
    const args = [
      command,
      'node',
      '--port',
      port,
      '--bind',
      '127.0.0.1',
      '--dir',
      join(folder, port),
      '--cluster-enabled',
      'yes',
      '--cluster-databases',
      '16',
      '--cluster-node-timeout',
      '3000'
    ]
    return new ServerProcess(`node ${address}`, process.execPath, [...args, '--repl-diskless-sync-delay', '0'])
  })
  try {
    await Promise.all(nodes.map((node) => node.waitFor(/Ready to accept connections/)))
    const created = await run(cli, ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes'])
    expect(created.stdout).toContain('[OK] All 16384 slots covered.')
    const cluster = new ClusterClient(addresses)
    await eventually('valkey-cli finds nothing wrong', async () => {
      const checked = await run(cli, ['--cluster', 'check', addresses[0] as string]).catch(() => undefined)
      return checked?.stdout.includes('[OK] All nodes agree about slots configuration.') &&
        checked.stdout.includes('[OK] All 16384 slots covered.')
        ? true
        : undefined
    })
    // valkey-cli looks at who owns what; each node decides on its own when it has heard enough to serve.
    await eventually('every node serves', async () => {
      for (const address of addresses)
        if (!String(await (await cluster.at(address)).call('CLUSTER', 'INFO')).includes('cluster_state:ok')) return
      return true
    })
    const [a, b] = await cluster.shards()
    const [source, target] = [a!.primary, b!.primary]
    const first = a!.ranges[0]![0]
    const writer = new Writer({ seeds: addresses, keys: keysOf([first, first + 100, first + 400], [0, 3, 7]) })
    await eventually('writes are under way', async () => (writer.writes > 300 ? true : undefined))
    for (const [from, to] of [
      [source, target],
      [target, source]
    ] as const) {
      const node = await cluster.at(from.address)
      expect(await node.call('CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', first, first + 499, 'NODE', to.id)).toBe('OK')
      await cluster.untilOwned(first, first + 499, to.id, 30_000)
      const before = writer.writes
      await eventually('writes go on', async () => (writer.writes > before + 200 ? true : undefined))
    }
    const report = await writer.stop()
    expect(report.faults).toEqual([])
    expect([...report.errors]).toEqual([])
    expect(report.redirects).toBeGreaterThan(0)
    await cluster.close()
  } finally {
    await Promise.all(nodes.map((node) => node.kill()))
    await rm(folder, { recursive: true, force: true })
  }
})
