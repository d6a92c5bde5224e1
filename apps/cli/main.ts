#!/usr/bin/env node
import { processIo } from './io.ts'
import { run } from './run.ts'

// `mailkeep ... | head` closes the pipe early: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

process.exitCode = await run(process.argv.slice(2), processIo())
