import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, minifySync, type Plugin, transformWithOxc } from 'vite'

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
 * Puts `src/early/begin.ts` into the page itself: as a file it would come together with all others, and what it begins would wait for them.
 * The api names its hash in the page's policy, which allows no other script in the page.
 */
function earlyScript(): Plugin {
  const place = '<!-- src/early/begin.ts -->'
  return {
    name: 'slotscope-early-script',
    transformIndexHtml: {
      order: 'post',
      handler: async (html) => {
        const file = join(import.meta.dirname, 'src/early/begin.ts')
        const { code } = await transformWithOxc(readFileSync(file, 'utf8'), file)
        const script = minifySync('begin.js', code).code.trim()
        if (!html.includes(place) || /<\/script|<!--|^(?:im|ex)port\b/im.test(script)) throw new Error(`${file} cannot stand in the page`)
        return html.replace(place, () => `<script>${script}</script>`)
      }
    }
  }
}

export default defineConfig({
  plugins: [react(), compressed(), earlyScript()],
  resolve: { conditions: ['slotscope-source', 'module', 'browser', 'import', 'default'] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // The policy is `script-src 'self'` and fonts come from the same origin: nothing may be inlined as data.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // Nearly all of the first file runs at once: V8 is told to compile its functions while it comes, beside the main thread, and not one
        // by one when they are called (https://v8.dev/blog/explicit-compile-hints).
        postBanner: ({ isEntry }) => (isEntry ? '//# allFunctionsCalledOnLoad' : ''),
        codeSplitting: {
          groups: [
            // The first screen in one file, and what several later rooms share in another one: many small ones wait for each other, since a
            // browser fetches six at a time, and each costs it and the api time.
            { name: 'first', tags: ['$initial'], priority: 2 },
            { name: 'shared', minShareCount: 2, priority: 1 }
          ]
        }
      }
    },
    reportCompressedSize: false,
    // Of the first screen, uncompressed; `pnpm bench console` measures what is sent.
    chunkSizeWarningLimit: 600
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: api, ws: true, changeOrigin: true, headers: { origin: api } } }
  }
})
