import { basename, extname } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { App } from '../context.ts'

/** Names that Vite gives to built files end in a hash of their content: they never change. */
const hashed = /-[A-Za-z0-9_-]{8,}\.[a-z0-9]+(\.br|\.gz)?$/
const YEAR_S = 31_536_000

/**
 * The console's own files. They hold no data, so they need no login. Compressed variants beside a file (`.br`, `.gz`) are preferred.
 * A path without an extension is a view of the console: it answers `index.html`, and the address bar decides what is shown.
 */
export async function consoleRoutes(app: App, consoleDir: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: consoleDir,
    serve: false,
    preCompressed: true,
    cacheControl: false,
    dotfiles: 'ignore',
    setHeaders: (reply, path) => {
      const immutable = path.includes('/assets/') && hashed.test(basename(path))
      reply.header('cache-control', immutable ? `public, max-age=${YEAR_S}, immutable` : 'no-cache')
    }
  })
  app.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    config: { access: 'everyone' },
    handler: (request, reply) => {
      const path = decodedPath(request.url)
      const isView = path !== undefined && extname(path) === '' && !isApi(path)
      return reply.sendFile(isView ? 'index.html' : (path ?? ''))
    }
  })
}

/** What belongs to the api and never is a view or a file. */
export function isApi(path: string): boolean {
  return path === '/api' || path.startsWith('/api/') || path === '/healthz'
}

function decodedPath(url: string): string | undefined {
  try {
    return decodeURIComponent(url.split('?', 1)[0] ?? '')
  } catch {
    return undefined
  }
}
