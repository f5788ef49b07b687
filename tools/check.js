// `npx -y pnpm@10 check`: everything that reads the code without running it.
import { entryOf, isEntry, main, run } from './program.js'
import { breaches, sourceFiles } from './tidy.js'

/** @import { Outcome } from './outcome.js' */

/** @type {readonly { name: string, check: () => Promise<string | undefined> }[]} each resolves to what is wrong, if anything */
const checks = [
  { name: 'type check', check: () => complaint(entryOf('.', 'typescript', 'tsc'), ['-b']) },
  {
    name: 'lint and format',
    check: () =>
      complaint(entryOf('.', '@biomejs/biome', 'biome'), ['check', '--colors=off', '--diagnostic-level=warn', '--error-on-warnings'])
  },
  { name: 'nothing unused', check: () => complaint(entryOf('.', 'knip'), ['--no-progress', '--treat-config-hints-as-errors']) },
  {
    name: 'tidy',
    check: async () => {
      const found = breaches(await sourceFiles())
      return found.length === 0 ? undefined : found.join('\n')
    }
  }
]

/**
 * @param {string} entry of the program
 * @param {readonly string[]} args
 * @returns {Promise<string | undefined>} what the program prints when it fails
 */
async function complaint(entry, args) {
  const { code, stdout, stderr } = await run(process.execPath, [entry, ...args])
  return code === 0 ? undefined : `${stdout}${stderr}`.trim() || `exit code ${code}`
}

/**
 * Runs all checks, also those after a failed one; each counts as one test.
 *
 * @param {{ say: (line: string) => void }} options
 * @returns {Promise<Outcome[]>}
 */
export async function check({ say }) {
  /** @type {Outcome[]} */
  const outcomes = []
  for (const { name, check } of checks) {
    const startedAtMs = Date.now()
    const wrong = await check()
    const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1)
    if (wrong === undefined) outcomes.push({ name, result: 'passed' })
    else outcomes.push({ name, result: 'failed', detail: wrong })
    say(`${wrong === undefined ? '✓' : '✗'} ${name} (${seconds} s)`)
    if (wrong !== undefined) say(wrong)
  }
  return outcomes
}

if (isEntry(import.meta.url)) {
  await main('check', async () => {
    const outcomes = await check({ say: (line) => process.stdout.write(`${line}\n`) })
    return outcomes.some((outcome) => outcome.result === 'failed') ? 1 : 0
  })
}
