import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { monotonicFactory } from 'ulid'
import { eventTypes } from '#domain/event-types'
import { DAY } from '#domain/kernel/instant'
import type { MailEvent } from '#domain/mail/events'
import { createCodec } from '#infra/event-log/codec'
import { openSqliteEventLog } from '#infra/event-log/sqlite/open'
import { scriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { memoryOf, median, say } from './measure.ts'
import { startSink } from './peers/sink.ts'
import { configure, startOurs } from './relay-ours.ts'
import { measure } from './relay-round.ts'
import { startSender } from './sender.ts'

const FEW = 1_000
const MAILS = 2_000
const ROUNDS = 3
const RATIO = 1.3
const MEMORY = 200
/** Appends under way at once: they share commits. */
const CONCURRENT = 256

/**
 * What a mail costs and what the process holds while many others wait for their next attempt, against few: nine of ten of them at one domain
 * that is away, of 50 senders, the others at 1,000 domains.
 */
export const relayQueue = async (dir: string, waiting: number): Promise<string[]> => {
  const few = await measured(dir, FEW)
  const many = await measured(dir, waiting)
  const ratio = many.cpu / few.cpu
  const grown = many.memory - few.memory
  return [
    `relay, ${waiting} waiting: ${many.cpu.toFixed(2)} CPU-s per 1,000 and ${many.rate.toFixed(0)} mails/s, ${ratio.toFixed(2)} x what they cost with ${FEW} waiting (${few.cpu.toFixed(2)}, ${few.rate.toFixed(0)}/s), target ${RATIO} ${ratio <= RATIO ? 'ok' : 'ABOVE'}`,
    `relay, ${waiting} waiting: ${grown.toFixed(0)} MiB more than with ${FEW} (${few.memory.toFixed(0)}), target ${MEMORY} ${grown <= MEMORY ? 'ok' : 'ABOVE'}`,
  ]
}

const measured = async (
  dir: string,
  waiting: number,
): Promise<{ readonly cpu: number; readonly rate: number; readonly memory: number }> => {
  const folder = await mkdtemp(join(dir, 'mailkeep-queue-'))
  const sink = await startSink()
  const dns = await dnsServer(
    scriptedDns({
      'remote.test': { MX: [{ priority: 10, exchange: 'mx1.remote.test' }] },
      'mx1.remote.test': { A: ['127.0.0.1'] },
    }),
  )
  const options = { dns: dns.address, sink: sink.port, domain: 'bench.test', demo: false }
  const sender = await startSender(4_096, 'ann@bench.test')
  try {
    const first = await startOurs(folder, options)
    await configure(first, options)
    await first.stop()
    await writeWaiting(join(first.data, 'log/events.db'), waiting)
    say(`${waiting} waiting: views catch up`)
    // What it takes to read the whole log at once is not what waiting takes.
    await (await startOurs(folder, options)).stop()
    const ours = await startOurs(folder, options)
    const [pid = 0] = ours.pids()
    try {
      // The queue is read through once at the start.
      await measure(ours, sender, sink, MAILS / 2)
      const memory = memoryOf(pid)
      say(`${waiting} waiting: ${memory.toFixed(0)} MiB`)
      const rounds = []
      for (let round = 1; round <= ROUNDS; round++) {
        say(`${waiting} waiting: round ${round} of ${ROUNDS}`)
        rounds.push(await measure(ours, sender, sink, MAILS))
      }
      return { cpu: median(rounds.map(({ cpu }) => cpu)), rate: median(rounds.map(({ rate }) => rate)), memory }
    } finally {
      await ours.stop()
    }
  } finally {
    sender.stop()
    dns.close()
    await sink.stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Submissions whose first attempt failed; the next one is a day away. */
const writeWaiting = async (path: string, waiting: number): Promise<void> => {
  const log = await openSqliteEventLog({ path, codec: createCodec(eventTypes) })
  const now = Date.now()
  const next = monotonicFactory()
  try {
    for (let written = 0; written < waiting; written += CONCURRENT) {
      say(`${written} of ${waiting} mails written that wait`)
      const batch = Array.from({ length: Math.min(CONCURRENT, waiting - written) }, (_, place) => {
        const id = next(now)
        return log.append(
          `mail-${id}`,
          'noStream',
          storyOf(written + place, now).map(({ type, data }) => ({
            id: randomUUID(),
            type,
            data,
            metadata: { occurredAt: now, actor: { kind: 'system', part: 'bench' }, correlationId: id, causationId: id },
          })),
        )
      })
      await Promise.all(batch)
    }
  } finally {
    await log.close()
  }
}

const storyOf = (mail: number, at: number): readonly MailEvent[] => {
  const sender = `user${mail % 50}@bench.test`
  const recipient = mail % 10 === 0 ? `x${mail}@d${(mail / 10) % 1_000}.test` : `x${mail}@dead.test`
  return [
    {
      type: 'Accepted',
      data: {
        flow: 'submission',
        acceptedAt: at,
        client: { address: '192.0.2.1', name: null, helo: 'client.bench.test' },
        reversePath: sender,
        recipients: [{ address: recipient, mailbox: recipient, route: 'relay' }],
        contentHash: 'a'.repeat(64),
        size: 4_096,
        headerFrom: { address: sender, name: null },
        headerAddresses: [sender],
        subject: 'Minutes of the meeting',
        messageId: `<${mail}@bench.test>`,
        protocol: 'ESMTPSA',
        tls: 'TLSv1.3',
        hostname: 'mx.mailkeep.test',
        smtputf8: false,
        account: sender,
        checks: [],
      },
    },
    { type: 'Cleared', data: { recipient, at } },
    {
      type: 'Deferred',
      data: {
        recipient,
        host: 'mx.dead.test:25',
        reply: { code: 451, enhancedCode: '4.4.1', text: 'mx.dead.test: no connection within 30000 ms' },
        attempt: 1,
        dueAt: at + DAY,
        cause: 'reply',
      },
    },
  ]
}
