// `pnpm sbom`: what runs when somebody runs Slotscope, as a CycloneDX 1.6 document: from the lock file, with licences from what is installed.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { atRunTime, folderOf, nameAndVersion, packagesOf, readLockfile } from './lockfile.js'
import { isEntry, main, root } from './program.js'

/**
 * The same for the same lock file: no time, no random number.
 *
 * @returns {{ bomFormat: string, specVersion: string, version: number, metadata: object, components: Component[] }}
 * @typedef {{ type: string, name: string, version: string, purl: string, licenses: object[], hashes: { alg: string, content: string }[] }} Component
 */
export function sbom() {
  const lockfile = readLockfile()
  const { version } = JSON.parse(readFileSync(join(root, 'apps/slotscope/package.json'), 'utf8'))
  const components = packagesOf(lockfile, [...atRunTime, 'apps/console']).map((id) => {
    const { name, version } = nameAndVersion(id)
    const { license } = JSON.parse(readFileSync(join(folderOf(id), 'package.json'), 'utf8'))
    const integrity = lockfile.packages[`${name}@${version}`]?.resolution.integrity ?? ''
    const [algorithm = '', digest = ''] = integrity.split('-')
    return {
      type: 'library',
      name,
      version,
      purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
      licenses: typeof license === 'string' ? [/ (OR|AND) /.test(license) ? { expression: license } : { license: { id: license } }] : [],
      hashes: [{ alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') }]
    }
  })
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name: 'slotscope', version, licenses: [{ license: { id: 'BSD-3-Clause' } }] } },
    components
  }
}

if (isEntry(import.meta.url)) {
  await main('sbom', async () => {
    process.stdout.write(`${JSON.stringify(sbom(), null, 2)}\n`)
    return 0
  })
}
