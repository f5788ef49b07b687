import type { Difference } from './duel.ts'

/** A difference that stays, and why. There may be ten. */
export type Explained = {
  readonly title: string
  readonly why: string
  readonly is: (difference: Difference) => boolean
}

export const EXPLAINED: readonly Explained[] = [
  {
    title: 'GEOSEARCH BYPOLYGON and GEOSEARCHSTORE BYPOLYGON',
    why: 'A valkey-server 9.1.2 multiplies the reach of a polygon by a unit that nobody has set (`geohashCalculateAreasByShapeWGS84`): asked the same twice, it may find a place the first time and not the second, if it found none before by a radius in metres. The engine finds what is inside.',
    is: ({ step }) => /^GEOSEARCH/.test(step[0] ?? '') && step.includes('BYPOLYGON')
  },
  {
    title: 'OBJECT REFCOUNT of a long string that is still on its way to a client',
    why: 'A valkey-server 9.1.2 sends long strings without copying them, and counts what it has not sent yet; that depends on when it is asked.',
    is: ({ step, ours, theirs }) => isRefcount(step) && ours === ':1\r\n' && /^:\d\r\n$/.test(theirs)
  },
  {
    title: 'the last digit of a distance that STOREDIST stores',
    why: 'Sines of this platform and of the C library differ in the last bit now and then. Distances in replies are rounded to a tenth of a millimetre and are alike.',
    is: ({ step, ours, theirs }) => step[0] === 'ZRANGE' && step[1] === '{t}aside' && rounded(ours) === rounded(theirs)
  }
]

function isRefcount([name, subcommand]: readonly string[]): boolean {
  return name === 'OBJECT' && subcommand === 'REFCOUNT'
}

/** Numbers with fourteen digits. */
function rounded(reply: string): string {
  return reply.replace(/(\$\d+\r\n|,)(\d\.\d+(?:e.\d+)?|\d+\.\d+)\r\n/g, (_, __, number) => `${Number(number).toPrecision(14)} `)
}
