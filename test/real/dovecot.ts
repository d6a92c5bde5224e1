import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { ImapFlow } from 'imapflow'
import { end, freePort, give, install, launch } from './daemon.ts'

/** A real Dovecot of this test's own, unprivileged: IMAP and LMTP over TCP and a unix socket, mailboxes for those named. */
export interface Dovecot {
  readonly imap: number
  readonly lmtp: number
  /** Path of the LMTP socket. */
  readonly socket: string
  /** SIGKILL; `restart` brings it back on the same ports with the same mailboxes. */
  kill(): Promise<void>
  restart(): Promise<void>
  /** Everything in a folder, oldest first, byte for byte. */
  messages(mailbox: string, folder?: string): Promise<string[]>
  stop(): Promise<void>
}

export interface DovecotOptions {
  /** Mails that fit into a mailbox, by its address. */
  readonly mailboxes: Readonly<Record<string, number | null>>
  /** A full mailbox is 452 4.2.2 instead of 552 5.2.2. */
  readonly fullIsTransient?: boolean
  /** Keeps nothing durable: for measuring. */
  readonly fsync?: boolean
  readonly lmtpProcesses?: number
}

const PASSWORD = 'pw'

export const startDovecot = async (options: DovecotOptions): Promise<Dovecot> => {
  install('dovecot-core', 'dovecot-imapd', 'dovecot-lmtpd')
  // short, and not below a private home: a socket's path ends at 107 bytes
  const folder = mkdtempSync('/tmp/mkdove-')
  chmodSync(folder, 0o755)
  const [imap, lmtp] = [await freePort(), await freePort()]
  const socket = join(folder, 'base', 'lmtp')
  configure(folder, imap, lmtp, options)
  const start = () =>
    launch(
      ['/usr/sbin/dovecot', '-F', '-c', join(folder, 'dovecot.conf')],
      async () => (await greets(imap, '* OK')) && (await greets(lmtp, '220')) && existsSync(socket),
      () => (existsSync(join(folder, 'dovecot.log')) ? readFileSync(join(folder, 'dovecot.log'), 'utf8') : ''),
    )
  let daemon = await start()
  /** Its workers outlive a master that was killed, and hold the ports. */
  const endAll = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    const workers = childrenOf(daemon.pid ?? 0)
    await end(daemon, signal)
    for (const worker of workers) endQuietly(worker)
  }
  return {
    imap,
    lmtp,
    socket,
    kill: () => endAll('SIGKILL'),
    restart: async () => {
      daemon = await start()
    },
    messages: (mailbox, path = 'INBOX') => readAll(imap, mailbox, path),
    stop: async () => {
      await endAll('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((word) => word !== '')
    .map(Number)

const endQuietly = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const readAll = async (port: number, user: string, path: string): Promise<string[]> => {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port,
    secure: false,
    auth: { user, pass: PASSWORD },
    logger: false,
  })
  await client.connect()
  try {
    const lock = await client.getMailboxLock(path)
    const found: string[] = []
    try {
      if (client.mailbox !== false && client.mailbox.exists > 0) {
        for await (const { source } of client.fetch('1:*', { source: true })) found.push(source?.toString('utf8') ?? '')
      }
    } finally {
      lock.release()
    }
    return found
  } finally {
    await client.logout()
  }
}

const greets = (port: number, greeting: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const done = (yes: boolean): void => {
      socket.destroy()
      resolve(yes)
    }
    socket.setTimeout(1_000, () => done(false))
    socket.once('data', (octets) => done(octets.toString('latin1').startsWith(greeting)))
    socket.once('error', () => done(false))
    socket.once('close', () => done(false))
  })

const configure = (
  folder: string,
  imap: number,
  lmtp: number,
  { mailboxes, fullIsTransient = false, fsync = true, lmtpProcesses }: DovecotOptions,
): void => {
  for (const name of ['base', 'state', 'mail']) mkdirSync(join(folder, name))
  const users = Object.entries(mailboxes).map(
    ([mailbox, room]) =>
      `${mailbox}:{PLAIN}${PASSWORD}::::::${room === null ? '' : `userdb_quota_rule=*:messages=${room}`}\n`,
  )
  writeFileSync(join(folder, 'users'), users.join(''))
  writeFileSync(
    join(folder, 'dovecot.conf'),
    `base_dir = ${folder}/base
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = mkreal
default_internal_group = mkreal
default_login_user = mkreal
first_valid_uid = 1
mail_uid = mkreal
mail_gid = mkreal
mail_home = ${folder}/mail/%u
mail_location = maildir:~/Maildir
${fsync ? '' : 'mail_fsync = never'}
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
recipient_delimiter = +
lda_mailbox_autocreate = yes
${fullIsTransient ? 'quota_full_tempfail = yes' : ''}
mail_plugins = quota
passdb {
  driver = passwd-file
  args = username_format=%u ${folder}/users
}
userdb {
  driver = passwd-file
  args = username_format=%u ${folder}/users
}
plugin {
  quota = count:User quota
  quota_rule = *:storage=1G
  quota_vsizes = yes
}
namespace inbox {
  inbox = yes
  separator = /
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
service imap-login {
  chroot =
  service_count = 0
  inet_listener imap {
    port = ${imap}
  }
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  ${lmtpProcesses === undefined ? '' : `process_min_avail = ${lmtpProcesses}`}
  inet_listener lmtp {
    port = ${lmtp}
  }
  unix_listener lmtp {
    mode = 0666
  }
}
`,
  )
  give(folder)
}
