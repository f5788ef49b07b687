import { defineConfig } from 'vitest/config'

const conditions = ['slotscope-source', 'module', 'node']

export default defineConfig({
  ssr: { resolve: { conditions } },
  resolve: { conditions },
  test: {
    include: [
      'packages/*/{src,test}/**/*.test.ts',
      'apps/*/{src,test}/**/*.test.{ts,tsx}',
      'e2e/fixtures/**/*.test.ts',
      'docker/*.test.ts',
      'tools/*.test.js',
      'bench/*.test.js'
    ],
    testTimeout: 30_000,
    hookTimeout: 60_000
  }
})
