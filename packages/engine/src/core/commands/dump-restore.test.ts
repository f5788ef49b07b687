import { describe, expect, test } from 'vitest'
import { HandFedNode, wire } from '../../../test/hand-fed-node.ts'
import { latin1Bytes, latin1Text } from '../bytes.ts'
import type { LinkId } from '../input.ts'
import { crc64 } from '../persistence/crc64.ts'

const PAYLOAD = '\x00\x01v\x50\x00\x5e\x22\x07\x23\x87\x6a\xed\x3a'
/** A list without elements, under a right checksum. */
const EMPTY_LIST = '\x01\x00\x50\x00'
const NOW = 1_795_000_006_000

function withClient(): { node: HandFedNode; client: LinkId; call: (...args: string[]) => string } {
  const node = new HandFedNode()
  const client = node.accept()
  return { node, client, call: (...args) => node.call(client, ...args) }
}

describe('[RDB5] DUMP and RESTORE', () => {
  test('a value comes back, with the time that RESTORE says', () => {
    const { call, node } = withClient()
    expect(node.wallMs).toBe(NOW)
    call('SET', 'a', 'v', 'PX', '5000')
    expect(call('DUMP', 'a')).toBe(`$13\r\n${PAYLOAD}\r\n`)
    expect(call('DUMP', 'none')).toBe('$-1\r\n')
    expect(call('RESTORE', 'b', '0', PAYLOAD)).toBe('+OK\r\n')
    expect(call('GET', 'b') + call('PTTL', 'b')).toBe('$1\r\nv\r\n:-1\r\n')
    expect(call('RESTORE', 'c', '1500', PAYLOAD, 'IDLETIME', '5')).toBe('+OK\r\n')
    expect(call('PTTL', 'c')).toBe(':1500\r\n')
    expect(call('RESTORE', 'd', String(NOW + 70), PAYLOAD, 'ABSTTL', 'FREQ', '255')).toBe('+OK\r\n')
    expect(call('PTTL', 'd')).toBe(':70\r\n')
    expect(call('RESTORE', 'b', '7', PAYLOAD, 'REPLACE')).toBe('+OK\r\n')
    expect(call('PTTL', 'b')).toBe(':7\r\n')
  })

  const refusals: [args: string[], error: string][] = [
    [['k', '-1', 'x'], 'ERR Invalid TTL value, must be >= 0'],
    [['k', 'a', 'x'], 'ERR value is not an integer or out of range'],
    [['k', '0', 'x'], 'ERR DUMP payload version or checksum are wrong'],
    [['k', '0', PAYLOAD.replace('v', 'w')], 'ERR DUMP payload version or checksum are wrong'],
    [['here', '0', 'x'], 'BUSYKEY Target key name already exists.'],
    [['k', '0', 'x', 'REPLACE', 'ABSTTL', 'IDLETIME'], 'ERR syntax error'],
    [['k', '0', 'x', 'IDLETIME', '-1'], 'ERR Invalid IDLETIME value, must be >= 0'],
    [['k', '0', 'x', 'IDLETIME', 'a'], 'ERR value is not an integer or out of range'],
    [['k', '0', 'x', 'FREQ', '256'], 'ERR Invalid FREQ value, must be >= 0 and <= 255'],
    [['k', '0', 'x', 'FREQ', '1', 'IDLETIME', '1'], 'ERR syntax error'],
    [['k', '0', 'x', 'FOO'], 'ERR syntax error'],
    [['k', '0', EMPTY_LIST + latin1Text(crc64(latin1Bytes(EMPTY_LIST)))], 'ERR Bad data format']
  ]
  test.each(refusals)('RESTORE %j is refused', (args, error) => {
    const { call } = withClient()
    call('SET', 'here', '1')
    expect(call('RESTORE', ...args)).toBe(`-${error}\r\n`)
    expect(call('EXISTS', 'k')).toBe(':0\r\n')
  })

  test('what has expired already is not made, and takes the place of what it replaces', () => {
    const { call } = withClient()
    expect(call('RESTORE', 'a', '1000', PAYLOAD, 'ABSTTL')).toBe('+OK\r\n')
    expect(call('EXISTS', 'a')).toBe(':0\r\n')
    call('SET', 'a', '1')
    expect(call('RESTORE', 'a', String(NOW), PAYLOAD, 'ABSTTL', 'REPLACE')).toBe('+OK\r\n')
    expect(call('EXISTS', 'a')).toBe(':0\r\n')
  })

  test('replicas get the time as an instant', () => {
    const { node, call } = withClient()
    const replica = node.accept()
    node.call(replica, 'REPLCONF', 'capa', 'eof')
    node.call(replica, 'PSYNC', '?', '-1')
    node.call(replica, 'REPLCONF', 'ACK', '0')
    call('RESTORE', 'a', '1500', PAYLOAD, 'REPLACE')
    call('RESTORE', 'b', '0', PAYLOAD)
    call('RESTORE', 'b', '5', PAYLOAD, 'ABSTTL', 'REPLACE')
    call('RESTORE', 'c', '5', PAYLOAD, 'ABSTTL')
    expect(node.taken(replica).replaceAll(wire('ping'), '')).toBe(
      wire('SELECT', '0') +
        wire('RESTORE', 'a', String(NOW + 1500), PAYLOAD, 'REPLACE', 'ABSTTL') +
        wire('RESTORE', 'b', '0', PAYLOAD) +
        wire('UNLINK', 'b')
    )
  })
})
