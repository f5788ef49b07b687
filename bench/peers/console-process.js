// The built command on a cluster, as a person starts it, and what it costs the machine.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../../apps/slotscope/bin/slotscope.js', import.meta.url))
/** Of /proc/PID/stat, in hertz: the kernel's constant for what it tells user space. */
const TICKS = 100

/** @param {readonly string[]} args of `slotscope connect` */
export async function startConsole(args) {
  const child = spawn(process.execPath, [command, 'connect', ...args, '--no-open'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const link = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`slotscope ended with code ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /log in +(\S+)/.exec(line)?.[1]
      if (found !== undefined) resolve(found)
    })
  })
  const { pid } = child
  if (pid === undefined) throw new Error('slotscope did not start')
  return {
    link: /** @type {string} */ (link),
    port: Number(new URL(/** @type {string} */ (link)).port),
    /** Proportional memory of all processes, in bytes. */
    memory: () => treeOf(pid).reduce((sum, id) => sum + pssOf(id), 0),
    /** Processor time of all processes since their start, in seconds. */
    processor: () => treeOf(pid).reduce((sum, id) => sum + secondsOf(id), 0),
    processes: () => treeOf(pid).length,
    /** @returns {Promise<void>} when it has ended */
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      })
  }
}

/** @param {number} pid @returns {number[]} it and all that it started */
function treeOf(pid) {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [{ pid: Number(name), parent: Number(/\) . (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1]) }]
      } catch {
        return []
      }
    })
  const tree = [pid]
  for (const id of tree) tree.push(...parents.filter(({ parent }) => parent === id).map((one) => one.pid))
  return tree
}

/** @param {number} pid @returns {number} bytes */
function pssOf(pid) {
  return Number(/^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) * 1024
}

/** @param {number} pid @returns {number} */
function secondsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}
