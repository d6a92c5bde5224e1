import { defineConfig } from 'vitest/config'

/** The contracts and stories against real engines, each installed and started by a script here. Needs `npm run build`. */
export default defineConfig({
  root: '.',
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['test/real/**/*.spec.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 1,
    fileParallelism: false,
  },
})
