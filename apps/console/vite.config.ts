import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** The api that `vite` (development only) passes requests on to. */
const api = process.env.SLOTSCOPE_API ?? 'http://127.0.0.1:7080'

/** Writes `.br` and `.gz` beside everything that compresses, so that the api sends files as they are. */
function compressed(): Plugin {
  return {
    name: 'slotscope-compressed',
    apply: 'build',
    writeBundle(options) {
      const folder = options.dir
      if (folder === undefined) return
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(?:js|css|html|svg|json)$/.test(entry.name)) continue
        const path = join(entry.parentPath, entry.name)
        const bytes = readFileSync(path)
        if (bytes.length < 512) continue
        writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
      }
    }
  }
}

/**
 * The slot room is what nearly everybody sees first: what it is made of is asked for along with the frame, and not only once the frame has
 * been read and knows which room is meant.
 */
function preloadedRoom(): Plugin {
  return {
    name: 'slotscope-preloaded-room',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (html, { bundle = {} }) => {
        const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
        const room = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith('/features/slots/slot-room.tsx'))
        if (room === undefined) throw new Error('the slot room is no chunk of its own: nothing is preloaded')
        const names = new Set([room.fileName])
        for (const name of names)
          for (const imported of chunks.find(({ fileName }) => fileName === name)?.imports ?? []) names.add(imported)
        const styles = new Set(chunks.flatMap((chunk) => (names.has(chunk.fileName) ? [...(chunk.viteMetadata?.importedCss ?? [])] : [])))
        const tags = [
          ...[...names].map((name) => ({ rel: 'modulepreload', crossorigin: true, href: `/${name}` })),
          ...[...styles].map((name) => ({ rel: 'preload', as: 'style', crossorigin: true, href: `/${name}` }))
        ]
        return tags.filter(({ href }) => !html.includes(`"${href}"`)).map((attrs) => ({ tag: 'link', attrs, injectTo: 'head' as const }))
      }
    }
  }
}

export default defineConfig({
  plugins: [react(), compressed(), preloadedRoom()],
  resolve: { conditions: ['slotscope-source', 'module', 'browser', 'import', 'default'] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // The policy is `script-src 'self'` and fonts come from the same origin: nothing may be inlined as data.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What several rooms share travels in one file: thirty small ones wait for each other, since a browser fetches six at a time.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'shared', minShareCount: 2, test: /./ }] } } },
    reportCompressedSize: false
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: api, ws: true, changeOrigin: true, headers: { origin: api } } }
  }
})
