import { say } from './measure.ts'

/** `npm run bench -- <name> [arguments]`: each prints a line or a few, with a ratio to something measured in the same run. */
const BENCHES: Readonly<Record<string, () => Promise<{ run(args: readonly string[]): Promise<string[]> }>>> = {
  accept: () => import('./accept.ts'),
  append: () => import('./append.ts'),
  rebuild: () => import('./rebuild.ts'),
  inbound: () => import('./inbound.ts'),
  lmtp: () => import('./lmtp.ts'),
  relay: () => import('./relay.ts'),
  content: () => import('./content.ts'),
  archive: () => import('./archive.ts'),
  auth: () => import('./auth.ts'),
  'smtp-floor': () => import('./smtp-floor.ts'),
}

const [name = '', ...args] = process.argv.slice(2)
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined
if (bench === undefined) {
  process.stderr.write(`usage: npm run bench -- <name>, where <name> is one of: ${Object.keys(BENCHES).join(', ')}\n`)
  process.exit(2)
}
try {
  const { run } = await bench()
  for (const line of await run(args)) process.stdout.write(`${line}\n`)
} catch (error) {
  say('')
  process.stderr.write(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exit(1)
}
