import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { listens } from './listens.ts'

export interface PostfixSettings {
  readonly port: number
  /** Processes that take mail. */
  readonly servers: number
  /** What this one does, beside what every instance needs (main.cf). */
  readonly main: Readonly<Record<string, string>>
  /** Services beside those of every instance (master.cf). */
  readonly services: readonly string[]
  /** Folders below its own that its processes write into. */
  readonly writable: readonly string[]
}

/** An instance of Postfix of its own in a folder. As root. */
export const startInstance = async (
  folder: string,
  { port, servers, main, services, writable }: PostfixSettings,
): Promise<{ readonly master: number; stop(): void }> => {
  for (const name of ['etc', 'queue', ...writable]) mkdirSync(join(folder, name), { recursive: true })
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
    smtpd_peername_lookup: 'no',
    smtpd_client_connection_rate_limit: '0',
    ...main,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`)
  writeFileSync(join(folder, 'etc/main.cf'), lines.join(''))
  const table = [`127.0.0.1:${port} inet n - n - ${servers} smtpd`, ...SERVICES, ...services]
  writeFileSync(join(folder, 'etc/master.cf'), `${table.join('\n')}\n`)
  for (const name of writable) execFileSync('chown', ['postfix', join(folder, name)])
  const postfix = (command: string): void =>
    void execFileSync('postfix', ['-c', join(folder, 'etc'), command], { stdio: 'ignore' })
  postfix('start')
  while (!(await listens(port))) await sleep(50)
  const master = Number(readFileSync(join(folder, 'queue/pid/master.pid'), 'latin1').trim())
  return { master, stop: () => postfix('stop') }
}

const SERVICES = [
  'cleanup unix n - n - 0 cleanup',
  'qmgr unix n - n 300 1 qmgr',
  'tlsmgr unix - - n 1000? 1 tlsmgr',
  'rewrite unix - - n - - trivial-rewrite',
  'bounce unix - - n - 0 bounce',
  'defer unix - - n - 0 bounce',
  'trace unix - - n - 0 bounce',
  'proxymap unix - - n - - proxymap',
  'smtp unix - - n - - smtp',
  'error unix - - n - - error',
  'retry unix - - n - - error',
  'anvil unix - - n - 1 anvil',
  'postlog unix-dgram n - n - 1 postlogd',
]
