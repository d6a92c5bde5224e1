import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { end, freePort, give, install } from '#test/real/daemon'
import { familyOf } from '../measure.ts'
import type { Pipeline, PipelineSettings } from '../pipeline.ts'
import { listens } from './listens.ts'
import { startInstance, type PostfixSettings } from './postfix-instance.ts'

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
  const home = join(folder, 'postfix')
  const postfix = await startInstance(home, { port: smtp, ...deliveringWith(home, milter) })
  const arrived = (): number => filesIn(join(home, 'mail/ann/new'))
  return {
    name: 'Postfix + rspamd + clamd',
    port: smtp,
    pids: () => [...familyOf(postfix.master), ...familyOf(rspamd.pid ?? 0)],
    done: arrived,
    outcome: () => `${arrived()} delivered`,
    async stop() {
      postfix.stop()
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

/** Delivers to a Maildir, with a milter that looks at every mail. */
const deliveringWith = (folder: string, milter: number): Omit<PostfixSettings, 'port'> => {
  const id = (flag: string): string => execFileSync('id', [flag, 'postfix'], { encoding: 'utf8' }).trim()
  return {
    servers: 20,
    main: {
      virtual_mailbox_domains: 'mailkeep.test',
      virtual_mailbox_maps: 'inline:{ {ann@mailkeep.test=ann/} }',
      virtual_mailbox_base: join(folder, 'mail'),
      virtual_uid_maps: `static:${id('-u')}`,
      virtual_gid_maps: `static:${id('-g')}`,
      virtual_mailbox_limit: '0',
      smtpd_relay_restrictions: 'reject_unauth_destination',
      message_size_limit: '52428800',
      smtpd_milters: `inet:127.0.0.1:${milter}`,
      milter_default_action: 'tempfail',
    },
    services: ['virtual unix - n n - - virtual'],
    writable: ['data', 'mail'],
  }
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
