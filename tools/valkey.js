// `node tools/valkey.js` prints the folder of a runnable valkey-server >= 9 with valkey-cli and valkey-benchmark beside it.
//
// One on the PATH is taken as it is. Otherwise Debian's packages are unpacked, not installed, into `.valkey` at the root of the
// workspace. They are linked against a newer C library than the machine may have, so the libraries they need are unpacked with
// them, and small wrappers start the programs through the loader of those. apt gets a configuration, lists and a cache of its own;
// the machine's packages stay as they are, and no root is needed.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { CannotProceed, isEntry, isProgram, main, onPath, root, run } from './program.js'

const oldestMajor = 9
const home = join(root, '.valkey')
const programs = ['valkey-server', 'valkey-cli', 'valkey-benchmark']
const packages = ['valkey-server', 'valkey-tools']

/**
 * Finds Valkey, and fetches it when there is none.
 *
 * @param {{ say?: (line: string) => void }} [options]
 * @returns {Promise<string>} the folder with the programs
 * @throws {CannotProceed} with what a person can do about it
 */
export async function provideValkey({ say = () => undefined } = {}) {
  const installed = onPath('valkey-server')
  if (installed !== undefined) {
    const folder = dirname(installed)
    const major = await majorVersion(folder)
    const missing = programs.filter((program) => !isProgram(join(folder, program)))
    if (major >= oldestMajor && missing.length === 0) return folder
    say(
      major < oldestMajor
        ? `the valkey-server on the PATH is version ${major}, older than ${oldestMajor}; it is left alone`
        : `beside the valkey-server on the PATH there is no ${missing.join(', ')}; it is left alone`
    )
  }
  const folder = join(home, 'bin')
  if ((await majorVersion(folder)) >= oldestMajor) return folder
  await unpack(say)
  return folder
}

/**
 * @param {string} folder
 * @returns {Promise<number>} 0 when there is none that runs
 */
async function majorVersion(folder) {
  const server = join(folder, 'valkey-server')
  if (!isProgram(server)) return 0
  const { code, stdout } = await run(server, ['--version'])
  return code === 0 ? Number(/ v=(\d+)\./.exec(stdout)?.[1] ?? 0) : 0
}

/** @param {(line: string) => void} say */
async function unpack(say) {
  const absent = ['apt-get', 'apt-cache', 'dpkg-deb'].filter((program) => onPath(program) === undefined)
  if (absent.length > 0) {
    throw new CannotProceed(
      `no valkey-server >= ${oldestMajor} on the PATH, and this machine has no ${absent.join(', ')} to fetch Debian's packages with; install Valkey ${oldestMajor} or newer`
    )
  }
  const mirror = process.env.VALKEY_MIRROR ?? debianMirror(aptSources())
  if (mirror === undefined) {
    throw new CannotProceed(
      `no valkey-server >= ${oldestMajor} on the PATH, and the apt sources of this machine name no Debian mirror; install Valkey, or set VALKEY_MIRROR`
    )
  }
  const suite = process.env.VALKEY_SUITE ?? 'forky'
  // Built aside and renamed at the end: an interrupted run leaves nothing that looks complete, and two at once do not disturb each other.
  const aside = `${home}.${process.pid}`
  rmSync(aside, { recursive: true, force: true })
  try {
    say(`fetching Valkey from Debian's suite ${suite} (about 10 MB)`)
    const apt = privateApt(aside, mirror, suite)
    await apt('apt-get', ['update'])
    const wanted = await libraryClosure((names) => apt('apt-cache', ['depends', '--important', ...names]))
    await apt('apt-get', ['download', ...wanted], join(aside, 'debs'))
    for (const deb of readdirSync(join(aside, 'debs'))) {
      const { code, stderr } = await run('dpkg-deb', ['-x', join(aside, 'debs', deb), join(aside, 'root')])
      if (code !== 0) throw new CannotProceed(`cannot unpack ${deb}: ${stderr.trim()}`)
    }
    writeWrappers(aside)
    const major = await majorVersion(join(aside, 'bin'))
    if (major < oldestMajor)
      throw new CannotProceed(`the valkey-server of Debian's suite ${suite} does not run here or is older than ${oldestMajor}`)
    for (const name of ['apt', 'debs']) rmSync(join(aside, name), { recursive: true, force: true })
    if ((await majorVersion(join(home, 'bin'))) >= oldestMajor) return // another run was faster, and its servers may be running
    rmSync(home, { recursive: true, force: true })
    renameSync(aside, home)
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}

/** @returns {string} all apt sources of the machine, both formats */
function aptSources() {
  const folder = '/etc/apt/sources.list.d'
  const files = ['/etc/apt/sources.list', ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [])]
  return files
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
}

/**
 * The first Debian archive among apt sources: an address that ends in `/debian`, in either of the two formats that apt reads.
 *
 * @param {string} sources
 * @returns {string | undefined}
 */
export function debianMirror(sources) {
  for (const line of sources.split('\n')) {
    const addresses = /^URIs:(.*)$/i.exec(line)?.[1] ?? /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)/.exec(line)?.[1] ?? ''
    const mirror = addresses.split(/\s+/).find((address) => /\/debian\/?$/.test(address))
    if (mirror !== undefined) return mirror
  }
  return undefined
}

/**
 * apt with a state of its own below `folder`.
 *
 * @param {string} folder
 * @param {string} mirror
 * @param {string} suite
 */
function privateApt(folder, mirror, suite) {
  for (const name of ['apt/lists/partial', 'apt/cache/archives/partial', 'debs', 'root', 'bin'])
    mkdirSync(join(folder, name), { recursive: true })
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
  const signed = existsSync(keyring) ? `[signed-by=${keyring}] ` : ''
  writeFileSync(join(folder, 'apt/sources.list'), `deb ${signed}${mirror} ${suite} main\n`)
  writeFileSync(join(folder, 'apt/status'), '')
  const settings = {
    'Dir::Etc::SourceList': join(folder, 'apt/sources.list'),
    'Dir::Etc::SourceParts': '-',
    'Dir::State': join(folder, 'apt'),
    'Dir::State::Lists': join(folder, 'apt/lists'),
    'Dir::State::status': join(folder, 'apt/status'),
    'Dir::Cache': join(folder, 'apt/cache'),
    'APT::Sandbox::User': 'root',
    'APT::Default-Release': '',
    'Acquire::Languages': 'none',
    'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled': 'false',
    'Acquire::Retries': '3'
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  /**
   * @param {string} program
   * @param {readonly string[]} args
   * @param {string} [cwd]
   */
  return async (program, args, cwd = folder) => {
    const { code, stdout, stderr } = await run(program, ['-q', ...options, ...args], { cwd })
    // apt-get update answers 0 even when nothing could be fetched; the lines that begin with "Err:" tell.
    if (code === 0 && !(args[0] === 'update' && /^(Err:|E:)/m.test(stdout + stderr))) return stdout
    throw new CannotProceed(
      `no valkey-server >= ${oldestMajor} on the PATH, and Debian's could not be fetched (is there a network?):\n${lastLines(stdout + stderr)}`
    )
  }
}

/** @param {string} text */
function lastLines(text) {
  return text.trim().split('\n').slice(-6).join('\n')
}

/**
 * The packages with Valkey's programs and all libraries below them. What else they depend on (users, init scripts) is for an
 * installation, which this is not.
 *
 * @param {(names: readonly string[]) => Promise<string>} depends `apt-cache depends --important`
 * @returns {Promise<readonly string[]>}
 */
export async function libraryClosure(depends) {
  const known = new Set(packages)
  let added = packages
  while (added.length > 0) {
    const names = dependencies(await depends(added))
    added = names.filter((name) => /^(lib|zlib)/.test(name) && !known.has(name))
    for (const name of added) known.add(name)
  }
  return [...known]
}

/**
 * The names that a listing of `apt-cache depends` depends on. Of alternatives (`|Depends`) the first is taken; a name in angle
 * brackets is virtual, and the lines below it name what provides it.
 *
 * @param {string} listing
 * @returns {readonly string[]}
 */
function dependencies(listing) {
  /** @type {Set<string>} */
  const names = new Set()
  let afterAlternative = false
  for (const line of listing.split('\n')) {
    const found = /^\s+(\|?)(?:Pre)?Depends: ([^<\s]\S*)$/.exec(line)
    if (found === null) continue
    const [, alternative = '', name = ''] = found
    if (!afterAlternative) names.add(name.replace(/:.*/, ''))
    afterAlternative = alternative === '|'
  }
  return [...names]
}

/** @param {string} folder */
function writeWrappers(folder) {
  const unpacked = readdirSync(join(folder, 'root'), { recursive: true, withFileTypes: true })
  const loader = unpacked.find((entry) => entry.isFile() && /^ld-linux.*\.so\.\d+$/.test(entry.name))
  if (loader === undefined) throw new CannotProceed('the packages hold no loader for this processor')
  const libraries = relative(folder, loader.parentPath)
  for (const program of [...programs, 'valkey-check-rdb', 'valkey-check-aof']) {
    const file = join(folder, 'bin', program)
    // The wrapper finds the rest beside itself, so the folder may be moved; exec keeps the process id.
    const script = [
      '#!/bin/sh',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell expands it
      'home="${0%/*}/.."',
      `libraries="$home/${libraries}"`,
      `exec "$libraries/${basename(loader.name)}" --library-path "$libraries" --argv0 ${program} "$home/root/usr/bin/${program}" "$@"`,
      ''
    ]
    writeFileSync(file, script.join('\n'))
    chmodSync(file, 0o755)
  }
}

if (isEntry(import.meta.url)) {
  await main('valkey', async () => {
    process.stdout.write(`${await provideValkey({ say: (line) => process.stderr.write(`valkey: ${line}\n`) })}\n`)
  })
}
