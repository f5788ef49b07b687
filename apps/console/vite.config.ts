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

export default defineConfig({
  plugins: [react(), compressed()],
  resolve: { conditions: ['slotscope-source', 'module', 'browser', 'import', 'default'] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // The policy is `script-src 'self'` and fonts come from the same origin: nothing may be inlined as data.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: api, ws: true, changeOrigin: true, headers: { origin: api } } }
  }
})
