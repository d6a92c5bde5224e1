import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Specs start many threads that load the same modules: what they compiled is kept, and found again by the next one.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/mailkeep-specs', import.meta.url))

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['{apps,domain,projections,infra}/**/*.spec.ts', 'test/{dsl,contract,conformance,stories}/**/*.spec.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    // Files share a process and its modules: what a helper opens, it closes with its test (`onTestFinished`), by no hook of its module.
    isolate: false,
  },
})
