import { type TreeAsk, TreeDesk } from '../../model/tree-desk.ts'

/** The tree of keys is built and put in order here, so that a million names never stop the page. */

/** Pages come quickly, and each would make the lines anew: they are made for many at once. */
const LEAST_WAIT_MS = 150

const desk = new TreeDesk()
let due: ReturnType<typeof setTimeout> | null = null
let tookMs = 0

function answer(): void {
  due = null
  const from = performance.now()
  postMessage(desk.window())
  tookMs = performance.now() - from
}

addEventListener('message', ({ data }: MessageEvent<TreeAsk>) => {
  desk.receive(data)
  if (data.type === 'add') due ??= setTimeout(answer, Math.max(LEAST_WAIT_MS, 3 * tookMs))
  else {
    // A person who opens a folder does not wait.
    if (due !== null) clearTimeout(due)
    answer()
  }
})
