import { defineConfig } from 'vitest/config'

/** Crashes, full disks, hostile peers, fuzz: seeded and bounded; under 15 minutes on 2 cores. Needs `npm run build`. */
export default defineConfig({
  root: '.',
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['test/system/**/*.spec.ts'],
    testTimeout: 600_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
    fileParallelism: false,
  },
})
