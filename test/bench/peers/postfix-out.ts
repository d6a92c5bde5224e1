import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, install } from '#test/real/daemon'
import { familyOf } from '../measure.ts'

/** Somebody's relay: takes mail on `port` and hands it to a sink. */
export interface Relaying {
  readonly name: string
  readonly port: number
  readonly pids: () => readonly number[]
  stop(): Promise<void>
}

/** Postfix as it is installed, with everything going to one host; nothing holds its input back (in_flow_delay). As root. */
export const startPostfixOut = async (sink: number): Promise<Relaying> => {
  install('postfix')
  const folder = mkdtempSync('/tmp/mkout-')
  chmodSync(folder, 0o755)
  const port = await freePort()
  for (const name of ['etc', 'queue', 'data']) mkdirSync(join(folder, name))
  const settings = {
    compatibility_level: '3.6',
    queue_directory: join(folder, 'queue'),
    data_directory: join(folder, 'data'),
    command_directory: '/usr/sbin',
    daemon_directory: '/usr/lib/postfix/sbin',
    meta_directory: '/etc/postfix',
    mail_owner: 'postfix',
    setgid_group: 'postdrop',
    maillog_file: join(folder, 'maillog'),
    maillog_file_prefixes: folder,
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    myhostname: 'mx.mailkeep.test',
    mydestination: '',
    alias_maps: '',
    mynetworks: '127.0.0.0/8',
    relayhost: `[127.0.0.1]:${sink}`,
    smtpd_relay_restrictions: 'permit_mynetworks,reject',
    smtpd_peername_lookup: 'no',
    smtpd_client_connection_rate_limit: '0',
    in_flow_delay: '0',
    smtp_dns_support_level: 'disabled',
  }
  writeFileSync(
    join(folder, 'etc/main.cf'),
    Object.entries(settings)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join(''),
  )
  writeFileSync(join(folder, 'etc/master.cf'), `127.0.0.1:${port} inet n - n - 50 smtpd\n${SERVICES}`)
  execFileSync('chown', ['postfix', join(folder, 'data')])
  execFileSync('postfix', ['-c', join(folder, 'etc'), 'start'], { stdio: 'ignore' })
  while (!(await listens(port))) await sleep(50)
  const master = Number(readFileSync(join(folder, 'queue/pid/master.pid'), 'latin1').trim())
  return {
    name: 'Postfix',
    port,
    pids: () => familyOf(master),
    async stop() {
      execFileSync('postfix', ['-c', join(folder, 'etc'), 'stop'], { stdio: 'ignore' })
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

const SERVICES = `cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      resolve(true)
      socket.destroy()
    })
  })
