import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { atRunTime, folderOf, packagesOf, readLockfile } from './lockfile.js'
import { root } from './program.js'
import { sbom } from './sbom.js'

describe('[T18] what is installed', () => {
  const lockfile = readLockfile()
  const packages = packagesOf(lockfile, atRunTime)

  test('at most 60 packages at run time, all in the lock file', () => {
    expect(packages.length).toBeGreaterThan(20)
    expect(packages.length, packages.join(' ')).toBeLessThanOrEqual(60)
    for (const name of ['fastify', 'ioredis', 'pino', 'avvio'])
      expect(
        packages.some((id) => id.startsWith(`${name}@`)),
        name
      ).toBe(true)
  })
  test('none of them runs anything when it is installed', () => {
    for (const id of packages) {
      const { scripts = {} } = JSON.parse(readFileSync(join(folderOf(id), 'package.json'), 'utf8'))
      for (const script of ['preinstall', 'install', 'postinstall']) expect(scripts[script], id).toBeUndefined()
      expect(existsSync(join(folderOf(id), 'binding.gyp')), id).toBe(false)
    }
  })
  test('everything comes from the registry, and the lock file holds its hash', () => {
    const all = Object.entries(lockfile.packages)
    expect(all.length).toBeGreaterThan(100)
    for (const [id, { resolution }] of all) {
      expect(resolution.integrity, id).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/)
      expect(resolution.tarball, id).toBeUndefined()
      expect(resolution.type, id).toBeUndefined()
    }
  })
  test('our packages name exact versions', () => {
    for (const importer of Object.keys(lockfile.importers)) {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(root, importer, 'package.json'), 'utf8'))
      for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
        expect(version, `${importer}: ${name}`).toMatch(/^(\d+\.\d+\.\d+(-[a-z0-9.]+)?|workspace:\*)$/)
    }
  })
  test('the bill of materials names each with its licence and hash, the same each time', () => {
    const { components } = sbom()
    expect(components.length).toBe(packagesOf(lockfile, [...atRunTime, 'apps/console']).length)
    const free = /"(id|expression)":"\(?(MIT|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|BlueOak-1\.0\.0|OFL-1\.1)/
    for (const { name, licenses, hashes, purl } of components) {
      expect(purl, name).toMatch(/^pkg:npm\/(%40[a-z0-9.-]+\/)?[a-z0-9._-]+@\d/)
      expect(hashes[0]?.alg, name).toBe('SHA-512')
      expect(hashes[0]?.content, name).toMatch(/^[0-9a-f]{128}$/)
      expect(JSON.stringify(licenses), name).toMatch(free)
    }
    expect(JSON.stringify(sbom())).toBe(JSON.stringify(sbom()))
  })
})
