// Questions between the bench and its processes, over the channel that Node opens to a forked process.
import { fork } from 'node:child_process'

/**
 * @param {URL} file
 * @param {{ args?: readonly string[], execArgv?: readonly string[] }} [options]
 */
export function startChild(file, { args = [], execArgv = [] } = {}) {
  const child = fork(file, [...args], { execArgv: [...execArgv] })
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  const waiting = new Map()
  let asked = 0
  child.on('message', (/** @type {{ id: number, value?: unknown, error?: string }} */ answer) => {
    const waiter = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (answer.error === undefined) waiter?.resolve(answer.value)
    else waiter?.reject(new Error(answer.error))
  })
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${file.pathname} ended with code ${code}`))
    waiting.clear()
  })
  return {
    /** @param {string} name @param {unknown} [value] @returns {Promise<any>} */
    ask(name, value) {
      if (child.exitCode !== null) return Promise.reject(new Error(`${file.pathname} is not running`))
      return new Promise((resolve, reject) => {
        waiting.set(++asked, { resolve, reject })
        child.send({ id: asked, name, value })
      })
    },
    stop() {
      child.kill()
    }
  }
}

/** @param {Record<string, (value: any) => unknown>} answers by the name of the question */
export function serve(answers) {
  process.on('message', async (/** @type {{ id: number, name: string, value: unknown }} */ { id, name, value }) => {
    try {
      process.send?.({ id, value: await answers[name]?.(value) })
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
  process.on('disconnect', () => process.exit())
}
