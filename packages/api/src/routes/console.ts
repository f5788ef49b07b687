import { open, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../context.ts'

/** Names that Vite gives to built files end in a hash of their content: they never change. */
const hashed = /-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/
const YEAR_S = 31_536_000

/** What a path may be made of: nothing hidden, nothing that leads out of the folder, nothing that needs decoding. */
const safePath = /^(\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+$/

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'application/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8'
}

/** By the word of Accept-Encoding: what the build leaves beside a file, best first. */
const variants = [
  ['br', '.br'],
  ['gzip', '.gz']
] as const

/**
 * The console's own files. They hold no data, so they need no login. Compressed variants beside a file (`.br`, `.gz`) are preferred.
 * A path without an extension is a view of the console: it answers `index.html`, and the address bar decides what is shown.
 */
export function consoleRoutes(app: App, consoleDir: string): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    config: { access: 'everyone' },
    handler: async (request, reply) => {
      const path = request.url.split('?', 1)[0] ?? ''
      const isView = extname(path) === '' && !isApi(path)
      const file = isView ? '/index.html' : path
      if (!safePath.test(file) || !(await sendFile(request, reply, join(consoleDir, file)))) reply.callNotFound()
      return reply
    }
  })
}

/** What belongs to the api and never is a view or a file. */
export function isApi(path: string): boolean {
  return path === '/api' || path.startsWith('/api/') || path === '/metrics' || path === '/healthz' || path.startsWith('/healthz/')
}

/** False, and nothing is sent, when there is no such file. */
async function sendFile(request: FastifyRequest, reply: FastifyReply, file: string): Promise<boolean> {
  const type = types[extname(file)]
  const plain = type === undefined ? undefined : await stateOf(file)
  if (plain === undefined) return false
  const immutable = file.includes('/assets/') && hashed.test(basename(file))
  const tag = `W/"${plain.size.toString(36)}-${plain.mtimeMs.toString(36)}"`
  reply.headers({
    'content-type': type,
    'cache-control': immutable ? `public, max-age=${YEAR_S}, immutable` : 'no-cache',
    vary: 'accept-encoding',
    etag: tag
  })
  if (request.headers['if-none-match'] === tag) {
    reply.code(304).send()
    return true
  }
  const accepted = acceptedBy(request)
  for (const [encoding, suffix] of variants) {
    if (!accepted.has(encoding) || (await stateOf(file + suffix)) === undefined) continue
    reply.header('content-encoding', encoding)
    await sendBytes(request, reply, file + suffix)
    return true
  }
  await sendBytes(request, reply, file)
  return true
}

async function sendBytes(request: FastifyRequest, reply: FastifyReply, file: string): Promise<void> {
  const handle = await open(file)
  const { size } = await handle.stat()
  reply.header('content-length', size)
  if (request.method === 'HEAD') {
    await handle.close()
    reply.send()
  } else reply.send(handle.createReadStream())
}

async function stateOf(file: string): Promise<{ readonly size: number; readonly mtimeMs: number } | undefined> {
  const state = await stat(file).catch(() => undefined)
  return state?.isFile() ? state : undefined
}

/** Encodings that the browser takes, without those that it forbids (`;q=0`). */
function acceptedBy(request: FastifyRequest): ReadonlySet<string> {
  const words = String(request.headers['accept-encoding'] ?? '').split(',')
  const accepted = words.filter((word) => !/;\s*q=0(\.0*)?\s*$/.test(word)).map((word) => word.split(';', 1)[0]?.trim() ?? '')
  return new Set(accepted)
}
