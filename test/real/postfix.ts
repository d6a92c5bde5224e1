import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeSelfSigned } from '#infra/config/self-signed'
import { freePort, install } from './daemon.ts'

/** A real Postfix of this test's own (root only), with mailboxes anna and bert of real.test; temp@ is 450, perm@ is 550. */
export interface Postfix {
  readonly port: number
  /** Where users submit; 0: nowhere. */
  readonly submission: number
  /** What lies in a mailbox, byte for byte as Postfix stores it (LF line ends). */
  messages(localPart: 'anna' | 'bert'): string[]
  /** Goes away; what it has is kept, and it comes back to the same port. */
  leave(): void
  comeBack(): Promise<void>
  stop(): void
}

export interface PostfixOptions {
  /** Port of a policy server that bert's mail has to get past. */
  readonly greylist?: number
  /** In which anna and bert have their mailboxes. */
  readonly domains?: readonly string[]
  /** It takes mail for anywhere from a user with this password (AUTH by Cyrus SASL, in TLS only), and hands it on. */
  readonly submission?: {
    readonly user: string
    readonly password: string
    /** Port on loopback. */
    readonly nextHop: number
  }
  /** PEM; else a self-signed certificate for mx1.real.test. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

export const startPostfix = async (options: PostfixOptions = {}): Promise<Postfix> => {
  install('postfix', ...(options.submission === undefined ? [] : ['sasl2-bin', 'libsasl2-modules']))
  const folder = mkdtempSync('/tmp/mkpost-')
  chmodSync(folder, 0o755)
  const port = await freePort()
  const submission = options.submission === undefined ? 0 : await freePort()
  configure(folder, port, options)
  if (options.submission !== undefined) configureSubmission(folder, submission, options.submission)
  const etc = join(folder, 'etc')
  const run = (...words: readonly string[]) => execFileSync('postfix', ['-c', etc, ...words], { stdio: 'ignore' })
  let isUp = false
  const start = async (): Promise<void> => {
    if (isUp) return
    run('start')
    isUp = true
    const deadline = performance.now() + 20_000
    while (!(await greets(port))) {
      if (performance.now() > deadline) throw new Error(`Postfix did not start:\n${logOf(folder)}`)
      await sleep(50)
    }
  }
  const leave = (): void => {
    if (isUp) run('stop')
    isUp = false
  }
  await start()
  return {
    port,
    submission,
    leave,
    comeBack: start,
    messages: (localPart) => {
      const inbox = join(folder, 'mail', localPart, 'new')
      return existsSync(inbox) ? readdirSync(inbox).map((name) => readFileSync(join(inbox, name), 'utf8')) : []
    },
    stop: () => {
      leave()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const logOf = (folder: string): string =>
  existsSync(join(folder, 'maillog')) ? readFileSync(join(folder, 'maillog'), 'utf8').slice(-2_000) : ''

const greets = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const done = (yes: boolean): void => {
      socket.destroy()
      resolve(yes)
    }
    socket.setTimeout(1_000, () => done(false))
    socket.once('data', (octets) => done(octets.toString('latin1').startsWith('220')))
    socket.once('error', () => done(false))
  })

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
  'virtual unix - n n - - virtual',
  'anvil unix - - n - 1 anvil',
  'postlog unix-dgram n - n - 1 postlogd',
]

const selfSigned = () =>
  makeSelfSigned({
    commonName: 'mx1.real.test',
    altNames: ['mx1.real.test'],
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 30 * 86_400_000),
  })

const configure = (
  folder: string,
  port: number,
  { greylist, domains = ['real.test'], tls = selfSigned() }: PostfixOptions,
): void => {
  for (const name of ['etc', 'queue', 'data', 'mail']) mkdirSync(join(folder, name))
  const toBert = greylist === undefined ? 'permit' : `check_policy_service inet:127.0.0.1:${greylist}`
  const { cert, key } = tls
  const mailboxes = domains.flatMap((domain) => [`{anna@${domain}=anna/}`, `{bert@${domain}=bert/}`])
  writeFileSync(join(folder, 'c.pem'), cert)
  writeFileSync(join(folder, 'k.pem'), key, { mode: 0o600 })
  const id = (flag: '-u' | '-g') => execFileSync('id', [flag, 'postfix'], { encoding: 'utf8' }).trim()
  writeFileSync(
    join(folder, 'etc', 'main.cf'),
    `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = ${folder}/maillog
maillog_file_prefixes = ${folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx1.real.test
mydestination =
alias_maps =
virtual_mailbox_domains = ${domains.join(' ')}
virtual_mailbox_maps = inline:{ ${mailboxes.join(', ')} }
virtual_mailbox_base = ${folder}/mail
virtual_uid_maps = static:${id('-u')}
virtual_gid_maps = static:${id('-g')}
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access inline:{ {temp@real.test=450 4.2.0 try later}, {perm@real.test=550 5.7.1 no}, {bert@real.test=to_bert} }
smtpd_restriction_classes = to_bert
to_bert = ${toBert}
smtpd_tls_cert_file = ${folder}/c.pem
smtpd_tls_key_file = ${folder}/k.pem
smtpd_tls_security_level = may
smtpd_tls_received_header = yes
smtpd_peername_lookup = no
message_size_limit = 1000000
`,
  )
  writeFileSync(
    join(folder, 'etc', 'master.cf'),
    `127.0.0.1:${port} inet n - n - 10 smtpd\n${SERVICES.map((service) => `${service}\n`).join('')}`,
  )
  execFileSync('chown', ['postfix', join(folder, 'data'), join(folder, 'mail')])
}

/** RFC 6409, with passwords in a database of this test's own. */
const configureSubmission = (
  folder: string,
  port: number,
  { user, password, nextHop }: NonNullable<PostfixOptions['submission']>,
): void => {
  // Where Debian's Postfix looks, whatever `cyrus_sasl_config_path` says.
  const sasl = join(folder, 'etc', 'sasl')
  const database = join(sasl, 'users')
  mkdirSync(sasl)
  writeFileSync(
    join(sasl, 'smtpd.conf'),
    `pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: ${database}\nmech_list: PLAIN LOGIN\n`,
  )
  execFileSync('saslpasswd2', ['-p', '-c', '-f', database, '-u', 'mx1.real.test', user], { input: password })
  execFileSync('chown', ['-R', 'postfix', sasl])
  appendFileSync(
    join(folder, 'etc', 'main.cf'),
    `smtpd_sasl_local_domain = mx1.real.test
smtpd_sasl_authenticated_header = yes
default_transport = smtp:[127.0.0.1]:${nextHop}
`,
  )
  appendFileSync(
    join(folder, 'etc', 'master.cf'),
    `127.0.0.1:${port} inet n - n - 10 smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o smtpd_recipient_restrictions=
`,
  )
}
