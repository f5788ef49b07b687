import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['slotscope-source', 'module', 'node', 'import', 'default'] } },
  resolve: { conditions: ['slotscope-source', 'module', 'node', 'import', 'default'] },
  test: {
    include: ['packages/*/{src,test}/**/*.test.ts', 'apps/*/{src,test}/**/*.test.{ts,tsx}'],
    testTimeout: 30_000,
    hookTimeout: 60_000
  }
})
