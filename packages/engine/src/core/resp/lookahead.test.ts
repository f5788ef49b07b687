import { expect, test } from 'vitest'
import { latin1Bytes } from '../bytes.ts'
import { keySlot } from '../cluster/slot.ts'
import { hashBytes } from '../keyspace/byte-table.ts'
import { Args } from './args.ts'
import { RequestDecoder } from './decoder.ts'
import { Lookahead } from './lookahead.ts'

function wire(...commands: readonly (readonly string[])[]): string {
  return commands.map((words) => `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`).join('')
}

function words(args: Args): string[] {
  return Array.from({ length: args.length }, (_, index) => args.text(index))
}

test('a pipeline is looked at as a whole and taken command by command, each with its request, its slot and its hash', () => {
  const commands = [['GET', 'a'], ['PING'], ['SET', 'key:{tag}', 'value']]
  const decoder = new RequestDecoder()
  const ahead = new Lookahead()
  const args = new Args()
  const text = wire(...commands)
  decoder.push(latin1Bytes(text))
  decoder.lookAhead(ahead)
  ahead.locate()
  expect(ahead.count).toBe(3)
  expect(decoder.pendingBytes).toBe(text.length)
  for (const command of commands) {
    decoder.takeNext(ahead, args)
    expect(words(args)).toEqual(command)
    expect(String.fromCharCode(...args.source.subarray(args.requestStart, args.requestEnd))).toBe(wire(command))
    const [, key] = command
    if (key === undefined) continue
    expect([args.slot(1), args.position(1)]).toEqual([keySlot(latin1Bytes(key)), hashBytes(latin1Bytes(key))])
  }
  expect([ahead.isEmpty, decoder.pendingBytes]).toEqual([true, 0])
})

test('what is not all there, or has an unusual form, is left to a closer look', () => {
  const decoder = new RequestDecoder()
  const ahead = new Lookahead()
  const args = new Args()
  decoder.push(latin1Bytes(`${wire(['GET', 'a'])}*0\r\nPING b\r\n*2\r\n$3\r\nGE`))
  decoder.lookAhead(ahead)
  expect(ahead.count).toBe(1)
  decoder.takeNext(ahead, args)
  decoder.lookAhead(ahead)
  expect(ahead.isEmpty).toBe(true)
  expect([decoder.next(args), words(args), args.requestEnd]).toEqual(['command', ['PING', 'b'], -1])
  expect(decoder.next(args)).toBe('more')
})

test('what was looked at and not taken is still in the decoder', () => {
  const decoder = new RequestDecoder()
  const ahead = new Lookahead()
  const args = new Args()
  const bytes = latin1Bytes(wire(['GET', 'a'], ['GET', 'b']))
  decoder.push(bytes)
  decoder.lookAhead(ahead)
  decoder.takeNext(ahead, args)
  ahead.clear()
  decoder.keep()
  bytes.fill(0)
  decoder.push(latin1Bytes(wire(['GET', 'c'])))
  decoder.lookAhead(ahead)
  decoder.takeNext(ahead, args)
  expect(words(args)).toEqual(['GET', 'b'])
  decoder.takeNext(ahead, args)
  expect(words(args)).toEqual(['GET', 'c'])
})

test('a command with more arguments than there is room for comes by itself, and those behind it are looked at later', () => {
  const decoder = new RequestDecoder()
  const ahead = new Lookahead()
  const args = new Args()
  const long = ['MGET', ...Array.from({ length: 300 }, (_, index) => `k${index}`)]
  decoder.push(latin1Bytes(wire(['GET', 'a'], long, ['GET', 'b'])))
  decoder.lookAhead(ahead)
  expect(ahead.count).toBe(1)
  decoder.takeNext(ahead, args)
  decoder.lookAhead(ahead)
  expect(ahead.isEmpty).toBe(true)
  expect([decoder.next(args), words(args)]).toEqual(['command', long])
  decoder.lookAhead(ahead)
  decoder.takeNext(ahead, args)
  expect(words(args)).toEqual(['GET', 'b'])
})

test('of strangers nothing is looked at ahead', () => {
  const decoder = new RequestDecoder()
  const ahead = new Lookahead()
  decoder.fromStranger = true
  decoder.push(latin1Bytes(wire(['AUTH', 'password'], ['GET', 'a'])))
  decoder.lookAhead(ahead)
  expect(ahead.isEmpty).toBe(true)
})
