import { defineConfig } from '@playwright/test'
import journeys from './playwright.config.ts'

/** `pnpm screenshots`: the pictures under docs/screenshots, taken of the embedded cluster with its sample workload. */
export default defineConfig({
  ...journeys,
  testMatch: 'screenshots.ts',
  timeout: 300_000,
  projects: [{ name: 'embedded', use: { clusterKind: 'embedded' } }]
} as typeof journeys)
