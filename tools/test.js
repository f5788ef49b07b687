// `npx -y pnpm@10 test`: checks, unit tests and browser journeys, with one line of totals at the end.
//
// What it needs it provides: a real Valkey and a Chromium. Where it cannot, it skips what needs them and says so; in CI
// (the variable CI is set) a missing tool is a failure instead.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from './build.js'
import { check } from './check.js'
import { provideChromium } from './chromium.js'
import { playwrightOutcomes, summary, vitestOutcomes, withoutSkips } from './outcome.js'
import { CannotProceed, entryOf, inCi, isEntry, main, root, run } from './program.js'
import { provideValkey } from './valkey.js'

/** @import { Outcome } from './outcome.js' */
/** @typedef {{ path: string } | { missing: string }} Tool */

const usage = `usage: pnpm test [--unit] [--e2e] [--grep TEXT]
  --unit        only the checks and the unit tests
  --e2e         only the browser journeys
  --grep TEXT   only tests whose name matches TEXT; the checks are left out
`
const reports = join(root, 'test-results')

/** @param {string} line */
const say = (line) => process.stdout.write(`${line}\n`)

/**
 * @param {() => Promise<string>} provide
 * @returns {Promise<Tool>}
 */
async function tool(provide) {
  try {
    return { path: await provide() }
  } catch (error) {
    if (error instanceof CannotProceed) return { missing: error.message }
    throw error
  }
}

/**
 * @param {string} file
 * @returns {any} undefined when the runner ended before it wrote its report
 */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * A runner that failed without a failed test has still failed.
 *
 * @param {string} name
 * @param {number} code
 * @param {Outcome[] | undefined} outcomes
 * @returns {Outcome[]}
 */
function accountable(name, code, outcomes) {
  if (outcomes === undefined)
    return [{ name, result: 'failed', detail: `the runner ended with code ${code} and no report; its output is above` }]
  if (code !== 0 && !outcomes.some((outcome) => outcome.result === 'failed')) {
    outcomes.push({ name, result: 'failed', detail: `the runner ended with code ${code} outside of any test; its output is above` })
  }
  return outcomes
}

/**
 * @param {Tool} valkey
 * @param {string | undefined} grep
 * @returns {Promise<Outcome[]>}
 */
async function unitTests(valkey, grep) {
  const report = join(reports, 'unit.json')
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  if (grep !== undefined) args.push('-t', grep)
  if ('missing' in valkey) args.push('--exclude', '**/*.valkey.test.{ts,js}')
  const { code } = await run(process.execPath, [entryOf('.', 'vitest'), ...args], { output: 'show', env: environment(valkey) })
  const read = readReport(report)
  const outcomes = accountable('unit tests', code, read && vitestOutcomes(read, { selected: grep !== undefined }))
  for (const outcome of outcomes) outcome.name = outcome.name.replace(`${root}/`, '')
  if ('missing' in valkey) outcomes.push({ name: 'all *.valkey.test.ts', result: 'skipped', detail: valkey.missing })
  return outcomes
}

/**
 * @param {Tool} valkey
 * @param {Tool} chromium
 * @param {string | undefined} grep
 * @returns {Promise<Outcome[]>}
 */
async function journeys(valkey, chromium, grep) {
  const filter = grep === undefined ? [] : ['--grep', grep]
  const withoutValkey = 'missing' in valkey ? ['--grep-invert', '@valkey'] : []
  if ('missing' in chromium) return skippedJourneys(['embedded', 'valkey'], filter, chromium.missing)
  const projects = 'missing' in valkey ? ['embedded'] : ['embedded', 'valkey']
  const report = join(reports, 'journeys.json')
  const { code } = await run(
    process.execPath,
    playwright([...filter, ...withoutValkey, ...projects.map((project) => `--project=${project}`), '--reporter=list,json']),
    {
      output: 'show',
      env: { ...environment(valkey), SLOTSCOPE_CHROMIUM: chromium.path, PLAYWRIGHT_JSON_OUTPUT_NAME: report }
    }
  )
  const read = readReport(report)
  const outcomes = accountable('browser journeys', code, read && playwrightOutcomes(read))
  if ('path' in valkey) return outcomes
  const skipped = [...(await skippedJourneys(['valkey'], filter, valkey.missing))]
  // With a name filter as well, Playwright has no way to ask for both; those are left untold.
  if (grep === undefined) skipped.push(...(await skippedJourneys(['embedded'], ['--grep', '@valkey'], valkey.missing)))
  return [...outcomes, ...skipped]
}

/**
 * Journeys that cannot run are counted one by one, like those that do.
 *
 * @param {readonly string[]} projects
 * @param {readonly string[]} filter
 * @param {string} reason
 * @returns {Promise<Outcome[]>}
 */
async function skippedJourneys(projects, filter, reason) {
  const report = join(reports, 'skipped-journeys.json')
  const { code } = await run(
    process.execPath,
    playwright(['--list', ...filter, ...projects.map((project) => `--project=${project}`), '--reporter=json']),
    {
      env: { ...process.env, SLOTSCOPE_CHROMIUM: 'none', PLAYWRIGHT_JSON_OUTPUT_NAME: report }
    }
  )
  const read = readReport(report)
  if (read === undefined) return accountable('list of browser journeys', code, undefined)
  return playwrightOutcomes(read).map(({ name }) => ({ name, result: 'skipped', detail: reason }))
}

/** @param {readonly string[]} args */
function playwright(args) {
  return [entryOf('e2e', '@playwright/test', 'playwright'), 'test', '--config=e2e/playwright.config.ts', '--pass-with-no-tests', ...args]
}

/**
 * Tests find Valkey by VALKEY_SERVER, programs that they start find it on the PATH.
 *
 * @param {Tool} valkey
 */
function environment(valkey) {
  if ('missing' in valkey) return process.env
  const path = `${valkey.path}${delimiter}${process.env.PATH ?? ''}`
  return { ...process.env, PATH: path, VALKEY_SERVER: join(valkey.path, 'valkey-server') }
}

/**
 * @param {string} title
 * @param {() => Promise<Outcome[]>} part
 */
async function timed(title, part) {
  say(`\n── ${title}`)
  const startedAtMs = Date.now()
  const outcomes = await part()
  say(`── ${title}: ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`)
  return outcomes
}

if (isEntry(import.meta.url)) {
  await main('test', async () => {
    const { values } = parseArgs({
      options: { unit: { type: 'boolean' }, e2e: { type: 'boolean' }, grep: { type: 'string' }, help: { type: 'boolean', short: 'h' } }
    })
    if (values.help) {
      process.stdout.write(usage)
      return 0
    }
    const { grep } = values
    const both = values.unit === values.e2e
    rmSync(reports, { recursive: true, force: true })
    mkdirSync(reports, { recursive: true })

    const needsChromium = both || values.e2e === true
    const tools = Promise.all([
      tool(() => provideValkey({ say })),
      needsChromium ? tool(() => provideChromium({ say })) : Promise.resolve(/** @type {Tool} */ ({ missing: 'not asked for' }))
    ])
    /** @type {Outcome[]} */
    let outcomes = []
    if (grep === undefined && (both || values.unit)) outcomes.push(...(await timed('checks', () => check({ say }))))
    const [valkey, chromium] = await tools
    say(`\nValkey:   ${'path' in valkey ? valkey.path : `none; ${valkey.missing}`}`)
    if (needsChromium) say(`Chromium: ${'path' in chromium ? chromium.path : `none; ${chromium.missing}`}`)

    outcomes.push(
      ...(await timed('build', async () => {
        try {
          await build({ say })
          return [{ name: 'build', result: 'passed' }]
        } catch (error) {
          if (error instanceof CannotProceed) return [{ name: 'build', result: 'failed', detail: error.message }]
          throw error
        }
      }))
    )
    const built = outcomes.at(-1)?.result === 'passed'
    if (both || values.unit) outcomes.push(...(await timed('unit tests', () => unitTests(valkey, grep))))
    if (both || values.e2e) {
      const filter = grep === undefined ? [] : ['--grep', grep]
      const part = built
        ? () => journeys(valkey, chromium, grep)
        : () => skippedJourneys(['embedded', 'valkey'], filter, 'there is nothing to run: the build failed')
      outcomes.push(...(await timed('browser journeys', part)))
    }
    if (inCi) outcomes = withoutSkips(outcomes)
    process.stdout.write(`${summary(outcomes)}\n`)
    return outcomes.some((outcome) => outcome.result === 'failed') ? 1 : 0
  })
}
