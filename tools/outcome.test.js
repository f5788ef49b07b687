import { describe, expect, test } from 'vitest'
import { playwrightOutcomes, summary, vitestOutcomes, withoutSkips } from './outcome.js'

describe('the totals', () => {
  test('are the last line, without skipped tests when there are none', () => {
    const text = summary([
      { name: 'a', result: 'passed' },
      { name: 'b', result: 'passed' }
    ])
    expect(text.split('\n').at(-1)).toBe('2 passed, 0 failed')
  })

  test('name what was skipped with its reason once, and what failed with its error', () => {
    const text = summary([
      { name: 'a', result: 'passed' },
      { name: 'b', result: 'skipped', detail: 'no Chromium' },
      { name: 'c', result: 'skipped', detail: 'no Chromium' },
      { name: 'd', result: 'failed', detail: '\u001b[31mexpected 1\u001b[39m\n    at run (/x/node_modules/y.js:1:1)\n    at d.test.ts:3:1' }
    ])
    expect(text.match(/no Chromium/g)).toHaveLength(1)
    expect(text).toContain('✗ d\n      expected 1\n          at d.test.ts:3:1\n')
    expect(text.split('\n').at(-1)).toBe('1 passed, 1 failed, 2 skipped')
  })

  test('hold skipped tests as failed where nothing may be skipped', () => {
    expect(withoutSkips([{ name: 'a', result: 'skipped', detail: 'no Valkey' }])).toEqual([
      { name: 'a', result: 'failed', detail: 'skipped, and in CI nothing may be: no Valkey' }
    ])
  })
})

test('tests that were not run in CI stand under the reason that they share', () => {
  const skipped = ['a', 'b'].map((name) => /** @type {const} */ ({ name, result: 'skipped', detail: 'no Valkey' }))
  const text = summary(withoutSkips(skipped))
  expect(text.match(/nothing may be: no Valkey/g)).toHaveLength(1)
  expect(text.split('\n').at(-1)).toBe('0 passed, 2 failed')
})

describe("vitest's report", () => {
  const assertionResults = [
    { fullName: 'one', status: 'passed' },
    { fullName: 'two', status: 'failed', failureMessages: ['Error: no'] },
    { fullName: 'three', status: 'skipped' }
  ]

  test('counts every test', () => {
    const outcomes = vitestOutcomes({ testResults: [{ name: 'x.test.ts', status: 'failed', assertionResults }] })
    expect(outcomes.map((outcome) => [outcome.name, outcome.result])).toEqual([
      ['x.test.ts > one', 'passed'],
      ['x.test.ts > two', 'failed'],
      ['x.test.ts > three', 'skipped']
    ])
  })

  test('does not tell what a name filter left out', () => {
    const outcomes = vitestOutcomes({ testResults: [{ name: 'x.test.ts', status: 'failed', assertionResults }] }, { selected: true })
    expect(outcomes.map((outcome) => outcome.result)).toEqual(['passed', 'failed'])
  })

  test('counts a file that could not be loaded as one failed test', () => {
    const outcomes = vitestOutcomes({
      testResults: [{ name: 'x.test.ts', status: 'failed', message: 'cannot find y', assertionResults: [] }]
    })
    expect(outcomes).toEqual([{ name: 'x.test.ts', result: 'failed', detail: 'cannot find y' }])
  })

  test('says of tests whose file failed first that they did not run', () => {
    const skipped = [{ fullName: 'one', status: 'skipped' }]
    const outcomes = vitestOutcomes({
      testResults: [{ name: 'x.test.ts', status: 'failed', message: 'beforeAll', assertionResults: skipped }]
    })
    expect(outcomes).toEqual([
      { name: 'x.test.ts > one', result: 'skipped', detail: 'its file failed before it could run' },
      { name: 'x.test.ts', result: 'failed', detail: 'beforeAll' }
    ])
  })

  test('counts a hook that failed behind passed tests', () => {
    const passed = [{ fullName: 'one', status: 'passed' }]
    const outcomes = vitestOutcomes({
      testResults: [{ name: 'x.test.ts', status: 'failed', message: 'afterAll', assertionResults: passed }]
    })
    expect(outcomes.map((outcome) => outcome.result)).toEqual(['passed', 'failed'])
  })
})

describe("Playwright's report", () => {
  /**
   * @param {string} status
   * @param {string} [message]
   */
  const spec = (status, message) => ({
    title: status,
    tests: [{ projectName: 'embedded', status, results: [{ errors: message === undefined ? [] : [{ message }] }] }]
  })

  test('counts every test of every suite, and one that passed only when repeated as failed', () => {
    const outcomes = playwrightOutcomes({
      suites: [
        {
          title: 'a.spec.ts',
          specs: [spec('expected'), spec('flaky', 'once')],
          suites: [{ title: 'inner', specs: [spec('unexpected', 'boom'), spec('skipped')] }]
        }
      ]
    })
    expect(outcomes.map((outcome) => [outcome.name, outcome.result])).toEqual([
      ['[embedded] a.spec.ts > expected', 'passed'],
      ['[embedded] a.spec.ts > flaky', 'failed'],
      ['[embedded] a.spec.ts > inner > unexpected', 'failed'],
      ['[embedded] a.spec.ts > inner > skipped', 'skipped']
    ])
    expect(outcomes[2]?.detail).toBe('boom')
  })

  test('counts an error outside of any test', () => {
    expect(playwrightOutcomes({ errors: [{ message: 'no config' }] })).toEqual([
      { name: 'journeys, outside of any test', result: 'failed', detail: 'no config' }
    ])
  })
})
