import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const READY_WITHIN_MS = 20_000
const asRoot = process.getuid?.() === 0

/** Installs Debian packages, those that are missing (root only); none of them starts a daemon of its own. */
export const install = (...packages: readonly string[]): void => {
  execFileSync(join(import.meta.dirname, 'install.sh'), packages, { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Gives a folder to the user that the daemons of these tests run as. */
export const give = (folder: string): void => {
  if (asRoot) execFileSync('chown', ['-R', 'mkreal:', folder])
}

export interface LaunchOptions {
  /** Milliseconds. */
  readonly within?: number
  readonly environment?: Readonly<Record<string, string>>
}

/** A daemon in the foreground, unprivileged; its pid is the child's own. `ready`: by its protocol. `log`: what to show when it doesn't start. */
export const launch = async (
  command: readonly string[],
  ready: () => Promise<boolean>,
  log: () => string,
  { within = READY_WITHIN_MS, environment = {} }: LaunchOptions = {},
): Promise<ChildProcess> => {
  // setpriv execs, so that the child's pid is the daemon's own
  const words = asRoot ? ['setpriv', '--reuid=mkreal', '--regid=mkreal', '--clear-groups', ...command] : command
  const daemon = spawn(words[0]!, words.slice(1), { stdio: 'ignore', env: { ...process.env, ...environment } })
  const deadline = performance.now() + within
  while (!(await ready())) {
    if (daemon.exitCode !== null || daemon.signalCode !== null || performance.now() > deadline) {
      daemon.kill('SIGKILL')
      throw new Error(`${command[0]} did not start:\n${log().slice(-2_000)}`)
    }
    await sleep(50)
  }
  return daemon
}

/** Sends the signal and waits for the end. */
export const end = (daemon: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> =>
  new Promise((resolve) => {
    if (daemon.exitCode !== null || daemon.signalCode !== null) return resolve()
    daemon.once('exit', () => resolve())
    daemon.kill(signal)
  })

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
