import { mkdirSync, openSync, writeSync } from 'node:fs'

/** Takes one line of a node's log. */
export type LogLine = (level: string, text: string) => void

/** Folders that a log needs; 0600 would keep it from whoever looks after the machine. */
const FOLDER_MODE = 0o755
/** The marks of the reference's log. */
const LEVELS: Readonly<Record<string, string>> = { debug: '.', verbose: '-', notice: '*', warning: '#' }
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Lines in the reference's form, to standard output or to a file that they are added to. Throws the system's error when that cannot be opened. */
export function openLog(file: string | undefined, directory: string): LogLine {
  let descriptor = 1
  if (file !== undefined) {
    mkdirSync(directory, { recursive: true, mode: FOLDER_MODE })
    descriptor = openSync(file, 'a')
  }
  return (level, text) => {
    const line = `${process.pid}:M ${timeOf(new Date())} ${LEVELS[level] ?? '*'} ${text}\n`
    // A file is written at once, so that the last words before an end are in it.
    if (file === undefined) process.stdout.write(line)
    else writeSync(descriptor, line)
  }
}

/** `27 Nov 2026 17:30:32.993`, local time. */
function timeOf(at: Date): string {
  const two = (value: number, width = 2) => String(value).padStart(width, '0')
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${two(at.getMilliseconds(), 3)}`
  return `${two(at.getDate())} ${MONTHS[at.getMonth()]} ${at.getFullYear()} ${time}`
}
