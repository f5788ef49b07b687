import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import type { Socket } from 'node:net'
import type { Ask, Frame } from '@slotscope/observer/stream'
import { until } from './until.ts'

export type StreamClient = {
  /** JSON frames in the order they came. */
  readonly frames: Frame[]
  /** When each of them came, in milliseconds. */
  readonly arrivedAtMs: number[]
  readonly binaries: Uint8Array[]
  /** Set when the server closed: its code and reason. */
  readonly closed: { code: number | null; reason: string } | undefined
  ask(ask: Ask): void
  /** Any text frame, also what is no ask. */
  sendText(text: string): void
  /** Stops reading, so that the server's queue grows. */
  stopReading(): void
  goOnReading(): void
  /** Stops answering pings. */
  playDead(): void
  close(): void
}

export type Refusal = { readonly status: number; readonly body: string; readonly headers: Readonly<Record<string, unknown>> }

type Opening = { readonly port: number; readonly path: string; readonly headers?: Readonly<Record<string, string>> }

/**
 * A WebSocket client of our own: it can send foreign headers, too large frames, and stop reading, which a well-behaved client
 * cannot. Resolves with the refusal when the server does not upgrade.
 */
export async function openStream({ port, path, headers = {} }: Opening): Promise<StreamClient | Refusal> {
  return new Promise((resolve, reject) => {
    const opening = request({
      host: '127.0.0.1',
      port,
      path,
      // A refused upgrade ends its connection, which must not be kept for the next request.
      agent: false,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
        ...headers
      }
    })
    opening.on('error', reject)
    opening.on('response', (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }))
    })
    opening.on('upgrade', (_response, socket, head) => resolve(client(socket as Socket, head)))
    opening.end()
  })
}

/** Opens a stream that must be accepted. */
export async function openedStream(opening: Opening): Promise<StreamClient> {
  const answer = await openStream(opening)
  if ('status' in answer) throw new Error(`the stream was refused: ${answer.status} ${answer.body}`)
  return answer
}

/** The first frame that fits, waiting for it. */
export async function frameOf<T extends Frame['type']>(
  stream: StreamClient,
  type: T,
  fits: (frame: Extract<Frame, { type: T }>) => boolean = () => true
): Promise<Extract<Frame, { type: T }>> {
  const isIt = (frame: Frame): frame is Extract<Frame, { type: T }> => frame.type === type && fits(frame as Extract<Frame, { type: T }>)
  await until(`a frame ${type}`, () => stream.frames.some(isIt))
  return stream.frames.find(isIt) as Extract<Frame, { type: T }>
}

function client(socket: Socket, head: Buffer): StreamClient {
  let pending = head
  let dead = false
  let closed: { code: number | null; reason: string } | undefined
  const frames: Frame[] = []
  const arrivedAtMs: number[] = []
  const binaries: Uint8Array[] = []
  const read = () => {
    for (let frame = takeFrame(pending); frame; frame = takeFrame(pending)) {
      pending = frame.rest
      const { opcode, payload } = frame
      if (opcode === 1) {
        arrivedAtMs.push(Date.now())
        frames.push(JSON.parse(payload.toString()))
      } else if (opcode === 2) binaries.push(Uint8Array.from(payload))
      else if (opcode === 9 && !dead) socket.write(maskedFrame(10, payload))
      else if (opcode === 8) {
        closed ??= { code: payload.length >= 2 ? payload.readUInt16BE(0) : null, reason: payload.toString('utf8', 2) }
        socket.end(maskedFrame(8, payload.subarray(0, 2)))
      }
    }
  }
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk])
    read()
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    closed ??= { code: null, reason: '' }
  })
  read()
  return {
    frames,
    arrivedAtMs,
    binaries,
    get closed() {
      return closed
    },
    ask: (ask) => void socket.write(maskedFrame(1, Buffer.from(JSON.stringify(ask)))),
    sendText: (text) => void socket.write(maskedFrame(1, Buffer.from(text))),
    stopReading: () => void socket.pause(),
    goOnReading: () => void socket.resume(),
    playDead: () => {
      dead = true
    },
    close: () => void socket.destroy()
  }
}

/** The first whole frame in the bytes; servers neither mask nor, in our case, fragment. */
function takeFrame(bytes: Buffer): { opcode: number; payload: Buffer; rest: Buffer } | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes.readUInt8(1) & 0x7f
  const header = short === 126 ? 4 : short === 127 ? 10 : 2
  if (bytes.length < header) return undefined
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  if (bytes.length < header + length) return undefined
  return { opcode: bytes.readUInt8(0) & 0x0f, payload: bytes.subarray(header, header + length), rest: bytes.subarray(header + length) }
}

function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const header = payload.length < 126 ? Buffer.alloc(2) : payload.length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10)
  header.writeUInt8(0x80 | opcode, 0)
  if (payload.length < 126) header.writeUInt8(0x80 | payload.length, 1)
  else if (payload.length < 65_536) {
    header.writeUInt8(0x80 | 126, 1)
    header.writeUInt16BE(payload.length, 2)
  } else {
    header.writeUInt8(0x80 | 127, 1)
    header.writeBigUInt64BE(BigInt(payload.length), 2)
  }
  const mask = randomBytes(4)
  return Buffer.concat([header, mask, payload.map((byte, index) => byte ^ (mask[index % 4] as number))])
}
