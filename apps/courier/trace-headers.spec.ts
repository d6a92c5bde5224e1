import { expect, it } from 'vitest'
import { mailDecider } from '#domain/mail/decider'
import type { MailEvent } from '#domain/mail/events'
import type { Mail } from '#domain/mail/state'
import { fold } from '#domain/kernel/decider'
import { traceHeaders } from './trace-headers.ts'

const accepted: MailEvent = {
  type: 'Accepted',
  data: {
    flow: 'inbound',
    acceptedAt: Date.UTC(2026, 10, 24, 3, 58, 10),
    client: { address: '192.0.2.7', name: null, helo: 'mail.out(side).example' },
    reversePath: 'cara@outside.example',
    recipients: [{ address: 'Ann+x@example.org', mailbox: 'ann@example.org', route: 'mailbox' }],
    contentHash: 'a'.repeat(64),
    size: 10,
    headerFrom: null,
    headerAddresses: [],
    subject: null,
    messageId: null,
    protocol: 'ESMTPS',
    tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384',
    hostname: 'mx.example.org',
    smtputf8: false,
    account: null,
    checks: [],
  },
}

const headers = (...events: MailEvent[]): string => {
  const mail = fold(mailDecider, [accepted, ...events]) as Mail
  return traceHeaders('01KXYZ', mail, mail.recipients[0]!, 5)
}

it('says where the mail came from, by whom it was taken, for whom and when, within 78 columns', () => {
  const text = headers()
  expect(text.replaceAll(/\r\n\s/g, ' ')).toContain(
    'Received: from mail.out%28side%29.example (unknown [192.0.2.7]) by mx.example.org (Mailkeep) with ESMTPS id 01KXYZ (TLSv1.3 TLS_AES_256_GCM_SHA384) for <Ann+x@example.org>; Tue, 24 Nov 2026 03:58:10 +0000\r\n',
  )
  expect(text.startsWith('Return-Path: <cara@outside.example>\r\n')).toBe(true)
  for (const line of text.split('\r\n')) expect(line.length).toBeLessThanOrEqual(78)
})

it('never ends the header block early, however long the results of authentication are', () => {
  for (let length = 0; length < 120; length++) {
    const results = [
      'mx.example.org',
      `spf=temperror reason="the lookup  failed" smtp.mailfrom=${'x'.repeat(length)}.example`,
      `dkim=fail reason="${'word '.repeat(length / 4)}" header.d=outside.example`,
      'dmarc=none',
    ]
    const authenticated: MailEvent = {
      type: 'Authenticated',
      data: {
        results: {
          spf: { result: 'temperror', domain: null, explanation: null, aligned: false },
          dkim: [],
          dmarc: { result: 'none', domain: null, policy: null, explanation: null },
          arc: { result: 'none', instances: 0, explanation: null },
        },
        evidence: 'b'.repeat(64),
        header: results.join(';\r\n '),
      },
    }
    const text = headers(authenticated)
    for (const line of text.slice(0, -2).split('\r\n')) expect(line.trim()).not.toBe('')
    expect(text.replaceAll(/\r\n\s/g, ' ')).toContain(
      `Authentication-Results: ${results.join('; ').replaceAll(/ {2,}/g, ' ')}\r\n`,
    )
  }
})

it("gives the score in SpamAssassin's form", () => {
  const scored: MailEvent = {
    type: 'Scored',
    data: {
      symbols: [
        { name: 'A_ONE', weight: 6, description: '' },
        { name: 'B_TWO', weight: 0.5, description: '' },
      ],
      policyVersion: 0,
      evidence: 'b'.repeat(64),
      recipients: [{ recipient: 'ann@example.org', score: 6.5, threshold: 5 }],
    },
  }
  expect(headers(scored)).toContain(
    'X-Spam-Status: Yes, score=6.5 required=5.0 tests=A_ONE,B_TWO\r\nX-Spam-Score: 6.5\r\n',
  )
})

it('does not call a mail spam that somebody released', () => {
  const held: MailEvent = {
    type: 'Quarantined',
    data: { recipient: 'ann@example.org', reason: 'spam', detail: '', expiresAt: 2 },
  }
  const released: MailEvent = {
    type: 'Released',
    data: {
      recipient: 'ann@example.org',
      by: 'ann@example.org',
      reason: null,
      trustSender: false,
      scanner: null,
      at: 1,
    },
  }
  expect(headers(held, released)).toContain('X-Spam-Status: No, score=0.0 required=5.0')
})

it('says of a submission who was authenticated (RFC 8601 2.7.4), and nothing of spam', () => {
  const submitted = (account: string): string => {
    const event: MailEvent = { type: 'Accepted', data: { ...accepted.data, flow: 'submission', account } }
    const mail = fold(mailDecider, [event]) as Mail
    return traceHeaders('01KXYZ', mail, mail.recipients[0]!, 5).replaceAll(/\r\n\s/g, ' ')
  }
  expect(submitted('ann@example.org')).toContain(
    'Authentication-Results: mx.example.org; auth=pass smtp.auth=ann@example.org\r\n',
  )
  expect(submitted('ann@example.org')).not.toContain('X-Spam')
  expect(submitted('a;b@example.org')).toContain('smtp.auth="a;b@example.org"')
})
