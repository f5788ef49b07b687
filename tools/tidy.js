// `node tools/tidy.js` looks for what compilers and linters do not: overlong files, addresses and paths of one machine, names that
// say nothing, tests that are switched off, and rules of the engine's specification that no test cites.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { CannotProceed, isEntry, main, root, run } from './program.js'

const longestFile = 600
const spec = 'packages/engine/SPEC.md'
const isTest = /\.(test|spec)\.(ts|tsx|js)$/
const isCode = /\.(ts|tsx|js|css|sh)$/
const isText = /\.(ts|tsx|js|css|sh|md|html|json|ya?ml|txt|svg)$|(^|\/)(Dockerfile|LICENSE|run|\.dockerignore|\.gitignore)$/

/**
 * @typedef {object} SourceFile
 * @property {string} path relative to the root
 * @property {string} text
 */

/** What no line may hold; this table and its test are the only files that are not asked. */
const banned = [
  { pattern: /(^|[^\w.~-])\/(work|tmp|root|Users)\//, where: isText, says: 'names a path of one machine' },
  {
    pattern: /registry\.npm|npmjs\.(org|com)\/[^p]|deb\.debian\.org|npmmirror/,
    where: isText,
    says: 'names the host of a package registry'
  },
  { pattern: /\b(TODO|FIXME|XXX)\b/, where: isCode, says: 'leaves work for later; do it or open an issue' },
  { pattern: /@ts-(ignore|nocheck)/, where: isCode, says: 'switches the compiler off' },
  { pattern: /\b(test|it|describe)(\.\w+)*\.(only|skip|todo|fixme)\s*\(/, where: isTest, says: 'switches tests off' }
]
const emptyNames = /^(utils?|helpers?|types|misc|common)\.(ts|tsx|js)$|(manager|service)\.(ts|tsx|js)$/i
const kebabName = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/

/**
 * Every breach, one line each.
 *
 * @param {readonly SourceFile[]} files
 * @returns {string[]}
 */
export function breaches(files) {
  return [...files.flatMap((file) => [...shape(file), ...contents(file)]), ...specification(files)]
}

/** @param {SourceFile} file */
function* shape({ path, text }) {
  const name = basename(path)
  if (!isCode.test(name)) return
  if (emptyNames.test(name)) yield `${path}: the name does not say what is in it`
  if (!kebabName.test(name)) yield `${path}: file names are kebab-case`
  const lines = text.split('\n').length
  if (lines > longestFile && !/Long on purpose: \S+/.test(text)) {
    yield `${path}: ${lines} lines; split it, or write "Long on purpose: <reason>" at its top`
  }
}

/** @param {SourceFile} file */
function* contents({ path, text }) {
  if (/^tools\/tidy(\.test)?\.js$/.test(path)) return
  if (basename(path) === 'pnpm-lock.yaml') {
    if (/tarball:|https?:\/\//.test(text)) yield `${path}: names where packages were fetched from`
    return
  }
  const rules = banned.filter((rule) => rule.where.test(path))
  if (rules.length === 0) return
  for (const [index, line] of text.split('\n').entries()) {
    for (const { pattern, says } of rules) if (pattern.test(line)) yield `${path}:${index + 1}: ${says}: ${line.trim().slice(0, 100)}`
  }
}

/**
 * Rules are defined at the beginning of a line of the specification, as `[MIG7]` behind any list or table marks; tests cite them in
 * their titles, scenarios anywhere.
 *
 * @param {readonly SourceFile[]} files
 */
function* specification(files) {
  const text = files.find((file) => file.path === spec)?.text
  if (text === undefined) return
  /** @type {Set<string>} */
  const defined = new Set()
  for (const [, rule = ''] of text.matchAll(/^[\s>|#*-]*\[([A-Z]{2,6}\d+[a-z]?)\]/gm)) {
    if (defined.has(rule)) yield `${spec}: [${rule}] is defined twice`
    defined.add(rule)
  }
  /** @type {Set<string>} */
  const cited = new Set()
  for (const file of files) {
    const scenario = /^packages\/engine\/.*\.txt$/.test(file.path)
    if (!scenario && !(isTest.test(file.path) && !file.path.startsWith('tools/'))) continue
    for (const line of file.text.split('\n')) {
      const said = scenario ? line : (/['"`].*/.exec(line)?.[0] ?? '')
      for (const [, rule = ''] of said.matchAll(/\[([A-Z]{2,6}\d+[a-z]?)\]/g)) {
        if (!defined.has(rule) && !cited.has(rule)) yield `${file.path}: cites [${rule}], which ${spec} does not define`
        cited.add(rule)
      }
    }
  }
  for (const rule of defined) if (!cited.has(rule)) yield `${spec}: no test cites [${rule}]`
}

/**
 * The text files that are in the repository or about to be.
 *
 * @returns {Promise<SourceFile[]>}
 */
export async function sourceFiles() {
  const { code, stdout, stderr } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'])
  if (code !== 0) throw new CannotProceed(`git cannot list the files: ${stderr.trim()}`)
  return stdout
    .split('\0')
    .filter((path) => path !== '' && isText.test(path))
    .map((path) => ({ path, file: join(root, path) }))
    .filter(({ file }) => existsSync(file) && statSync(file).isFile())
    .map(({ path, file }) => ({ path, text: readFileSync(file, 'utf8') }))
}

if (isEntry(import.meta.url)) {
  await main('tidy', async () => {
    const found = breaches(await sourceFiles())
    for (const breach of found) process.stderr.write(`${breach}\n`)
    return found.length === 0 ? 0 : 1
  })
}
