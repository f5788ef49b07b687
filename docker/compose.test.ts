import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readArguments } from '../apps/slotscope/src/arguments.ts'
import { nodesOf, readComposeFile } from './compose-file.ts'

const file = readComposeFile()
const nodes = nodesOf(file)
const dockerfile = readFileSync(new URL('./Dockerfile', import.meta.url), 'utf8')

/** The value that follows a flag in a command. */
function flag(command: readonly string[] | undefined, name: string): string | undefined {
  return command?.[command.indexOf(name) + 1]
}

test('six nodes of Valkey 9 form the cluster, each with 16 databases', () => {
  expect(nodes.map(([name]) => name)).toEqual(['node-1', 'node-2', 'node-3', 'node-4', 'node-5', 'node-6'])
  for (const [, node] of nodes) {
    expect(node.image).toBe('valkey/valkey:9')
    expect(flag(node.command, '--cluster-enabled')).toBe('yes')
    expect(flag(node.command, '--cluster-databases')).toBe('16')
  }
})

test('the addresses that the cluster is formed of are those of the nodes', () => {
  const addresses = nodes.map(([, node]) =>
    'cluster' in node.networks ? `${node.networks.cluster?.ipv4_address}:${flag(node.command, '--port')}` : ''
  )
  expect(new Set(addresses).size).toBe(6)
  expect(file.services['form-cluster']?.entrypoint?.slice(2)).toEqual(addresses)
  expect(addresses.map((address) => `valkey://${address}`)).toContain(file.services.console?.command?.[1])
  expect(Object.keys(file.services['form-cluster']?.depends_on ?? {})).toEqual(nodes.map(([name]) => name))
})

test('every published port is bound to loopback, and only the console publishes one', () => {
  const published = Object.entries(file.services).flatMap(([name, service]) => (service.ports ?? []).map((port) => [name, port] as const))
  expect(published).toEqual([['console', '127.0.0.1:8080:8080']])
})

test('the network of the cluster leads nowhere else', () => {
  expect(file.networks.cluster?.internal).toBe(true)
  for (const [name, service] of Object.entries(file.services)) {
    const networks = Array.isArray(service.networks) ? service.networks : Object.keys(service.networks)
    expect([name, networks]).toEqual([name, name === 'console' ? ['cluster', 'outside'] : ['cluster']])
  }
})

test('the console is built from the workspace, waits for the cluster and listens where its port is published', () => {
  const { build, command, depends_on } = file.services.console!
  expect(existsSync(new URL(build!.dockerfile.replace('docker/', './'), import.meta.url))).toBe(true)
  expect(depends_on).toEqual({ 'form-cluster': { condition: 'service_completed_successfully' } })
  expect(readArguments([...command!])).toMatchObject({ command: 'connect', http: 8080, listen: '0.0.0.0', trustedProxy: true, open: false })
  expect(dockerfile).toContain('EXPOSE 8080')
  expect(dockerfile).toContain('http://127.0.0.1:8080/healthz')
})

test('every file that a service mounts is in this folder, every volume is declared', () => {
  const sources = Object.values(file.services).flatMap((service) => (service.volumes ?? []).map((volume) => volume.split(':')[0]!))
  expect(sources.filter((source) => !source.startsWith('.'))).toEqual(Object.keys(file.volumes))
  const mounted = sources.filter((source) => source.startsWith('.'))
  expect(mounted).toEqual(['./form-cluster.sh'])
  for (const path of mounted) expect(existsSync(new URL(path, import.meta.url))).toBe(true)
})

test('the image runs without root, and builds with the Node that the project asks for', () => {
  const stages = dockerfile.match(/^FROM .*$/gm)
  expect(stages).toEqual(['FROM node:20-slim AS build', 'FROM node:20-slim'])
  const last = dockerfile.slice(dockerfile.lastIndexOf('FROM '))
  expect(last.indexOf('USER node')).toBeGreaterThan(last.indexOf('COPY'))
  expect(last.indexOf('USER node')).toBeLessThan(last.indexOf('ENTRYPOINT'))
})
