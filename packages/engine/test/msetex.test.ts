import { describe, expect, test } from 'vitest'
import { CommandLine } from './command-line.ts'

describe('MSETEX, where it is not as in the reference', () => {
  test('goes where its keys are, and nowhere when they are apart', () => {
    const line = new CommandLine()
    expect(line.run('MSETEX 2 {t}a 1 {u}b 2')).toBe("-CROSSSLOT Keys in request don't hash to the same slot")
    const node = new CommandLine({ ownsAllSlots: false })
    expect(node.run('MSETEX 1 {t}a 1')).toBe('-CLUSTERDOWN Hash slot not served')
  })

  test('passes on one absolute time, though several were given', () => {
    const line = new CommandLine()
    line.run('MSETEX 2 {t}a 1 {t}b 2 EX 100 NX EX 200')
    expect(line.stream()).toEqual([`MSETEX 2 {t}a 1 {t}b 2 NX PXAT ${line.memory.wallMs + 200_000}`])
    expect(line.events()).toEqual(['set {t}a', 'expire {t}a', 'set {t}b', 'expire {t}b'])
  })
})
