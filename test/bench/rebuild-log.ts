import { createHash, randomUUID } from 'node:crypto'
import { eventTypes } from '#domain/event-types'
import type { MailEvent } from '#domain/mail/events'
import { createCodec } from '#infra/event-log/codec'
import type { NewEvent } from '#infra/event-log/port'
import { openSqliteEventLog } from '#infra/event-log/sqlite/open'

const START = 1_740_830_400_000
const DOMAINS = ['example.org', 'example.net', 'mail.example.com', 'lists.example.info', 'shop.example.biz']
const WORDS =
  'quarterly report invoice meeting notes lunch friday update offer hello re fwd order shipped ticket'.split(' ')
/** Appends under way at once: they share commits. */
const CONCURRENT = 256

/** Writes a log of at least `events` events of inbound mail, as a busy day makes them. Answers how many there are. */
export async function writeMailLog(
  path: string,
  events: number,
  onProgress: (written: number) => void,
): Promise<number> {
  const log = await openSqliteEventLog({ path, codec: createCodec(eventTypes) })
  try {
    let written = 0
    for (let mail = 0; written < events;) {
      const batch: Promise<unknown>[] = []
      for (; batch.length < CONCURRENT && written < events; mail++) {
        const id = mailId(mail)
        const story = storyOf(mail)
        const recorded = story.map(({ type, data }, index): NewEvent => ({
          id: randomUUID(),
          type,
          data,
          metadata: {
            occurredAt: START + mail * 250 + index * 20,
            actor: { kind: 'system', part: 'bench' },
            correlationId: id,
            causationId: id,
          },
        }))
        batch.push(log.append(`mail-${id}`, 'noStream', recorded))
        written += story.length
      }
      await Promise.all(batch)
      onProgress(written)
    }
    return written
  } finally {
    await log.close()
  }
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

function mailId(mail: number): string {
  let time = START + mail * 250
  let text = ''
  for (let digit = 0; digit < 10; digit++, time = Math.floor(time / 32)) text = CROCKFORD[time % 32] + text
  const rest = createHash('sha256').update(`${mail}`).digest()
  for (let digit = 0; digit < 16; digit++) text += CROCKFORD[(rest[digit] ?? 0) % 32]
  return text
}

/** One mail's events, of a seed: five of six are delivered, one is held as spam; one of six goes to more than one. */
function storyOf(mail: number): readonly MailEvent[] {
  const pick = randomOf(mail)
  const at = START + mail * 250
  const sender = `${WORDS[pick(WORDS.length)]}.${pick(5_000)}@${DOMAINS[pick(DOMAINS.length)]}`
  const mailboxes = [
    ...new Set(Array.from({ length: pick(6) === 0 ? 2 + pick(3) : 1 }, () => `user${pick(2_000)}@example.org`)),
  ]
  const spam = pick(6) === 0
  const hash = createHash('sha256').update(`content ${mail}`).digest('hex')
  const evidence = createHash('sha256').update(`evidence ${mail}`).digest('hex')
  const symbols = Array.from({ length: 4 + pick(6) }, () => ({
    name: `SYMBOL_${WORDS[pick(WORDS.length)]}`.toUpperCase(),
    weight: pick(40) / 10 - 1,
    description: 'What this heuristic found in the header or in the body of the mail',
  }))
  const score = spam ? 5 + pick(100) / 10 : pick(49) / 10
  return [
    {
      type: 'Accepted',
      data: {
        flow: 'inbound',
        acceptedAt: at,
        client: { address: `192.0.2.${pick(250)}`, name: `mx${pick(20)}.example.com`, helo: 'mx.example.com' },
        reversePath: sender,
        recipients: mailboxes.map((mailbox) => ({ address: mailbox, mailbox, route: 'mailbox' })),
        contentHash: hash,
        size: 2_000 + pick(50_000),
        headerFrom: { address: sender, name: `${WORDS[pick(WORDS.length)]} ${WORDS[pick(WORDS.length)]}` },
        headerAddresses: [sender],
        subject: Array.from({ length: 3 + pick(6) }, () => WORDS[pick(WORDS.length)]).join(' '),
        messageId: `<${hash.slice(0, 24)}@example.com>`,
        protocol: 'ESMTPS',
        tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384',
        hostname: 'mx.example.org',
        smtputf8: false,
        account: null,
        checks: [
          { check: 'reverse-dns', result: 'pass', detail: null },
          { check: 'helo-resolves', result: 'pass', detail: null },
        ],
      },
    },
    { type: 'ScanCleared', data: { scanner: { name: 'yara', version: '1.20.0', database: 'a1b2c3d4e5f60718' } } },
    {
      type: 'Authenticated',
      data: {
        results: {
          spf: { result: 'pass', domain: 'example.com', aligned: true, explanation: null },
          dkim: [
            {
              result: 'pass',
              domain: 'example.com',
              selector: 's1',
              algorithm: 'rsa-sha256',
              aligned: true,
              explanation: null,
            },
          ],
          dmarc: { result: 'pass', domain: 'example.com', policy: 'reject', explanation: null },
          arc: { result: 'none', instances: 0, explanation: null },
        },
        evidence,
        header:
          'mx.example.org; spf=pass smtp.mailfrom=example.com; dkim=pass header.d=example.com; dmarc=pass header.from=example.com',
      },
    },
    {
      type: 'Scored',
      data: {
        symbols,
        policyVersion: 1,
        evidence,
        recipients: mailboxes.map((recipient) => ({ recipient, score, threshold: 5 })),
      },
    },
    ...mailboxes.map((recipient): MailEvent =>
      spam
        ? {
            type: 'Quarantined',
            data: { recipient, reason: 'spam', detail: `score ${score}`, expiresAt: at + 2_592_000_000 },
          }
        : { type: 'Cleared', data: { recipient, at } },
    ),
    ...(spam
      ? []
      : mailboxes.map((recipient): MailEvent => ({
          type: 'Delivered',
          data: {
            recipient,
            host: 'maildir',
            reply: { code: 250, enhancedCode: '2.0.0', text: 'Delivered to new' },
            at: at + 400,
          },
        }))),
  ]
}

/** A small generator (mulberry32): the same log for the same number of events. */
function randomOf(seed: number): (below: number) => number {
  let state = (seed + 1) * 0x9e3779b9
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
