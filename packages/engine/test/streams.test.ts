import { describe, expect, test } from 'vitest'
import { concatBytes, latin1Bytes, latin1Text } from '../src/core/bytes.ts'
import { crc64 } from '../src/core/persistence/crc64.ts'
import { Random } from '../src/core/prng.ts'
import { CommandLine } from './command-line.ts'

/** A stream of three nodes with a group, two consumers, a deleted entry and a deleted entry that is pending. */
function filled(): CommandLine {
  const line = new CommandLine({ config: { 'stream-node-max-entries': '3' } })
  for (let i = 1; i <= 8; i++) line.run(`XADD s ${i}-1 f ${i} ${i === 5 ? 'other x' : 'g -300'}`)
  line.run('XGROUP CREATE s g 0')
  line.run('XREADGROUP GROUP g alice COUNT 3 STREAMS s >')
  line.run('XREADGROUP GROUP g bob COUNT 2 STREAMS s >')
  line.run('XDEL s 2-1 7-1')
  return line
}

describe('[TYPE19] what readers in groups change is passed on as its effects', () => {
  const claim = (line: CommandLine, id: string, consumer: string, deliveries: number, lastId: string) =>
    `XCLAIM s g ${consumer} 0 ${id} TIME ${line.nowMs} RETRYCOUNT ${deliveries} FORCE JUSTID LASTID ${lastId}`

  test('new entries: a claim for each, then how far the group is', () => {
    const line = filled()
    line.run('XREADGROUP GROUP g carol STREAMS s >')
    expect(line.stream()).toEqual([
      claim(line, '6-1', 'carol', 1, '6-1'),
      claim(line, '8-1', 'carol', 1, '8-1'),
      'XGROUP SETID s g 8-1 ENTRIESREAD 8'
    ])
    expect(line.events()).toEqual(['xgroup-createconsumer s'])
  })

  test('without acknowledgement: the consumer, then how far the group is', () => {
    const line = filled()
    line.run('XREADGROUP GROUP g carol COUNT 1 NOACK STREAMS s >')
    expect(line.stream()).toEqual(['XGROUP CREATECONSUMER s g carol', 'XGROUP SETID s g 6-1 ENTRIESREAD -1'])
  })

  test('what is pending, once more: nothing', () => {
    const line = filled()
    expect(line.run('XREADGROUP GROUP g alice STREAMS s 0')).toEqual([
      [
        's',
        [
          ['1-1', ['f', '1', 'g', '-300']],
          ['2-1', null],
          ['3-1', ['f', '3', 'g', '-300']]
        ]
      ]
    ])
    expect(line.stream()).toEqual([])
  })

  test('claims of what others have, and of what is there no more', () => {
    const line = filled()
    expect(line.run('XAUTOCLAIM s g bob 0 0 COUNT 3')).toEqual([
      '4-1',
      [
        ['1-1', ['f', '1', 'g', '-300']],
        ['3-1', ['f', '3', 'g', '-300']]
      ],
      ['2-1']
    ])
    expect(line.stream()).toEqual([
      claim(line, '1-1', 'bob', 2, '5-1'),
      claim(line, '2-1', 'alice', 1, '5-1'),
      claim(line, '3-1', 'bob', 2, '5-1')
    ])
  })

  test('a slot is known of each of them, for a migration: XGROUP has its key later than others', () => {
    const line = filled()
    const slots: number[] = []
    const { migrations } = line.memory.node
    Object.defineProperty(migrations, 'exporting', { value: true })
    migrations.feed = (_database, slot) => void slots.push(slot)
    line.run('XREADGROUP GROUP g carol COUNT 1 STREAMS s >')
    expect(slots).toEqual([8, 8].map(() => line.run('CLUSTER KEYSLOT s')))
  })
})

test('[RDB4] a damaged payload under a right checksum is refused, or makes a stream that no command stumbles over', () => {
  const payload = latin1Bytes(filled().call(['DUMP', 's']) as string)
  const random = new Random(1)
  let taken = 0
  for (let round = 0; round < 1500; round++) {
    const body = payload.slice(0, -8)
    for (let flips = 1 + random.below(3); flips > 0; flips--) body[1 + random.below(body.length - 3)] = random.below(256)
    const line = new CommandLine()
    if (line.call(['RESTORE', 's', '0', latin1Text(concatBytes([body, crc64(body)]))]) !== 'OK') continue
    taken++
    for (const command of [
      'XRANGE s - +',
      'XREVRANGE s + -',
      'XINFO STREAM s FULL COUNT 0',
      'XINFO GROUPS s',
      'XREADGROUP GROUP g alice STREAMS s 0',
      'XREADGROUP GROUP g dora STREAMS s >',
      'XAUTOCLAIM s g dora 0 -',
      'XPENDING s g - + 100',
      'XADD s * f 1 g 2',
      'XDEL s 1-1 3-1 4-1 8-1',
      'COPY s {s}copy',
      'XTRIM s MAXLEN ~ 3',
      'XTRIM s MINID 4',
      'XTRIM s MAXLEN 0',
      'XGROUP DELCONSUMER s g alice',
      'XADD {s}copy MAXLEN 1 * f 1'
    ]) {
      expect(() => line.run(command), command).not.toThrow()
    }
    const again = line.call(['DUMP', 's']) as string
    expect(line.call(['RESTORE', '{s}again', '0', again])).toBe('OK')
  }
  expect(taken).toBeGreaterThan(50)
})
