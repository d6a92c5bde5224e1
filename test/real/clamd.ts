import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'

/** A real clamd of this test's own: two signatures (EICAR, clam.exe), streams of at most 1 MiB. */
export interface Clamd {
  /** `127.0.0.1:port`. */
  readonly address: string
  /** Path of its unix socket. */
  readonly socket: string
  /** SIGTERM, waits for the end and removes its folder. */
  stop(): Promise<void>
  /** SIGKILL; `restart` brings it back on the same address. */
  kill(): Promise<void>
  restart(): Promise<void>
}

export const CLAM_EXE = '/usr/share/clamav-testfiles/clam.exe'
const EICAR_SIGNATURE =
  'Mailkeep.Eicar:0:0:58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e444152442d414e544956495255532d544553542d46494c452124482b482a\n'
const READY_WITHIN_MS = 20_000
const asRoot = process.getuid?.() === 0

export interface ClamdOptions {
  /** Alerts for what it could not look at. */
  readonly alerts?: boolean
}

/** Starts it on a free port, installing the packages if they are missing (root only). */
export async function startClamd(options: ClamdOptions = {}): Promise<Clamd> {
  execFileSync(join(import.meta.dirname, 'install.sh'), ['clamav-daemon', 'clamav-testfiles'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  // short, and not below a private home: a socket's path ends at 107 bytes
  const folder = mkdtempSync('/tmp/mkclamd-')
  chmodSync(folder, 0o755)
  const port = await freePort()
  writeConfiguration(folder, port, options)
  let daemon = await launch(folder, port)
  return {
    address: `127.0.0.1:${port}`,
    socket: join(folder, 'clamd.sock'),
    stop: async () => {
      await end(daemon, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
    kill: () => end(daemon, 'SIGKILL'),
    restart: async () => {
      await end(daemon, 'SIGKILL')
      daemon = await launch(folder, port)
    },
  }
}

function writeConfiguration(folder: string, port: number, options: ClamdOptions): void {
  mkdirSync(join(folder, 'db'))
  mkdirSync(join(folder, 'tmp'))
  const program = readFileSync(CLAM_EXE)
  writeFileSync(join(folder, 'db/t.ndb'), EICAR_SIGNATURE)
  writeFileSync(
    join(folder, 'db/t.hdb'),
    `${createHash('md5').update(program).digest('hex')}:${program.length}:Mailkeep.ClamExe\n`,
  )
  const settings = [
    'Foreground yes',
    `DatabaseDirectory ${folder}/db`,
    `TemporaryDirectory ${folder}/tmp`,
    `LocalSocket ${folder}/clamd.sock`,
    'LocalSocketMode 666',
    'FixStaleSocket yes',
    `TCPSocket ${port}`,
    'TCPAddr 127.0.0.1',
    'MaxThreads 4',
    'StreamMaxLength 1M',
    'MaxFileSize 1M',
    'MaxScanSize 2M',
    'SelfCheck 0',
    `LogFile ${folder}/clamd.log`,
    ...(options.alerts === true ? ['AlertExceedsMax yes', 'AlertEncrypted yes'] : []),
  ]
  writeFileSync(join(folder, 'clamd.conf'), `${settings.join('\n')}\n`)
  if (asRoot) execFileSync('chown', ['-R', 'mkreal:', folder])
}

async function launch(folder: string, port: number): Promise<ChildProcess> {
  const command = ['/usr/sbin/clamd', '-c', join(folder, 'clamd.conf')]
  // setpriv execs, so that the child's pid is the daemon's own
  const words = asRoot ? ['setpriv', '--reuid=mkreal', '--regid=mkreal', '--clear-groups', ...command] : command
  const daemon = spawn(words[0]!, words.slice(1), { stdio: 'ignore' })
  const deadline = performance.now() + READY_WITHIN_MS
  while (!(await answersPing(port))) {
    if (daemon.exitCode !== null || performance.now() > deadline) {
      daemon.kill('SIGKILL')
      throw new Error(`clamd did not start:\n${readFileSync(join(folder, 'clamd.log'), 'utf8').slice(-2_000)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return daemon
}

const end = (daemon: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> =>
  new Promise((resolve) => {
    if (daemon.exitCode !== null || daemon.signalCode !== null) return resolve()
    daemon.once('exit', () => resolve())
    daemon.kill(signal)
  })

const answersPing = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    let reply = ''
    socket.setTimeout(1_000, () => socket.destroy())
    socket.on('connect', () => socket.write('zPING\0'))
    socket.on('data', (chunk) => (reply += chunk.toString('latin1')))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(reply.startsWith('PONG')))
  })

const freePort = (): Promise<number> =>
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
