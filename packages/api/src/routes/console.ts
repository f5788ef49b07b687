import { readFile, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../context.ts'
import { policyOfPage } from '../security/headers.ts'

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
  const kept = new KeptFiles()
  app.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    config: { access: 'everyone' },
    handler: async (request, reply) => {
      const path = request.url.split('?', 1)[0] ?? ''
      const isView = extname(path) === '' && !isApi(path)
      const file = isView ? '/index.html' : path
      if (!safePath.test(file) || !(await sendFile(request, reply, kept, join(consoleDir, file)))) reply.callNotFound()
      return reply
    }
  })
}

/** What belongs to the api and never is a view or a file. */
export function isApi(path: string): boolean {
  return path === '/api' || path.startsWith('/api/') || path === '/metrics' || path === '/healthz' || path.startsWith('/healthz/')
}

/** False, and nothing is sent, when there is no such file. */
async function sendFile(request: FastifyRequest, reply: FastifyReply, kept: KeptFiles, file: string): Promise<boolean> {
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
  if (extname(file) === '.html') reply.header('content-security-policy', policyOfPage((await kept.read(file, plain)).toString()))
  if (request.headers['if-none-match'] === tag) {
    reply.code(304).send()
    return true
  }
  const accepted = acceptedBy(request)
  for (const [encoding, suffix] of variants) {
    const variant = accepted.has(encoding) ? await stateOf(file + suffix) : undefined
    if (variant === undefined) continue
    reply.header('content-encoding', encoding)
    sendBytes(request, reply, await kept.read(file + suffix, variant))
    return true
  }
  sendBytes(request, reply, await kept.read(file, plain))
  return true
}

function sendBytes(request: FastifyRequest, reply: FastifyReply, bytes: Buffer): void {
  reply.header('content-length', bytes.length)
  reply.send(request.method === 'HEAD' ? undefined : bytes)
}

type FileState = { readonly size: number; readonly mtimeMs: number }

/** What was sent once, as long as the file stays as it is: a first screen asks for all of its files at once. No larger than their folder. */
class KeptFiles {
  readonly #files = new Map<string, FileState & { readonly bytes: Buffer }>()

  async read(file: string, { size, mtimeMs }: FileState): Promise<Buffer> {
    const held = this.#files.get(file)
    if (held?.size === size && held.mtimeMs === mtimeMs) return held.bytes
    const bytes = await readFile(file)
    this.#files.set(file, { size, mtimeMs, bytes })
    return bytes
  }
}

async function stateOf(file: string): Promise<FileState | undefined> {
  const state = await stat(file).catch(() => undefined)
  return state?.isFile() ? state : undefined
}

/** Encodings that the browser takes, without those that it forbids (`;q=0`). */
function acceptedBy(request: FastifyRequest): ReadonlySet<string> {
  const words = String(request.headers['accept-encoding'] ?? '').split(',')
  const accepted = words.filter((word) => !/;\s*q=0(\.0*)?\s*$/.test(word)).map((word) => word.split(';', 1)[0]?.trim() ?? '')
  return new Set(accepted)
}
