// `node tools/build.js` compiles the packages and bundles the console, so that `apps/slotscope/bin/slotscope.js` runs.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CannotProceed, entryOf, isEntry, main, root, run } from './program.js'

const folders = ['packages', 'apps']
const stampFile = join(root, 'apps/slotscope/dist/.built-from')
const generated = new Set(['node_modules', 'dist', 'dist-types', 'test-results', 'coverage', '.slotscope'])

/**
 * @typedef {object} Fingerprint
 * @property {string} settings of the compiler and of the packages
 * @property {string} sources of everything that goes into the build
 */

/**
 * Builds what the command runs.
 *
 * @param {{ say?: (line: string) => void, fingerprint?: Fingerprint }} [options]
 * @throws {CannotProceed} when a source does not compile; the compiler has said why
 */
export async function build({ say = () => undefined, fingerprint = sourceFingerprint() } = {}) {
  const built = readStamp()
  rmSync(stampFile, { force: true })
  say('compiling the packages')
  // The compiler keeps stale errors after a change of the base settings, hence --force then.
  const force = built !== undefined && built.settings !== fingerprint.settings ? ['--force'] : []
  const compiler = await run(process.execPath, [entryOf('.', 'typescript', 'tsc'), '-b', ...force, ...projects()], {
    output: 'progress'
  })
  if (compiler.code !== 0) throw new CannotProceed('the packages do not compile')
  say('bundling the console')
  const bundler = await run(process.execPath, [entryOf('apps/console', 'vite'), 'build', '--logLevel', 'warn'], {
    output: 'progress',
    cwd: join(root, 'apps/console')
  })
  if (bundler.code !== 0) throw new CannotProceed('the console does not build')
  const missing = missingOutputs()
  if (missing.length > 0) throw new CannotProceed(`the build left out ${missing.join(', ')}`)
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, JSON.stringify(fingerprint))
}

/**
 * Why a build is needed.
 *
 * @param {Fingerprint} fingerprint of the sources as they are now
 * @returns {'nothing is built yet' | 'the sources have changed' | undefined} undefined when what is built is up to date
 */
export function reasonToBuild(fingerprint) {
  const built = readStamp()
  if (built === undefined || missingOutputs().length > 0) return 'nothing is built yet'
  return built.sources === fingerprint.sources && built.settings === fingerprint.settings ? undefined : 'the sources have changed'
}

/**
 * The projects whose output is run or exported: those of the sources, without those of the tests.
 *
 * @returns {string[]}
 */
function projects() {
  const configs = folders.flatMap((folder) => filesBelow(folder)).filter((file) => /\/src\/(.*\/)?tsconfig\.json$/.test(file))
  return configs.map((file) => dirname(file)).filter((folder) => !folder.startsWith('apps/console/'))
}

/** @returns {Fingerprint | undefined} */
function readStamp() {
  if (!existsSync(stampFile)) return undefined
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'))
  } catch {
    // Half written by an interrupted build: as good as none.
    return undefined
  }
}

/** @returns {Fingerprint} by content, since a fresh clone or a change of branch says nothing by its times */
export function sourceFingerprint() {
  const settings = createHash('sha256')
  const sources = createHash('sha256')
  /**
   * @param {string} file relative to the root
   */
  const add = (file) => {
    const hash = /(^|\/)(tsconfig[^/]*\.json|package\.json|pnpm-lock\.yaml)$/.test(file) ? settings : sources
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0')
  }
  for (const file of ['pnpm-lock.yaml', 'tsconfig.base.json']) add(file)
  for (const folder of folders) for (const file of filesBelow(folder)) add(file)
  return { settings: settings.digest('hex'), sources: sources.digest('hex') }
}

/**
 * The sources below a folder in a fixed order; tests are left out, since the build does not read them.
 *
 * @param {string} folder relative to the root
 * @returns {string[]}
 */
function filesBelow(folder) {
  /** @type {string[]} */
  const files = []
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (!generated.has(entry.name) && entry.name !== 'test') files.push(...filesBelow(path))
    } else if (entry.isFile() && !/\.test\.tsx?$|\.md$|\.tsbuildinfo$/.test(entry.name)) files.push(path)
  }
  return files
}

/** @returns {string[]} what a complete build has and this folder has not */
function missingOutputs() {
  const outputs = ['apps/slotscope/dist/main.js', 'apps/console/dist/index.html']
  for (const folder of folders) {
    for (const name of readdirSync(join(root, folder))) {
      const manifest = join(root, folder, name, 'package.json')
      if (!existsSync(manifest)) continue
      /** @type {{ exports?: Record<string, string | { default?: string }> }} */
      const { exports = {} } = JSON.parse(readFileSync(manifest, 'utf8'))
      for (const target of Object.values(exports)) {
        const file = typeof target === 'string' ? target : target.default
        if (file !== undefined) outputs.push(join(folder, name, file))
      }
    }
  }
  return outputs.filter((file) => !existsSync(join(root, file)))
}

if (isEntry(import.meta.url)) {
  await main('build', () => build({ say: (line) => process.stdout.write(`build: ${line}\n`) }))
}
