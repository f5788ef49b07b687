// The table that a bench prints: figure, goal, verdict.

/** @typedef {{ what: string, figure: string, goal: string, met: boolean | null }} Row */

/**
 * A figure with its goal.
 *
 * @param {string} what @param {number} figure @param {string} unit @param {number} goal
 * @param {'most' | 'least'} [bound] what the goal is
 * @returns {Row}
 */
export function row(what, figure, unit, goal, bound = 'most') {
  const digits = unit === 'ms' || Number.isInteger(figure) ? 0 : unit === 'fps' || unit === 'kB' ? 1 : 2
  const short = unit.replace(/ \(.*\)$/, '')
  return {
    what,
    figure: `${figure.toFixed(digits)} ${short}`,
    goal: `${bound === 'most' ? '<=' : '>='} ${goal} ${short}`,
    met: bound === 'most' ? figure <= goal : figure >= goal
  }
}

/** A figure without a goal. @param {string} what @param {string} figure @returns {Row} */
export function plain(what, figure) {
  return { what, figure, goal: '', met: null }
}

/** @param {readonly Row[]} rows */
export function tableOf(rows) {
  const verdict = (/** @type {boolean | null} */ met) => (met === null ? '' : met ? 'met' : '**missed**')
  return [
    '| figure | measured | goal | verdict |',
    '|---|---|---|---|',
    ...rows.map((one) => `| ${one.what} | ${one.figure} | ${one.goal} | ${verdict(one.met)} |`)
  ].join('\n')
}
