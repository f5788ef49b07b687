import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { type NodePlanAnswer, shellOf } from '@slotscope/observer/stream'
import { until } from './until.ts'
import { valkeyServer } from './valkey-cluster.ts'

const run = promisify(execFile)
const env = { ...process.env, PATH: `${dirname(valkeyServer)}:${process.env.PATH}` }

/** Runs a line in a shell whose `valkey-cli` is the real one, and gives what it printed. */
export async function paste(line: string): Promise<string> {
  return (await run('sh', ['-c', line], { env })).stdout
}

/** Runs what a plan for nodes prints, line by line. What follows a MEET waits until the nodes know each other, as the plan's own steps do. */
export async function pasteSteps(steps: NodePlanAnswer['steps']): Promise<void> {
  for (const step of steps) for (const line of shellOf(step)) await until(line, async () => !/ERR|refused/.test(await paste(line)), 10_000)
}
