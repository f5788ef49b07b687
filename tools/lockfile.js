// What the lock file says is installed.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { root } from './program.js'

/** The packages of the workspace that run when somebody runs Slotscope; the console is a bundle by then. */
export const atRunTime = ['packages/api', 'packages/observer', 'packages/engine', 'apps/slotscope']

/**
 * @typedef {{ version: string }} Resolved
 * @typedef {{ dependencies?: Record<string, Resolved>, devDependencies?: Record<string, Resolved>, optionalDependencies?: Record<string, Resolved> }} Importer
 * @typedef {{ dependencies?: Record<string, string>, optionalDependencies?: Record<string, string> }} Snapshot
 * @typedef {{
 *   importers: Record<string, Importer>,
 *   packages: Record<string, { resolution: { integrity?: string, tarball?: string, type?: string }, os?: string[], cpu?: string[] }>,
 *   snapshots: Record<string, Snapshot>
 * }} Lockfile
 */

/** @returns {Lockfile} */
export function readLockfile() {
  return parse(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8'))
}

/**
 * Names with versions of all packages that these importers need at run time, theirs and what those need in turn.
 *
 * @param {Lockfile} lockfile
 * @param {readonly string[]} importers
 * @returns {readonly string[]} as `name@version`, with peers in brackets
 */
export function packagesOf(lockfile, importers) {
  /** @type {Set<string>} */
  const found = new Set()
  /** @param {string} name @param {string} version */
  const visit = (name, version) => {
    const id = `${name}@${version}`
    if (version.startsWith('link:') || found.has(id)) return
    found.add(id)
    const { dependencies = {}, optionalDependencies = {} } = lockfile.snapshots[id] ?? {}
    for (const [of, at] of Object.entries({ ...dependencies, ...optionalDependencies })) visit(of, at)
  }
  for (const importer of importers) {
    const { dependencies = {}, optionalDependencies = {} } = lockfile.importers[importer] ?? {}
    for (const [name, { version }] of Object.entries({ ...dependencies, ...optionalDependencies })) visit(name, version)
  }
  return [...found].sort()
}

/** @param {string} id as `packagesOf` has them @returns {{ name: string, version: string }} without peers */
export function nameAndVersion(id) {
  const plain = id.replace(/\(.*$/, '')
  const at = plain.lastIndexOf('@')
  return { name: plain.slice(0, at), version: plain.slice(at + 1) }
}

/** @param {string} id @returns {string} the folder of the installed package */
export function folderOf(id) {
  const { name, version } = nameAndVersion(id)
  const peers = id
    .slice(name.length + version.length + 1)
    .replaceAll(/[()]+/g, '_')
    .replace(/_$/, '')
  return join(root, 'node_modules/.pnpm', `${name}@${version}${peers}`.replaceAll('/', '+'), 'node_modules', name)
}
