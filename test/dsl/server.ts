import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterEach } from 'vitest'

const ENTRY = resolve(import.meta.dirname, '../../dist/apps/cli/main.js')
const READY_WITHIN_MS = 60_000

export const SERVER_PASSWORD = 'correct-horse-battery'

/** A Mailkeep in a process of its own, from the built tree: what can be killed. */
export interface Server {
  readonly pid: number
  readonly data: string
  readonly mx: number
  /** Where users submit, by STARTTLS and by TLS; 0: not started. */
  readonly submission: number
  readonly submissions: number
  readonly http: number
  /** Everything it wrote so far. */
  output(): string
  /** SIGKILL: no goodbye. */
  kill(): Promise<void>
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>
}

/** One run of the command line that is expected to end by itself. */
export interface Ended {
  readonly code: number | null
  /** What it wrote to both, in the order it came. */
  readonly output: string
}

const running = new Set<ChildProcess>()

afterEach(async () => {
  for (const child of running) {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  running.clear()
})

const environmentOf = (data: string, settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  MAILKEEP_DATA: join(data, 'data'),
  MAILKEEP_HOSTNAME: 'mx.mailkeep.test',
  MAILKEEP_MX_PORT: '0',
  MAILKEEP_SUBMISSION_PORT: 'off',
  MAILKEEP_SUBMISSIONS_PORT: 'off',
  MAILKEEP_HTTP_PORT: '0',
  MAILKEEP_ADMIN_PASSWORD: SERVER_PASSWORD,
  MAILKEEP_DEMO_PASSWORD: SERVER_PASSWORD,
  MAILKEEP_DNS_SERVERS: '127.0.0.1:1',
  ...settings,
})

/** `mailkeep <args>` with the folder of a server, running or not: its exit code and everything it said. Killed after a minute. */
export const runMailkeep = async (
  args: readonly string[],
  data: string,
  settings: Readonly<Record<string, string>> = {},
  wrapper: readonly string[] = [],
): Promise<Ended> => {
  const [command, ...rest] = [...wrapper, process.execPath, ENTRY, ...args]
  const child = spawn(command!, rest, {
    cwd: data,
    env: environmentOf(data, settings),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let output = ''
  child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr!.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const tooLong = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS)
  await once(child, 'close')
  clearTimeout(tooLong)
  running.delete(child)
  return { code: child.exitCode, output }
}

/** The demo on free ports; resolves when it says that it is ready. `wrapper`: a command that starts it (strace ...). */
export const startServer = async (
  data: string,
  settings: Readonly<Record<string, string>> = {},
  wrapper: readonly string[] = [],
): Promise<Server> => {
  await mkdir(data, { recursive: true })
  const [command, ...args] = [...wrapper, process.execPath, ENTRY, 'serve']
  const child = spawn(command!, args, {
    cwd: data,
    env: environmentOf(data, settings),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let output = ''
  child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr!.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exited = once(child, 'exit').then(() => running.delete(child))
  const deadline = Date.now() + READY_WITHIN_MS
  while (!/^Mailkeep is ready/m.test(output)) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the server ended before it was ready:\n${output}`)
    if (Date.now() > deadline) throw new Error(`the server was not ready in time:\n${output}`)
    await new Promise((wake) => setTimeout(wake, 20))
  }
  const port = (name: string) =>
    Number(new RegExp(`^Mailkeep is ready:.*\\b${name} \\S+?:(\\d+)`, 'm').exec(output)?.[1] ?? 0)
  return {
    pid: child.pid!,
    data: join(data, 'data'),
    mx: port('mx'),
    submission: port('submission'),
    submissions: port('submissions'),
    http: port('http'),
    output: () => output,
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    async stop() {
      child.kill('SIGTERM')
      await exited
      return child.exitCode
    },
  }
}
