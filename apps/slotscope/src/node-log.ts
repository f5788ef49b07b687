import { openSync, writeSync } from 'node:fs'

/** Takes one line of a node's log. */
export type LogLine = (level: string, text: string) => void

/** The marks of the reference's log. */
const LEVELS: Readonly<Record<string, string>> = { debug: '.', verbose: '-', notice: '*', warning: '#' }
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Lines in the reference's form, added to a file, or to standard output where the name is empty. Throws the system's error when it cannot be opened. */
export function openLog(file: string): LogLine {
  const descriptor = file === '' ? undefined : openSync(file, 'a')
  return (level, text) => {
    const line = `${process.pid}:M ${timeOf(new Date())} ${LEVELS[level] ?? '*'} ${text}\n`
    // A file is written at once, so that the last words before an end are in it.
    if (descriptor === undefined) process.stdout.write(line)
    else writeSync(descriptor, line)
  }
}

/** `27 Nov 2026 17:30:32.993`, local time. */
function timeOf(at: Date): string {
  const two = (value: number, width = 2) => String(value).padStart(width, '0')
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${two(at.getMilliseconds(), 3)}`
  return `${two(at.getDate())} ${MONTHS[at.getMonth()]} ${at.getFullYear()} ${time}`
}
