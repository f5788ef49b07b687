import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import type { OperatorFiles } from '../../core/operator-files.ts'
import { parameterText } from './parameter-text.ts'
import { systemText } from './system-text.ts'

/** The files of this machine. */
export const hostFiles: OperatorFiles = {
  read: (path) => {
    try {
      return { text: readFileSync(parameterText(path), 'latin1') }
    } catch (error) {
      return { error: systemText(error as NodeJS.ErrnoException) }
    }
  },
  replace: (name, text) => {
    const path = parameterText(name)
    const temporary = `${path}.tmp-${process.pid}`
    try {
      writeDurably(temporary, text, modeOf(path))
      renameSync(temporary, path)
      return undefined
    } catch (error) {
      rmSync(temporary, { force: true })
      return systemText(error as NodeJS.ErrnoException)
    }
  }
}

function writeDurably(path: string, text: string, mode: number): void {
  const file = openSync(path, 'w', mode)
  try {
    writeSync(file, text, 0, 'latin1')
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Who could read the old file can read the new one; a first one only its owner, for there are passwords in it. */
function modeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mode ?? 0o600
}
