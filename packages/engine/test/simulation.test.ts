import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseScenario, runScenario } from '../src/hosts/sim/index.ts'

const SEEDS = Number(process.env.SIMULATION_SEEDS ?? '100')

function scenario(name: string) {
  return parseScenario(readFileSync(fileURLToPath(new URL(`./scenarios/${name}.txt`, import.meta.url)), 'utf8'))
}

test('[MIG7] slots move under writes, a hundred seeds: every acknowledged write is there once, and clients see only MOVED', {
  timeout: 600_000
}, () => {
  const statements = scenario('migrate-under-writes')
  let migrations = 0
  let writes = 0
  let moved = 0
  for (let seed = 1; seed <= SEEDS; seed++) {
    const result = runScenario(statements, seed)
    migrations += result.succeeded
    writes += result.acknowledgedWrites
    moved += result.moved
  }
  console.log(`${SEEDS} seeds: ${migrations} migrations, ${writes} acknowledged writes, ${moved} MOVED`)
  expect(migrations).toBe(SEEDS * 100)
  // A generator that has gone quiet would prove nothing.
  expect(writes).toBeGreaterThan(SEEDS * 5_000)
  expect(moved).toBeGreaterThan(SEEDS * 100)
})

test('[MIG8] replicas end with what their primaries have, on both sides of a hundred moves', { timeout: 600_000 }, () => {
  const statements = scenario('migrate-with-replicas')
  let writes = 0
  for (let seed = 1; seed <= 5; seed++) writes += runScenario(statements, seed).acknowledgedWrites
  expect(writes).toBeGreaterThan(5 * 800)
})

test('the same seed makes the same run', () => {
  const statements = scenario('migrate-under-writes').filter(({ verb }) => verb !== 'expect')
  const few = statements.map((statement) =>
    statement.verb === 'migrate' ? { ...statement, options: new Map([...statement.options, ['times', '5']]) } : statement
  )
  expect(runScenario(few, 7)).toEqual(runScenario(few, 7))
})
