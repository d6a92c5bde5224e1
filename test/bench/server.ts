import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'

const ENTRY = resolve(import.meta.dirname, '../../dist/apps/cli/main.js')
const READY_WITHIN_MS = 300_000

/** Somebody's server in a process of its own. */
export interface BenchServer {
  readonly pid: number
  readonly port: number
  stop(): Promise<void>
}

/** The built Mailkeep (demo, free port), and its data folder. `nodeOptions`: a profile, for instance. */
export const startMailkeep = async (
  folder: string,
  settings: Readonly<Record<string, string>>,
  nodeOptions: readonly string[] = (process.env['MAILKEEP_BENCH_NODE'] ?? '').split(' ').filter((word) => word !== ''),
): Promise<BenchServer & { readonly data: string }> => {
  if (!existsSync(ENTRY)) throw new Error('there is no dist/: run `npm run build` first')
  await mkdir(folder, { recursive: true })
  const data = join(folder, 'data')
  const child = spawn(process.execPath, [...nodeOptions, ENTRY, 'serve'], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      MAILKEEP_DATA: data,
      MAILKEEP_HOSTNAME: 'mx.mailkeep.test',
      MAILKEEP_MX_PORT: '0',
      MAILKEEP_SUBMISSION_PORT: 'off',
      MAILKEEP_SUBMISSIONS_PORT: 'off',
      MAILKEEP_HTTP_PORT: '0',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ready = await outputOf(child, /^Mailkeep is ready:.*\bmx \S+?:(\d+)/m)
  return { ...serverOf(child, Number(ready[1])), data }
}

/** A Node program that prints `listening <port>`. */
export const startProgram = async (
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<BenchServer> => {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return serverOf(child, Number((await outputOf(child, /^listening (\d+)/m))[1]))
}

export const serverOf = (child: ChildProcess, port: number): BenchServer => ({
  pid: child.pid ?? 0,
  port,
  async stop() {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), 30_000)
    await gone
    clearTimeout(late)
  },
})

/** Waits until the process has written what is looked for; what it writes later is dropped. */
export const outputOf = async (child: ChildProcess, wanted: RegExp): Promise<RegExpExecArray> => {
  let output = ''
  const take = (chunk: Buffer): void => {
    if (output.length < 100_000) output += chunk.toString()
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  const deadline = performance.now() + READY_WITHIN_MS
  for (;;) {
    const found = wanted.exec(output)
    if (found !== null) return found
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`${child.spawnargs.join(' ')} did not get ready:\n${output.slice(-2_000)}`)
    }
    await new Promise((wake) => setTimeout(wake, 20))
  }
}
