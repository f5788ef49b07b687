import { parseArgs } from 'node:util'
import { Coverage, LEAST_COUNT, LEAST_SERVED } from './coverage.ts'
import { EXPLAINED } from './explained.ts'
import { type Find, LongRun } from './long-run.ts'
import { keepSeed, shown } from './seeds.ts'
import { ValkeySide } from './valkey-side.ts'

const usage = `usage: pnpm differential [--seed N] [--seeds N] [--ops N] [--keep FOLDER]
  --seed N       the first seed; default 1
  --seeds N      how many seeds, one after the other; default 1
  --ops N        commands of all seeds together; default 50000
  --keep FOLDER  where sequences that differ are kept, once they are short; without it they are only shown
`

/** Coverage is judged from so many commands on. */
const JUDGED_FROM = 1_000_000
const PROGRESS_EVERY_MS = 5_000

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '1' },
      ops: { type: 'string', default: '50000' },
      keep: { type: 'string' },
      help: { type: 'boolean', short: 'h' }
    }
  })
  const [seed, seeds, ops] = [values.seed, values.seeds, values.ops].map(Number) as [number, number, number]
  const sound = [seed, seeds, ops].every((number) => Number.isSafeInteger(number) && number >= 1) && ops >= seeds
  if (values.help || !sound) {
    process.stdout.write(usage)
    return values.help ? 0 : 2
  }
  const theirs = await ValkeySide.start()
  try {
    return await compare(theirs, { seed, seeds, ops, keep: values.keep })
  } finally {
    await theirs.close()
  }
}

type Task = { readonly seed: number; readonly seeds: number; readonly ops: number; readonly keep: string | undefined }

async function compare(theirs: ValkeySide, task: Task): Promise<number> {
  const coverage = new Coverage(await theirs.call(['COMMAND', 'DOCS']))
  const startedAtMs = Date.now()
  let shownAtMs = startedAtMs
  const run = new LongRun(theirs, {
    seen: (command, reply) => coverage.count(command, reply),
    found: (find) => tell(find, task.keep),
    progress: () => {
      if (Date.now() - shownAtMs < PROGRESS_EVERY_MS) return
      shownAtMs = Date.now()
      const seconds = (shownAtMs - startedAtMs) / 1000
      const left = ((task.ops - run.steps) / run.steps) * seconds
      say(
        `${count(run.steps)} of ${count(task.ops)}, ${count(run.steps / seconds)} ops/s, ${run.finds.length} differences, ${left.toFixed(0)} s left`
      )
    }
  })
  let digestsDiffer = 0
  for (let index = 0; index < task.seeds; index++) {
    const steps = Math.floor((task.ops * (index + 1)) / task.seeds) - Math.floor((task.ops * index) / task.seeds)
    const digests = await run.run(task.seed + index, steps)
    if (digests.ours !== digests.theirs) digestsDiffer++
    say(
      `seed ${task.seed + index}: ${count(steps)} commands, digest of the dataset ${digests.ours}${digests.ours === digests.theirs ? ', the same' : `, theirs ${digests.theirs}`}`
    )
  }
  const gaps = tellCoverage(coverage, task.ops)
  for (const [rule, times] of run.normalising.uses()) say(`made alike ${count(times).padStart(9)} times  ${rule}`)
  for (const one of EXPLAINED) say(`explained ${count(run.explained.get(one) ?? 0).padStart(9)} times  ${one.title}`)
  const seconds = (Date.now() - startedAtMs) / 1000
  say(
    `${count(run.steps)} commands over ${task.seeds} seeds in ${seconds.toFixed(0)} s: ${run.finds.length} unexplained differences (${run.repeated} more of the same kinds), ${digestsDiffer} digests differ`
  )
  return run.finds.length + digestsDiffer + gaps > 0 ? 1 : 0
}

function tell({ seed, difference, steps }: Find, keep: string | undefined): void {
  const file = keep === undefined ? '' : `, kept as ${keepSeed(keep, difference, steps)}`
  say(`difference with seed ${seed}, in ${steps.length} steps${file}`)
  for (const step of steps.slice(-12)) say(`    ${shown(step)}`)
  say(`  at     ${shown(difference.step)}`)
  say(`  ours   ${JSON.stringify(difference.ours.slice(0, 600))}`)
  say(`  theirs ${JSON.stringify(difference.theirs.slice(0, 600))}`)
}

/** Every command and option with its occurrences. Returns how many occur too seldom, or are refused too often. */
function tellCoverage(coverage: Coverage, ops: number): number {
  const cells: string[] = []
  const gaps: string[] = []
  for (const [name, { count: occurs, served }] of coverage.rows()) {
    const cell = `${name.padEnd(36)} ${count(occurs).padStart(8)} ${((100 * served) / Math.max(1, occurs)).toFixed(0).padStart(4)} %`
    cells.push(cell)
    if (occurs < LEAST_COUNT || served < LEAST_SERVED * occurs) gaps.push(cell)
  }
  say('command … option, occurrences, replies that are no error')
  const lines = Math.ceil(cells.length / 2)
  for (let at = 0; at < lines; at++) say(`${cells[at]}   ${cells[at + lines] ?? ''}`)
  if (ops < JUDGED_FROM) {
    say(`coverage is judged from ${count(JUDGED_FROM)} commands on`)
    return 0
  }
  for (const cell of gaps) say(`too seldom or too often refused: ${cell}`)
  return gaps.length
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
