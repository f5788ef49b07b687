// `pnpm build:twice`: the same sources, built in two folders, must give the same bytes. Ends with code 1, and names what differs, when
// they do not.
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { CannotProceed, isEntry, main, root, run } from './program.js'

/**
 * @param {{ say: (line: string) => void }} options
 * @returns {Promise<{ files: number, differing: string[] }>}
 */
export async function buildTwice({ say }) {
  const { code, stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  if (code !== 0) throw new CannotProceed('the sources are listed by git, which says nothing here')
  const sources = stdout.split('\0').filter((file) => file !== '')
  // One path is longer than the other: neither may be found in what is built.
  const folders = ['slotscope-a-', 'slotscope-another-'].map((name) => mkdtempSync(join(tmpdir(), name)))
  try {
    const hashes = []
    for (const folder of folders) {
      say(`building in ${folder}`)
      hashes.push(await buildIn(folder, sources))
    }
    const [first = new Map(), second = new Map()] = hashes
    const names = new Set([...first.keys(), ...second.keys()])
    return { files: names.size, differing: [...names].filter((name) => first.get(name) !== second.get(name)).sort() }
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} folder @param {readonly string[]} sources @returns {Promise<Map<string, string>>} by file what it holds, as a hash */
async function buildIn(folder, sources) {
  for (const file of sources) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(root, file), join(folder, file), { verbatimSymlinks: true })
  }
  await done('npx', ['-y', 'pnpm@10', 'install', '--frozen-lockfile', '--prefer-offline', '--ignore-scripts'], folder)
  await done(process.execPath, ['tools/build.js'], folder)
  /** @type {Map<string, string>} */
  const hashes = new Map()
  for (const top of ['apps', 'packages'])
    for (const name of readdirSync(join(folder, top))) collect(join(folder, top, name, 'dist'), folder, hashes)
  return hashes
}

/** @param {string} command @param {readonly string[]} args @param {string} cwd */
async function done(command, args, cwd) {
  const { code, stdout, stderr } = await run(command, args, { cwd })
  if (code !== 0) throw new CannotProceed(`${command} ${args.join(' ')} ended with code ${code}\n${stdout}${stderr}`)
}

/** @param {string} folder @param {string} from @param {Map<string, string>} hashes */
function collect(folder, from, hashes) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) collect(path, from, hashes)
    // What a compiler remembers for the next time is no part of what is built.
    else if (!entry.name.endsWith('.tsbuildinfo') && !entry.name.startsWith('.'))
      hashes.set(relative(from, path), createHash('sha256').update(readFileSync(path)).digest('hex'))
  }
}

if (isEntry(import.meta.url)) {
  await main('build:twice', async () => {
    const { files, differing } = await buildTwice({ say: (line) => process.stdout.write(`${line}\n`) })
    process.stdout.write(differing.length === 0 ? `${files} files, all the same\n` : `these differ:\n${differing.join('\n')}\n`)
    return differing.length === 0 && files > 0 ? 0 : 1
  })
}
