import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort, install } from '#test/real/daemon'
import { startDovecot, type Dovecot } from '#test/real/dovecot'
import { cpuOf, median, say } from './measure.ts'
import { startSender, type Sender } from './sender.ts'
import { startMailkeep } from './server.ts'

/**
 * `npm run bench -- lmtp`: a real Dovecot comes back after an outage, and the mails that waited for it (2,000 of 4 KiB) drain by LMTP:
 * mails/s from the first `Delivered` in the log to the last, everything included (content, headers, log). The peer of the same run is
 * Postfix's smtp-source speaking LMTP to the same Dovecot on as many connections, each used again and again. Target: at least 0.6 of it.
 */
const TARGET = 0.6
const CONNECTIONS = 10
const WITHIN_MS = 240_000
const PASSWORD = 'correct-horse-battery'

export const run = async (args: readonly string[]): Promise<string[]> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      mails: { type: 'string', default: '2000' },
      rounds: { type: 'string', default: '3' },
      bytes: { type: 'string', default: '4096' },
      dir: { type: 'string', default: tmpdir() },
    },
  })
  const [mails, rounds, bytes] = [Number(values.mails), Number(values.rounds), Number(values.bytes)]
  install('postfix')
  const folder = await mkdtemp(join(values.dir, 'mailkeep-lmtp-'))
  const dovecot = await startDovecot({ mailboxes: { 'ann@mailkeep.test': null, 'ben@mailkeep.test': null } })
  const sender = await startSender(bytes)
  const measured: { ours: number; theirs: number; back: number; cpu: number }[] = []
  try {
    const http = await freePort()
    const server = await startMailkeep(folder, {
      MAILKEEP_HTTP_PORT: String(http),
      MAILKEEP_ADMIN_PASSWORD: PASSWORD,
      MAILKEEP_DNS_SERVERS: '127.0.0.1:1',
    })
    const log = new Log(join(server.data, 'log/events.db'))
    try {
      await routeTo(http, dovecot)
      for (let round = 1; round <= rounds; round++) {
        say(`round ${round} of ${rounds}: Mailkeep`)
        const ours = await drain(dovecot, sender, server, log, mails)
        say(`round ${round} of ${rounds}: smtp-source`)
        measured.push({ ...ours, theirs: await smtpSource(dovecot, mails, bytes) })
      }
    } finally {
      log.close()
      await server.stop()
    }
  } finally {
    sender.stop()
    await dovecot.stop()
    await rm(folder, { recursive: true, force: true })
  }
  const middle = (pick: (one: (typeof measured)[number]) => number): number => median(measured.map(pick))
  const ratio = middle(({ ours, theirs }) => ours / theirs)
  return [
    `lmtp: ${middle(({ ours }) => ours).toFixed(0)} mails/s to Dovecot by ${CONNECTIONS} connections at ${middle(({ cpu }) => cpu).toFixed(2)} CPU-s per 1,000, ${ratio.toFixed(2)} x smtp-source -L (${middle(({ theirs }) => theirs).toFixed(0)}/s), target ${TARGET} ${ratio >= TARGET ? 'ok' : 'BELOW'}`,
    `lmtp: ${mails} mails that waited for a host that was away: the first ${(middle(({ back }) => back) / 1_000).toFixed(1)} s after it was back`,
  ]
}

/** The domain's mailboxes are at Dovecot from now on. */
const routeTo = async (http: number, dovecot: Dovecot): Promise<void> => {
  const send = async (verb: string, path: string, body: object, token?: string): Promise<Record<string, unknown>> => {
    const answer = await fetch(`http://127.0.0.1:${http}/api/v1${path}`, {
      method: verb,
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${verb} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Record<string, unknown>
  }
  const { token } = await send('POST', '/session', { address: 'admin@mailkeep.test', password: PASSWORD })
  const mailboxHost = `lmtp://127.0.0.1:${dovecot.lmtp}`
  await send('PATCH', '/domains/mailkeep.test', { mailboxHost }, String(token))
}

const drain = async (
  dovecot: Dovecot,
  sender: Sender,
  server: { readonly port: number; readonly pid: number },
  log: Log,
  mails: number,
): Promise<{ ours: number; back: number; cpu: number }> => {
  await dovecot.kill()
  const before = log.count()
  const { accepted, refused } = await sender.send({
    port: server.port,
    mails,
    connections: CONNECTIONS,
    perConnection: 100,
    recipient: 'ann@mailkeep.test',
  })
  if (accepted < mails) throw new Error(`not all accepted: ${JSON.stringify(refused)}`)
  await reached(() => log.count().Deferred - before.Deferred >= mails, 'the mails to wait for Dovecot')
  await dovecot.restart()
  const [restarted, cpu] = [performance.now(), cpuOf(server.pid)]
  let first = 0
  let seen = 0
  await reached(() => {
    const delivered = log.count().Delivered - before.Delivered
    if (seen === 0 && delivered > 0) [first, seen] = [performance.now(), delivered]
    return delivered >= mails
  }, 'all mails to be delivered')
  return {
    ours: ((mails - seen) / (performance.now() - first)) * 1_000,
    back: first - restarted,
    cpu: (cpuOf(server.pid) - cpu) / mails,
  }
}

const smtpSource = async (dovecot: Dovecot, mails: number, bytes: number): Promise<number> => {
  const words = [
    '-L',
    '-d',
    '-s',
    CONNECTIONS,
    '-m',
    mails,
    '-l',
    bytes,
    '-f',
    'sender@outside.test',
    '-t',
    'ben@mailkeep.test',
  ]
  const began = performance.now()
  const child = spawn('smtp-source', [...words.map(String), `127.0.0.1:${dovecot.lmtp}`], { stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`smtp-source ended with ${code}`)
  return (mails / (performance.now() - began)) * 1_000
}

const reached = async (there: () => boolean, what: string): Promise<void> => {
  const deadline = performance.now() + WITHIN_MS
  while (!there()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await sleep(25)
  }
}

/** Counts events in the log of the running server as they come. */
class Log {
  readonly #log: DatabaseSync
  readonly #counts = { Delivered: 0, Deferred: 0 }
  #seen = 0

  constructor(path: string) {
    this.#log = new DatabaseSync(path, { readOnly: true })
  }

  count(): { readonly Delivered: number; readonly Deferred: number } {
    const rows = this.#log
      .prepare(
        `SELECT kinds.type, count(*) AS many, max(events.position) AS last FROM events JOIN kinds ON kinds.id = events.kind
         WHERE events.position > ? AND kinds.type IN ('Delivered', 'Deferred') GROUP BY kinds.type`,
      )
      .all(this.#seen)
    for (const { type, many, last } of rows) {
      if (type === 'Delivered' || type === 'Deferred') this.#counts[type] += Number(many)
      this.#seen = Math.max(this.#seen, Number(last))
    }
    return { ...this.#counts }
  }

  close(): void {
    this.#log.close()
  }
}
