import { expect, test } from 'vitest'
import { breaches } from './tidy.js'

/**
 * @param {string} path
 * @param {string} text
 */
const found = (path, text) => breaches([{ path, text }])
const spec = {
  path: 'packages/engine/SPEC.md',
  text: '# Rules\n- [MIG1] The owner serves, see [SLOT2].\n| [SLOT2] | A slot has one owner. |\n'
}

test('a clean file has no breach', () => {
  expect(found('packages/engine/src/core/node.ts', "import { slot } from './slot.ts'\n")).toEqual([])
})

test.each([
  ['a path of one machine', 'x.ts', "open('/work/main/a')"],
  ['a path of one machine', 'docs/a.md', 'see /tmp/a'],
  ['the host of a package registry', '.ci/run', 'npm config set registry https://registry.npmjs.org'],
  ['leaves work for later', 'x.ts', '// TODO later'],
  ['switches the compiler off', 'x.ts', '// @ts-ignore'],
  ['switches tests off', 'x.test.ts', "test.only('a', run)"],
  ['switches tests off', 'x.spec.ts', "test.describe.skip('a', run)"]
])('%s in %s is a breach', (says, path, line) => {
  expect(found(path, `\n${line}\n`)).toEqual([expect.stringMatching(new RegExp(`^${path}:2: .*${says}`))])
})

test('paths of an address are not paths of a machine', () => {
  expect(found('x.ts', "fetch('/api/work/1'); import './tmp/a.ts'; join(tmpdir(), 'a')")).toEqual([])
})

test('an overlong file needs a reason', () => {
  const long = 'a\n'.repeat(700)
  expect(found('x.ts', long)).toEqual([expect.stringContaining('701 lines')])
  expect(found('x.ts', `// Long on purpose: a table of all commands\n${long}`)).toEqual([])
})

test.each(['utils.ts', 'types.ts', 'job-manager.ts', 'SlotMap.tsx'])('%s is not a name', (name) => {
  expect(found(`apps/console/src/${name}`, '')).toHaveLength(1)
})

test('the lockfile names no place that packages were fetched from', () => {
  expect(found('pnpm-lock.yaml', 'resolution: {integrity: sha512-a, tarball: https://x/y.tgz}')).toHaveLength(1)
  expect(found('pnpm-lock.yaml', 'resolution: {integrity: sha512-a}')).toEqual([])
})

test('every rule of the specification is cited and every cited rule exists', () => {
  const cites = { path: 'packages/engine/test/a.test.ts', text: "test('[MIG1] the owner serves', run)\nconst a = b[SLOT2]\n" }
  expect(breaches([spec, cites])).toEqual(['packages/engine/SPEC.md: no test cites [SLOT2]'])
  const scenario = { path: 'packages/engine/test/scenarios/a.txt', text: '# [SLOT2] [GOS3]\n' }
  expect(breaches([spec, cites, scenario])).toEqual([
    'packages/engine/test/scenarios/a.txt: cites [GOS3], which packages/engine/SPEC.md does not define'
  ])
})

test('without a specification nothing is asked of citations', () => {
  expect(found('packages/engine/test/a.test.ts', "test('[MIG1] the owner serves', run)")).toEqual([])
})

test('a rule is defined once', () => {
  const twice = { ...spec, text: `${spec.text}- [MIG1] again\n` }
  expect(breaches([twice])).toContain('packages/engine/SPEC.md: [MIG1] is defined twice')
})
