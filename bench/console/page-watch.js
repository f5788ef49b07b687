// What runs inside the page: each function is sent there as text, so it may use nothing from outside.

/// <reference lib="dom" />

/** Resolves with the milliseconds since the page was asked for when map and lanes are on the screen. @returns {Promise<number>} */
export function untilUseful() {
  return new Promise((resolve) => {
    const look = () => {
      const canvas = document.querySelector('[aria-roledescription="slot map"] canvas')
      const drawn = canvas instanceof HTMLCanvasElement && canvas.width > 300 && document.querySelector('[data-lane]') !== null
      // One frame later it can be seen.
      requestAnimationFrame(drawn ? () => resolve(performance.now()) : look)
    }
    look()
  })
}

/** Counts frames until `stopFrames`. */
export function countFrames() {
  const state = { from: performance.now(), frames: 0, on: true }
  const next = () => {
    state.frames++
    if (state.on) requestAnimationFrame(next)
  }
  requestAnimationFrame(next)
  Object.assign(globalThis, { benchFrames: state })
}

/** @returns {number} frames per second since `countFrames` */
export function stopFrames() {
  const state = /** @type {any} */ (globalThis).benchFrames
  state.on = false
  return (state.frames * 1_000) / (performance.now() - state.from)
}

/**
 * Writes down when the colour of a slot's cell changes, as the wall clock at the first frame after the one that shows it. All slots stand
 * in one row: reading a canvas costs by how often it is done.
 *
 * @param {number[]} slots
 */
export function watchCells(slots) {
  const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('[aria-roledescription="slot map"] canvas'))
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
  /** @type {{ slot: number, atMs: number }[]} */
  const seen = []
  const [width, height] = [canvas.width / 128, canvas.height / 128]
  const row = Math.floor(/** @type {number} */ (slots[0]) / 128)
  const colours = () => {
    const { data } = context.getImageData(0, Math.floor((row + 0.5) * height), canvas.width, 1)
    return slots.map((slot) =>
      data
        .slice(Math.floor(((slot % 128) + 0.5) * width) * 4)
        .slice(0, 3)
        .join()
    )
  }
  let held = colours()
  const look = () => {
    const now = colours()
    const changed = slots.filter((_, index) => now[index] !== held[index])
    held = now
    if (changed.length > 0)
      requestAnimationFrame(() => {
        const atMs = performance.timeOrigin + performance.now()
        for (const slot of changed) seen.push({ slot, atMs })
      })
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
  Object.assign(globalThis, { benchSeen: seen })
}

/** @returns {{ slot: number, atMs: number }[]} */
export function seenCells() {
  return /** @type {any} */ (globalThis).benchSeen
}
