// What a trace of Chromium says about the main thread of one page: how much script ran between two frames.

/** @typedef {{ name: string, ph: string, pid: number, tid: number, ts: number, dur?: number, tdur?: number }} TraceEvent times in microseconds */

/** Everything that runs because of the page's own code, its callbacks and their garbage. */
const script = new Set([
  'FunctionCall',
  'EvaluateScript',
  'FireAnimationFrame',
  'EventDispatch',
  'TimerFire',
  'RunMicrotasks',
  'MajorGC',
  'MinorGC',
  'v8.callFunction'
])

/**
 * Milliseconds of script in each frame: of processor time of the main thread, so that a busy machine does not count. The page runs
 * requestAnimationFrame all the time; each call begins a frame.
 *
 * @param {readonly TraceEvent[]} events
 * @returns {number[]}
 */
export function scriptPerFrame(events) {
  const thread = busiestThread(events)
  const own = events
    .filter((event) => event.ph === 'X' && `${event.pid} ${event.tid}` === thread && script.has(event.name))
    .sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0))
  /** @type {number[]} */
  const frames = []
  let open = 0
  let endOfTop = 0
  let began = false
  for (const event of own) {
    // What is inside another event is counted with it.
    if (event.ts < endOfTop) continue
    if (event.name === 'FireAnimationFrame') {
      if (began) frames.push(open)
      began = true
      open = 0
    }
    open += (event.tdur ?? event.dur ?? 0) / 1_000
    endOfTop = event.ts + (event.dur ?? 0)
  }
  return frames
}

/**
 * Milliseconds of work of any kind in each frame, of processor time of the main thread: script, style, layout, paint, messages. A frame
 * that took long because of us has much of it.
 *
 * @param {readonly TraceEvent[]} events of the categories `toplevel` and `devtools.timeline`
 * @returns {number[]}
 */
export function workPerFrame(events) {
  const thread = busiestThread(events)
  const own = events.filter((event) => event.ph === 'X' && `${event.pid} ${event.tid}` === thread)
  const starts = own
    .filter(({ name }) => name === 'FireAnimationFrame')
    .map(({ ts }) => ts)
    .sort((a, b) => a - b)
  const tasks = own.filter(({ name }) => name === 'RunTask' || name === 'ThreadControllerImpl::RunTask').sort((a, b) => a.ts - b.ts)
  const frames = /** @type {number[]} */ ([])
  let at = 0
  let endOfTop = 0
  for (const [index, from] of starts.slice(0, -1).entries()) {
    let work = 0
    for (; at < tasks.length && /** @type {TraceEvent} */ (tasks[at]).ts < /** @type {number} */ (starts[index + 1]); at++) {
      const task = /** @type {TraceEvent} */ (tasks[at])
      if (task.ts < endOfTop || task.ts + (task.dur ?? 0) < from) continue
      work += (task.tdur ?? task.dur ?? 0) / 1_000
      endOfTop = task.ts + (task.dur ?? 0)
    }
    frames.push(work)
  }
  return frames
}

/** The main thread of the page is where most callbacks of frames ran. @param {readonly TraceEvent[]} events */
function busiestThread(events) {
  /** @type {Map<string, number>} */
  const count = new Map()
  for (const { name, pid, tid } of events)
    if (name === 'FireAnimationFrame') count.set(`${pid} ${tid}`, (count.get(`${pid} ${tid}`) ?? 0) + 1)
  return [...count].sort((a, b) => b[1] - a[1])[0]?.[0]
}
