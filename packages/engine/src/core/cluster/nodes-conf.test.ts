import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { latin1Bytes } from '../bytes.ts'
import { formatNodeLine, type NodeLine, parseNodeLine } from './node-line.ts'
import { parseNodesConf, renderNodesConf, type SeedNode } from './nodes-conf.ts'
import { NodeFlag } from './view.ts'

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const SHARD = 'c'.repeat(40)

/** Lines as valkey-server 9.1 wrote them (cluster bus specification, section 15), with ids spelt out. */
const FULL = `${A} 127.0.0.1:21401@21411,host-a.example,availability-zone=zone-1,client-tcp-port=7777,client-ipv6=fd00::1,client-ipv4=10.1.2.3,tls-port=0,nodename=nodeA,shard-id=${SHARD} myself,master - 0 0 1 connected 0-5000`
const NEW = `${A} :23101@33101,,tls-port=0,shard-id=${SHARD} myself,master - 0 0 0 connected`
const OPEN = `${A} 127.0.0.1:1@10001,,tls-port=0,shard-id=${SHARD} myself,master - 0 0 1 connected 0-100 102 [0->-${B}] [3-<-${B}]`
const OLD = `${B} 127.0.0.1:7000 slave,fail?,nofailover ${A} 1795491387034 1795491387035 3 disconnected`

function conf(...lines: readonly string[]) {
  return parseNodesConf(latin1Bytes(`${lines.join('\n')}\nvars currentEpoch 2 lastVoteEpoch 1\n`))
}

describe('[GOS7] nodes.conf', () => {
  test('lines of the reference are read and written back as they were', () => {
    for (const text of [FULL, NEW, OPEN]) {
      const line = parseNodeLine(text)
      expect(typeof line).toBe('object')
      expect(formatNodeLine(line as NodeLine, 'file')).toBe(text)
    }
    const full = parseNodeLine(FULL) as NodeLine
    expect(full.auxiliary.get('nodename')).toBe('nodeA')
    expect(full.ranges).toEqual([[0, 5000]])
    expect(parseNodeLine(OPEN)).toMatchObject({
      ranges: [
        [0, 100],
        [102, 102]
      ],
      migrating: [[0, B]],
      importing: [[3, B]]
    })
  })

  test('a line of an old version has no bus port', () => {
    expect(parseNodeLine(OLD)).toMatchObject({
      port: 7000,
      busPort: 17_000,
      primaryId: A,
      flags: NodeFlag.replica | NodeFlag.pfail | NodeFlag.noFailover
    })
  })

  test.each([
    ['no line at all', [], 'no node is "myself"'],
    ['no myself', [OLD.replace(A, '-')], 'no node is "myself"'],
    ['two of them', [FULL, FULL.replace(A, B)], 'line 2: a second node is "myself"'],
    ['one node twice', [FULL, FULL], `line 2: node ${A} stands there twice`],
    ['an id with capitals', [FULL.replace(A, 'A'.repeat(40))], `line 1: "${'A'.repeat(40)}" is no node id`],
    ['an unknown field', [FULL.replace('nodename', 'colour')], `line 1: node ${A}: "colour=nodeA" is no auxiliary field`],
    ['a bad shard', [NEW.replace(SHARD, 'x')], `line 1: node ${A}: "x" is no shard id`],
    ['an unknown flag', [FULL.replace('master', 'leader')], `line 1: node ${A}: "leader" is no flag`],
    ['no address', [FULL.replace('127.0.0.1:21401@21411', 'here')], `line 1: node ${A}: "here" is no address`],
    ['markup for a host', [FULL.replace('host-a.example', '<b>')], `line 1: node ${A}: "<b>" is no host name`],
    ['a slot beyond the last', [FULL.replace('0-5000', '0-16384')], `line 1: node ${A}: "0-16384" is no range of slots`],
    ['a range the wrong way', [FULL.replace('0-5000', '5-1')], `line 1: node ${A}: "5-1" is no range of slots`],
    ['an epoch that is none', [FULL.replace(' 1 connected', ' one connected')], `line 1: node ${A}: times and epoch are no numbers`],
    ['a primary that is not there', [FULL, OLD.replace(` ${A} `, ` ${SHARD} `)], `node ${B} refers to ${SHARD}, which is not there`],
    ['a peer that is not there', [OPEN], `node ${A} refers to ${B}, which is not there`]
  ] as const)('%s: the file is refused', (_, lines, problem) => {
    expect(conf(...lines)).toBe(problem)
  })

  test('a slot with two owners, or no epochs: the file is refused', () => {
    const other = FULL.replace(A, B).replace('myself,', '').replace('0-5000', '5000')
    expect(conf(FULL, other)).toBe('line 2: slot 5000 has two owners')
    expect(parseNodesConf(latin1Bytes(`${FULL}\n`))).toBe('the line with the epochs is missing')
    expect(parseNodesConf(latin1Bytes(`${FULL}\nvars currentEpoch x lastVoteEpoch 1\n`))).toBe('line 2: "vars" without epochs')
  })

  test('whatever is in the file, reading it is an answer', () => {
    const pieces = fc.constantFrom(FULL, NEW, OPEN, OLD, 'vars currentEpoch 2 lastVoteEpoch 1', '', ' ', ',', '\u0000', '[', A)
    fc.assert(
      fc.property(fc.array(fc.tuple(pieces, fc.nat({ max: 300 }), fc.string({ maxLength: 3 })), { maxLength: 6 }), (parts) => {
        const text = parts.map(([piece, at, change]) => piece.slice(0, at) + change + piece.slice(at)).join('\n')
        const result = parseNodesConf(latin1Bytes(text.replace(/[^\0-\xff]/g, '?')))
        if (typeof result === 'string') expect(result).not.toBe('')
        else expect(result.nodes).toContain(result.myself)
      }),
      { numRuns: 500 }
    )
  })

  test('seeds: each node gets its own file of the same cluster', () => {
    const seeds: SeedNode[] = [
      { id: A, host: '127.0.0.1', port: 7000, busPort: 17_000, shardId: SHARD, role: 'primary', ranges: [[0, 16_383]], configEpoch: 4 },
      {
        id: B,
        host: '127.0.0.1',
        port: 7001,
        busPort: 17_001,
        shardId: SHARD,
        role: 'replica',
        primaryId: A,
        ranges: [],
        configEpoch: 4,
        humanName: 'node-2'
      }
    ]
    expect(renderNodesConf(seeds, B)).toBe(
      `${A} 127.0.0.1:7000@17000,,tls-port=0,shard-id=${SHARD} master - 0 0 4 connected 0-16383\n` +
        `${B} 127.0.0.1:7001@17001,,tls-port=0,nodename=node-2,shard-id=${SHARD} myself,slave ${A} 0 0 4 connected\n` +
        'vars currentEpoch 4 lastVoteEpoch 0\n'
    )
    expect(parseNodesConf(latin1Bytes(renderNodesConf(seeds, A)))).toMatchObject({ currentEpoch: 4, lastVoteEpoch: 0, myself: { id: A } })
  })
})
