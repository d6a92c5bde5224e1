import { createHash } from 'node:crypto'
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { end, freePort, give, install, launch } from './daemon.ts'

/** A real clamd of this test's own: two signatures (EICAR, clam.exe), streams of at most 1 MiB. */
export interface Clamd {
  /** `127.0.0.1:port`. */
  readonly address: string
  /** Of the process that runs now. */
  readonly pid: number
  /** Path of its unix socket. */
  readonly socket: string
  /** SIGTERM, waits for the end and removes its folder. */
  stop(): Promise<void>
  /** SIGKILL; `restart` brings it back on the same address. */
  kill(): Promise<void>
  restart(): Promise<void>
  /** SIGSTOP: connections are still taken by the system, nobody answers. */
  suspend(): void
  /** SIGCONT. */
  resume(): void
  /** A new signature for `bytes` anywhere; found as `<name>.UNOFFICIAL` when this resolves. */
  learn(name: string, bytes: Buffer): Promise<void>
}

export const CLAM_EXE = '/usr/share/clamav-testfiles/clam.exe'
const EICAR_SIGNATURE =
  'Mailkeep.Eicar:0:0:58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e444152442d414e544956495255532d544553542d46494c452124482b482a\n'

export interface ClamdOptions {
  /** Alerts for what it could not look at. */
  readonly alerts?: boolean
}

/** Starts it on a free port, installing the packages if they are missing (root only). */
export async function startClamd(options: ClamdOptions = {}): Promise<Clamd> {
  install('clamav-daemon', 'clamav-testfiles')
  // short, and not below a private home: a socket's path ends at 107 bytes
  const folder = mkdtempSync('/tmp/mkclamd-')
  chmodSync(folder, 0o755)
  const port = await freePort()
  writeConfiguration(folder, port, options)
  const start = () =>
    launch(
      ['/usr/sbin/clamd', '-c', join(folder, 'clamd.conf')],
      async () => (await ask(port, 'PING')).startsWith('PONG'),
      () => readFileSync(join(folder, 'clamd.log'), 'utf8'),
    )
  let daemon = await start()
  return {
    address: `127.0.0.1:${port}`,
    get pid() {
      return daemon.pid ?? 0
    },
    socket: join(folder, 'clamd.sock'),
    stop: async () => {
      await end(daemon, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
    kill: () => end(daemon, 'SIGKILL'),
    suspend: () => void daemon.kill('SIGSTOP'),
    resume: () => void daemon.kill('SIGCONT'),
    learn: async (name, bytes) => {
      appendFileSync(join(folder, 'db/t.ndb'), `${name}:0:*:${bytes.toString('hex')}\n`)
      await ask(port, 'RELOAD')
      const deadline = performance.now() + 10_000
      while (!(await ask(port, 'INSTREAM', bytes)).includes(`${name}.UNOFFICIAL FOUND`)) {
        if (performance.now() > deadline) throw new Error(`clamd did not learn ${name}`)
        await sleep(50)
      }
    },
    restart: async () => {
      await end(daemon, 'SIGKILL')
      daemon = await start()
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
  give(folder)
}

/** One command and its reply; empty when nobody answers. */
const ask = (port: number, command: string, bytes?: Buffer): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    let reply = ''
    socket.setTimeout(1_000, () => socket.destroy())
    socket.on('connect', () => {
      socket.write(`z${command}\0`)
      if (bytes === undefined) return
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      socket.write(Buffer.concat([length, bytes, Buffer.alloc(4)]))
    })
    socket.on('data', (chunk) => (reply += chunk.toString('latin1')))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(reply))
  })
