import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { end, freePort, give, install } from '#test/real/daemon'
import { familyOf } from '../measure.ts'
import type { Pipeline, PipelineSettings } from '../pipeline.ts'

/*
 * Postfix with rspamd as its milter and clamd behind rspamd, delivering to a Maildir. As root. rspamd scans in its two proxy workers;
 * its checks of SPF, DMARC and lists are off as they would only ask for names that are not there; nothing is turned away.
 */
export const startPostfix = async ({ clamd, dns }: PipelineSettings): Promise<Pipeline> => {
  install('postfix', 'rspamd')
  const folder = mkdtempSync('/tmp/mkpeer-')
  chmodSync(folder, 0o755)
  const [smtp, milter] = [await freePort(), await freePort()]
  const rspamd = await startRspamd(join(folder, 'rspamd'), { milter, clamd, dns })
  const postfix = join(folder, 'postfix')
  configurePostfix(postfix, smtp, milter)
  execFileSync('postfix', ['-c', join(postfix, 'etc'), 'start'], { stdio: 'ignore' })
  while (!(await listens(smtp))) await sleep(50)
  const master = Number(readFileSync(join(postfix, 'queue/pid/master.pid'), 'latin1').trim())
  const arrived = (): number => filesIn(join(postfix, 'mail/ann/new'))
  return {
    name: 'Postfix + rspamd + clamd',
    port: smtp,
    pids: () => [...familyOf(master), ...familyOf(rspamd.pid ?? 0)],
    done: arrived,
    outcome: () => `${arrived()} delivered`,
    async stop() {
      execFileSync('postfix', ['-c', join(postfix, 'etc'), 'stop'], { stdio: 'ignore' })
      await end(rspamd, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const filesIn = (folder: string): number => {
  try {
    return readdirSync(folder).length
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
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
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`

const configurePostfix = (folder: string, port: number, milter: number): void => {
  for (const name of ['etc', 'queue', 'data', 'mail']) mkdirSync(join(folder, name), { recursive: true })
  const id = (flag: string): string => execFileSync('id', [flag, 'postfix'], { encoding: 'utf8' }).trim()
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
    virtual_mailbox_domains: 'mailkeep.test',
    virtual_mailbox_maps: 'inline:{ {ann@mailkeep.test=ann/} }',
    virtual_mailbox_base: join(folder, 'mail'),
    virtual_uid_maps: `static:${id('-u')}`,
    virtual_gid_maps: `static:${id('-g')}`,
    virtual_mailbox_limit: '0',
    smtpd_relay_restrictions: 'reject_unauth_destination',
    smtpd_peername_lookup: 'no',
    message_size_limit: '52428800',
    smtpd_client_connection_rate_limit: '0',
    smtpd_milters: `inet:127.0.0.1:${milter}`,
    milter_default_action: 'tempfail',
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`)
  writeFileSync(join(folder, 'etc/main.cf'), lines.join(''))
  writeFileSync(join(folder, 'etc/master.cf'), `127.0.0.1:${port} inet n - n - 20 smtpd\n${SERVICES}`)
  for (const name of ['data', 'mail']) execFileSync('chown', ['postfix', join(folder, name)])
}

/** Compiled patterns, kept from run to run. */
const PATTERNS = '/tmp/mailkeep-bench-rspamd'

const OFF =
  'worker-normal.inc worker-controller.inc rbl.conf surbl.conf fuzzy_check.conf phishing.conf asn.conf dmarc.conf spf.conf ratelimit.conf greylist.conf history_redis.conf neural.conf reputation.conf'

const startRspamd = async (folder: string, { milter, clamd, dns }: PipelineSettings & { readonly milter: number }) => {
  for (const name of ['run', 'log', 'local.d']) mkdirSync(join(folder, name), { recursive: true })
  const files = {
    ...Object.fromEntries(OFF.split(' ').map((name) => [name, 'enabled = false;'])),
    'worker-proxy.inc': `bind_socket = "127.0.0.1:${milter}"; milter = yes; timeout = 120s; count = 2; upstream "local" { default = yes; self_scan = yes; }`,
    'antivirus.conf': `clamav { type = "clamav"; symbol = "CLAM_VIRUS"; servers = "${clamd}"; scan_mime_parts = false; max_size = 52428800; }`,
    'actions.conf': 'reject = 10000; greylist = 9000; add_header = 6;',
    'logging.inc': 'type = "console"; level = "error";',
    'options.inc': `dns { nameserver = ["${dns}"]; timeout = 1s; retransmits = 1; }\ncontrol_socket = "${folder}/run/ctl mode=0600";`,
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'local.d', name), `${text}\n`)
  mkdirSync(PATTERNS, { recursive: true })
  give(folder)
  give(PATTERNS)
  const options = Object.entries({
    LOCAL_CONFDIR: folder,
    DBDIR: PATTERNS,
    RUNDIR: `${folder}/run`,
    LOGDIR: `${folder}/log`,
  })
  const child = spawn(
    'setpriv',
    [
      '--reuid=mkreal',
      '--regid=mkreal',
      '--clear-groups',
      'rspamd',
      '-f',
      '-c',
      '/etc/rspamd/rspamd.conf',
      ...options.map(([name, value]) => `--var=${name}=${value}`),
    ],
    { stdio: 'ignore' },
  )
  // The first start compiles its patterns: a minute on a busy machine.
  const deadline = performance.now() + 180_000
  while (!(await listens(milter))) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`rspamd did not start (${folder})`)
    await sleep(100)
  }
  return child
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      resolve(true)
      socket.destroy()
    })
  })
