import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ClusterClient, covered } from '../e2e/fixtures/cluster-client.ts'
import { freePorts } from '../e2e/fixtures/free-ports.ts'
import { ServerProcess } from '../e2e/fixtures/server-process.ts'
import { valkeyFolder } from '../e2e/fixtures/valkey-cluster.ts'
import { nodesOf, readComposeFile } from './compose-file.ts'

const script = fileURLToPath(new URL('./form-cluster.sh', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'slotscope-compose-'))
const programs = valkeyFolder()
let processes: readonly ServerProcess[]
let addresses: readonly string[]

/** The commands of the compose file, with ports of this machine in place of a container's own. */
beforeAll(async () => {
  const firstPort = await freePorts(6)
  processes = nodesOf(readComposeFile()).map(([name, node], index) => {
    const [program, ...args] = node.command!
    const port = args.indexOf('--port') + 1
    const own = [...args.slice(0, port), String(firstPort + index), ...args.slice(port + 1)]
    const paths = ['--dir', folder, '--bind', '127.0.0.1', '--cluster-config-file', `${name}.conf`, '--appenddirname', name]
    return new ServerProcess(name, join(programs, program!), [...own, ...paths])
  })
  await Promise.all(processes.map((process) => process.waitFor(/Ready to accept connections/)))
  addresses = processes.map((_, index) => `127.0.0.1:${firstPort + index}`)
})
afterAll(async () => {
  await Promise.all(processes.map((process) => process.kill()))
  rmSync(folder, { recursive: true, force: true })
})

function formCluster(nodes: readonly string[]) {
  const env = { ...process.env, PATH: `${programs}${delimiter}${process.env.PATH ?? ''}` }
  return spawnSync('sh', [script, ...nodes], { encoding: 'utf8', env, timeout: 90_000 })
}

test('too few nodes are refused', () => {
  const { status, stderr } = formCluster(addresses.slice(0, 3))
  expect(status).toBe(2)
  expect(stderr).toContain('six nodes, not 3')
})

test('the nodes of the compose file are formed to a cluster, once', async () => {
  const first = formCluster(addresses)
  expect(first.stderr).toBe('')
  expect(first.stdout).toContain('[OK] All 16384 slots covered.')
  expect(first.stdout).toContain('the cluster of 6 nodes is whole')

  const client = new ClusterClient(addresses)
  const shards = await client.shards()
  expect(covered(shards)).toBe(true)
  expect(shards.map((shard) => shard.replicas.length)).toEqual([1, 1, 1])
  const owner = await client.at(shards[0]!.primary.address, 15)
  expect(await owner.text('PING')).toBe('PONG')
  await client.close()

  const again = formCluster(addresses)
  expect([again.status, again.stdout.trim()]).toEqual([0, 'form-cluster: the cluster of 6 nodes is whole'])
}, 120_000)
