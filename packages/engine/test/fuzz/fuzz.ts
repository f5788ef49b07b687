import { parseArgs } from 'node:util'
import { FuzzRun } from './fuzz-run.ts'

const usage = `usage: pnpm fuzz [--inputs N] [--seed N]
  --inputs N  how many mutated inputs; default 100000
  --seed N    default 1
`

const PROGRESS_EVERY = 50_000

process.exitCode = main()

function main(): number {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h' }
    }
  })
  const [inputs, seed] = [Number(values.inputs), Number(values.seed)]
  const sound = [inputs, seed].every((number) => Number.isSafeInteger(number) && number >= 1)
  if (values.help || !sound) {
    process.stdout.write(usage)
    return values.help ? 0 : 2
  }
  const startedAtMs = Date.now()
  const run = new FuzzRun(seed)
  let told = 0
  while (run.inputs < inputs) {
    run.run(Math.min(PROGRESS_EVERY, inputs - run.inputs))
    const seconds = (Date.now() - startedAtMs) / 1000
    const left = ((inputs - run.inputs) / run.inputs) * seconds
    say(
      `${count(run.inputs)} of ${count(inputs)}, ${count(run.inputs / seconds)}/s, ${count(run.learnt.length)} learnt, slowest ${run.slowest.ms.toFixed(1)} ms, ${megabytes(process.memoryUsage.rss())} MB resident, ${run.finds.length} finds, ${left.toFixed(0)} s left`
    )
    for (const find of run.finds.slice(told)) {
      say(`find: ${find.what}`)
      for (const input of find.inputs.slice(-5)) say(`  ${input.target} ${JSON.stringify(input.text.slice(0, 1_000))}`)
    }
    told = run.finds.length
  }
  const { slowest } = run
  say(`slowest input: ${slowest.ms.toFixed(1)} ms, ${slowest.input.target} ${JSON.stringify(slowest.input.text.slice(0, 300))}`)
  say(`most memory in use by a node ${megabytes(run.mostUsedBytes)} MB, most bytes sent for one input ${count(run.mostOutputBytes)}`)
  say(
    `${count(run.inputs)} inputs, ${megabytes(run.bytes)} MB, in ${((Date.now() - startedAtMs) / 1000).toFixed(0)} s: ${run.finds.length} finds`
  )
  return run.finds.length > 0 ? 1 : 0
}

function megabytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(0)
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
