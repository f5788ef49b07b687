import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { defineConfig } from '@playwright/test'

// The runner sets it, so that its workers, which read this file again, do not look a second time.
process.env.SLOTSCOPE_CHROMIUM ??= execFileSync(process.execPath, [fileURLToPath(new URL('../tools/chromium.js', import.meta.url))], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit']
}).trim()

// A browser that only talks to us: no updates, no synchronisation. Its sandbox does not work for root.
const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-gpu']
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []

/** Every journey runs twice: over the embedded cluster, and over a real Valkey 9 cluster. */
export default defineConfig<{ clusterKind: 'embedded' | 'valkey' }>({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: 'test-results',
  // Each journey runs a whole cluster, the console and a browser; two of them at once would measure each other.
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env.CI !== undefined,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1440, height: 900 },
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: process.env.SLOTSCOPE_CHROMIUM, args: [...quiet, ...sandbox] }
  },
  projects: [
    // Only a real server can be told to hold its takeover back.
    { name: 'embedded', testIgnore: ['torn-outcome.spec.ts'], use: { clusterKind: 'embedded' } },
    // No real server takes part in what these show, or there would be sixty of them.
    { name: 'valkey', testIgnore: ['processes.spec.ts', 'sixty-shards.spec.ts', 'unclear-outcome.spec.ts'], use: { clusterKind: 'valkey' } }
  ]
})
