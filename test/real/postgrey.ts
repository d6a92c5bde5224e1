import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { end, freePort, give, install, launch } from './daemon.ts'

/** A real postgrey of this test's own: what it has not seen before must come again. */
export interface Postgrey {
  readonly port: number
  stop(): Promise<void>
}

/** `delaySeconds`: who comes again within it is still too early. */
export const startPostgrey = async (delaySeconds: number): Promise<Postgrey> => {
  install('postgrey')
  const folder = mkdtempSync('/tmp/mkgrey-')
  give(folder)
  const port = await freePort()
  const user = process.getuid?.() === 0 ? ['--user=mkreal', '--group=mkreal'] : []
  const daemon = await launch(
    ['/usr/sbin/postgrey', `--inet=127.0.0.1:${port}`, `--dbdir=${folder}`, `--delay=${delaySeconds}`, ...user],
    () => decides(port),
    () => 'postgrey logs to syslog only',
  )
  return {
    port,
    stop: async () => {
      await end(daemon, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** By its protocol, Postfix's policy delegation: anything but a recipient is let through. */
const decides = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const done = (yes: boolean): void => {
      socket.destroy()
      resolve(yes)
    }
    socket.setTimeout(1_000, () => done(false))
    socket.once('connect', () => socket.write('request=smtpd_access_policy\nprotocol_state=CONNECT\n\n'))
    socket.once('data', (octets) => done(octets.toString('latin1').startsWith('action=')))
    socket.once('error', () => done(false))
  })
