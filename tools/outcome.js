// What became of each check and test, from whatever ran it, and how that is told at the end.

/**
 * @typedef {object} Outcome
 * @property {string} name
 * @property {'passed' | 'failed' | 'skipped'} result
 * @property {string} [detail] why it failed or was skipped
 */

/**
 * Every test in vitest's JSON report. A file that could not be loaded, or whose hooks failed, counts as one failed test.
 *
 * @param {VitestReport} report
 * @param {{ selected?: boolean }} [options] with `selected` (a name filter was given) tests that vitest left out are not told
 * @returns {Outcome[]}
 *
 * @typedef {{ testResults: { name: string, status: string, message?: string, assertionResults: VitestTest[] }[] }} VitestReport
 * @typedef {{ fullName: string, status: string, failureMessages?: string[] | null }} VitestTest
 */
export function vitestOutcomes(report, { selected = false } = {}) {
  /** @type {Outcome[]} */
  const outcomes = []
  for (const file of report.testResults) {
    // A file that failed without a failed test failed in a hook or while it was loaded.
    const blamed = file.status !== 'failed' || file.assertionResults.some((test) => test.status === 'failed')
    for (const test of file.assertionResults) {
      const name = `${file.name} > ${test.fullName}`
      if (test.status === 'passed') outcomes.push({ name, result: 'passed' })
      else if (test.status === 'failed') outcomes.push({ name, result: 'failed', detail: (test.failureMessages ?? []).join('\n') })
      else if (!selected)
        outcomes.push({ name, result: 'skipped', detail: blamed ? `the test says ${test.status}` : 'its file failed before it could run' })
    }
    if (!blamed) outcomes.push({ name: file.name, result: 'failed', detail: file.message ?? 'the file failed outside of its tests' })
  }
  return outcomes
}

/**
 * Every test in Playwright's JSON report, once per project. A test that passed only when it was repeated has failed.
 *
 * @param {PlaywrightReport} report
 * @returns {Outcome[]}
 *
 * @typedef {{ suites?: PlaywrightSuite[], errors?: { message?: string }[] }} PlaywrightReport
 * @typedef {{ title: string, specs?: PlaywrightSpec[], suites?: PlaywrightSuite[] }} PlaywrightSuite
 * @typedef {{ title: string, tests: { projectName: string, status: string, results: { errors?: { message?: string }[] }[], annotations?: { type: string, description?: string }[] }[] }} PlaywrightSpec
 */
export function playwrightOutcomes(report) {
  /** @type {Outcome[]} */
  const outcomes = []
  /**
   * @param {PlaywrightSuite} suite
   * @param {readonly string[]} above
   */
  const visit = (suite, above) => {
    const titles = [...above, suite.title]
    for (const spec of suite.specs ?? []) {
      for (const test of spec.tests) {
        const name = `[${test.projectName}] ${[...titles, spec.title].filter((title) => title !== '').join(' > ')}`
        if (test.status === 'expected') outcomes.push({ name, result: 'passed' })
        else if (test.status === 'skipped') {
          const reason = test.annotations?.find((annotation) => annotation.type === 'skip')?.description
          outcomes.push({ name, result: 'skipped', detail: reason ?? 'an earlier failure kept it from running' })
        } else {
          const errors = test.results.flatMap((result) => result.errors ?? []).map((error) => error.message ?? '')
          outcomes.push({ name, result: 'failed', detail: errors.join('\n') })
        }
      }
    }
    for (const inner of suite.suites ?? []) visit(inner, titles)
  }
  for (const suite of report.suites ?? []) visit(suite, [])
  for (const error of report.errors ?? [])
    outcomes.push({ name: 'journeys, outside of any test', result: 'failed', detail: error.message ?? '' })
  return outcomes
}

const notRunWords = 'skipped, and in CI nothing may be'

/**
 * Where nothing may be skipped, what was skipped has failed.
 *
 * @param {readonly Outcome[]} outcomes
 * @returns {Outcome[]}
 */
export function withoutSkips(outcomes) {
  return outcomes.map((outcome) =>
    outcome.result === 'skipped' ? { ...outcome, result: 'failed', detail: `${notRunWords}: ${outcome.detail ?? ''}` } : outcome
  )
}

/**
 * The end of the output: what was skipped and why, what failed and how, and the totals as the last line.
 *
 * @param {readonly Outcome[]} outcomes
 * @returns {string}
 */
export function summary(outcomes) {
  const failed = outcomes.filter((outcome) => outcome.result === 'failed')
  const skipped = outcomes.filter((outcome) => outcome.result === 'skipped')
  const passed = outcomes.length - failed.length - skipped.length
  const lines = []
  if (skipped.length > 0) {
    lines.push('', 'Skipped:', ...byReason(skipped))
  }
  if (failed.length > 0) {
    lines.push('', 'Failed:')
    const notRun = failed.filter((outcome) => outcome.detail?.startsWith(notRunWords))
    for (const outcome of failed) {
      if (!notRun.includes(outcome)) lines.push(`  ✗ ${outcome.name}`, ...excerpt(outcome.detail ?? '').map((line) => `      ${line}`))
    }
    lines.push(...byReason(notRun))
  }
  lines.push('', `${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`)
  return lines.join('\n')
}

/**
 * Names under the reason that they share.
 *
 * @param {readonly Outcome[]} outcomes
 * @returns {string[]}
 */
function byReason(outcomes) {
  /** @type {Map<string, Outcome[]>} */
  const groups = new Map()
  for (const outcome of outcomes) groups.set(outcome.detail ?? '', [...(groups.get(outcome.detail ?? '') ?? []), outcome])
  return [...groups].flatMap(([reason, group]) => [
    `  ${reason}`,
    ...group.slice(0, 10).map((outcome) => `    - ${outcome.name}`),
    ...(group.length > 10 ? [`    - and ${group.length - 10} more`] : [])
  ])
}

/**
 * The telling part of an error: its first lines, without colours and without the runner's own stack frames.
 *
 * @param {string} text
 */
function excerpt(text) {
  const lines = text
    .replace(/\u001b\[[0-9;]*m/g, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !/^\s+at .*(node_modules|node:internal)/.test(line))
  return lines.length > 25 ? [...lines.slice(0, 25), `... ${lines.length - 25} more lines above`] : lines
}
