// A cluster of real primaries on loopback, for benches that ask what a real server does.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { Redis } from 'ioredis'

const SLOTS = 16_384

/**
 * @typedef {object} ValkeyNode
 * @property {number} port
 * @property {import('ioredis').Redis} client
 * @property {(slot: number) => boolean} owns
 */

/**
 * Each node with an even share of the slots, ready to serve.
 *
 * @param {string} program a valkey-server of 9.0 or later
 * @param {number} count primaries
 * @param {readonly string[]} settings arguments of each server
 */
export async function startNodes(program, count, settings) {
  const folder = mkdtempSync(join(tmpdir(), 'slotscope-bench-'))
  /** @type {import('node:child_process').ChildProcess[]} */
  const servers = []
  /** @type {ValkeyNode[]} */
  const nodes = []
  const before = preferred()
  const stop = async () => {
    for (const { client } of nodes) client.disconnect()
    await Promise.all(servers.map(ended))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (let index = 0; index < count; index++) {
      const port = await freePort()
      const own = ['--port', String(port), '--cluster-config-file', `nodes-${port}.conf`, '--dir', folder, '--bind', '127.0.0.1']
      const cluster = ['--cluster-enabled', 'yes', '--cluster-databases', '4', '--save', '', '--appendonly', 'no']
      const [name = program, ...args] = [...before, program, ...own, ...cluster, ...settings]
      servers.push(spawn(name, args, { stdio: 'ignore' }))
      const from = Math.floor((SLOTS * index) / count)
      const to = Math.floor((SLOTS * (index + 1)) / count) - 1
      const client = new Redis({ port, lazyConnect: true, retryStrategy: () => 100, maxRetriesPerRequest: null })
      client.on('error', () => undefined)
      nodes.push({ port, client, owns: (slot) => slot >= from && slot <= to })
      await until('a server answers', async () => (await client.ping()) === 'PONG')
      await client.call('CLUSTER', 'ADDSLOTSRANGE', from, to)
    }
    for (const { port } of nodes.slice(1)) await nodes[0]?.client.call('CLUSTER', 'MEET', '127.0.0.1', port)
    for (const { client } of nodes)
      await until('the cluster is whole', async () => {
        const info = String(await client.call('CLUSTER', 'INFO'))
        return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${count}`)
      })
  } catch (error) {
    await stop()
    throw error
  }
  return { nodes, stop }
}

/**
 * Servers have a machine of their own; here they get the processor before everything else, where we may say so, so that a command that
 * waits for a processor is not taken for one that takes long.
 *
 * @returns {readonly string[]} what stands before the program
 */
function preferred() {
  const { status } = spawnSync('chrt', ['-f', '1', 'true'])
  if (status === 0) return ['chrt', '-f', '1']
  process.stderr.write('the servers share the processor with everything else: their figures have the waiting in them\n')
  return []
}

/** @param {string} what @param {() => Promise<boolean>} holds */
async function until(what, holds) {
  const endMs = Date.now() + 20_000
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`${what}: not within 20 s`)
    await later(20)
  }
}

/** @param {import('node:child_process').ChildProcess} server */
async function ended(server) {
  if (server.exitCode !== null || server.signalCode !== null) return
  await new Promise((resolve) => {
    server.once('exit', resolve)
    server.kill('SIGKILL')
  })
}

/** A port whose bus port, 10,000 above, exists. @returns {Promise<number>} */
async function freePort() {
  for (;;) {
    const port = await new Promise((resolve, reject) => {
      const server = createServer()
      server.once('error', reject)
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        server.close(() => resolve(typeof address === 'object' ? address?.port : 0))
      })
    })
    if (port > 0 && port <= 55_535) return port
  }
}
