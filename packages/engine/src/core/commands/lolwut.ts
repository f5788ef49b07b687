import { SLOTS } from '../cluster/slot.ts'
import type { Node } from '../node.ts'
import { errors } from '../resp/errors.ts'
import { SLOTSCOPE_VERSION, VALKEY_VERSION } from '../version.ts'
import { defineCommand } from './define-command.ts'

const COLUMNS = 64
const ROWS = 16
const INKS = '#o+=*%@&x:'

export const lolwut = defineCommand({
  name: 'LOLWUT',
  group: 'server',
  since: '5.0.0',
  summary: 'Draws something, and tells the version: the slots of the cluster as this node sees them, one ink per owner.',
  arity: -1,
  flags: ['readonly', 'fast'],
  run: ({ node, reply }, args) => {
    if (args.length > 2 && args.is(1, 'VERSION') && args.integer(2) === undefined) return reply.error(errors.notAnInteger)
    reply.verbatim(`${drawing(node)}\nSlotscope ver. ${SLOTSCOPE_VERSION}, speaking Valkey ver. ${VALKEY_VERSION}\n`)
  }
})

/** Sixteen slots per character: the owner of the first of them; a dot where nobody is. */
function drawing(node: Node): string {
  const inks = new Map<string, string>()
  const lines: string[] = []
  for (let row = 0; row < ROWS; row++) {
    let line = ''
    for (let column = 0; column < COLUMNS; column++) {
      const owner = node.cluster.view.ownerOf((row * COLUMNS + column) * (SLOTS / (ROWS * COLUMNS)))
      if (owner && !inks.has(owner.id)) inks.set(owner.id, INKS[inks.size % INKS.length] as string)
      line += owner ? inks.get(owner.id) : '.'
    }
    lines.push(line)
  }
  return lines.join('\n')
}
