import type net from 'node:net'
import { expect, test } from 'vitest'
import { ProcessBus } from './process-bus.ts'

/** Two ends of one pipe, and what each heard. */
async function pipe() {
  const bus = new ProcessBus()
  const accepted: net.Socket[] = []
  bus.listen('127.0.0.1', 17_000, (end) => accepted.push(end))
  const near = bus.connect('127.0.0.1', 17_000, '127.0.0.1')!
  await new Promise<void>((resolve) => near.once('connect', resolve))
  const far = accepted[0]!
  const heard: string[] = []
  for (const [name, end] of [
    ['near', near],
    ['far', far]
  ] as const) {
    end.on('data', (bytes) => heard.push(`${name} ${Buffer.from(bytes).toString()}`))
    end.on('close', () => heard.push(`${name} closed`))
  }
  return { bus, near, far, heard }
}

const turns = () => new Promise((resolve) => setTimeout(resolve, 5))
const text = (words: string) => new TextEncoder().encode(words)

test('bytes come in order, in a later turn, and are not those that the sender goes on using', async () => {
  const { near, far, heard } = await pipe()
  const bytes = text('one')
  near.write(bytes)
  bytes.fill(0)
  near.write(text('two'))
  far.write(text('answer'))
  expect(heard).toEqual([])
  await turns()
  expect(heard).toEqual(['far one', 'far two', 'near answer'])
})

test('an end that is paused loses nothing, also not the end', async () => {
  const { near, far, heard } = await pipe()
  far.pause()
  near.write(text('one'))
  near.end()
  await turns()
  expect(heard).toEqual([])
  far.resume()
  expect(heard).toEqual(['far one', 'far closed'])
})

test('a node that dies closes its pipes; what it sent before still comes', async () => {
  const { near, far, heard } = await pipe()
  far.write(text('last words'))
  far.destroy()
  near.write(text('into the void'))
  await turns()
  expect(heard).toEqual(['near last words', 'near closed'])
  expect(far.destroyed).toBe(true)
})

test('nobody is found where nobody listens any more', async () => {
  const { bus, near, heard } = await pipe()
  bus.forget('127.0.0.1', 17_000)
  expect(bus.connect('127.0.0.1', 17_000, '127.0.0.1')).toBeUndefined()
  near.write(text('still there'))
  await turns()
  expect(heard).toEqual(['far still there'])
})

test('a caller whose listener ended in between is closed', async () => {
  const bus = new ProcessBus()
  bus.listen('127.0.0.1', 17_000, () => expect.unreachable())
  const near = bus.connect('127.0.0.1', 17_000, '127.0.0.1')!
  bus.forget('127.0.0.1', 17_000)
  await new Promise<void>((resolve) => near.once('close', () => resolve()))
})
