import { describe, expect, it } from 'vitest'
import { recordingResolver } from '#infra/dns/recording-resolver'
import { replayResolver } from '#infra/dns/replay-resolver'
import { authenticateMail } from '#infra/mail-auth/authenticate-mail'
import { answersOf, dnsEvidence, formatEvidence, parseEvidence } from '#domain/scoring/evidence'
import type { DnsAnswer } from '#infra/dns/port'
import { arcCases, spfCases, suiteIsThere } from './suites.ts'

const now = Date.UTC(2017, 0, 20)

describe.runIf(suiteIsThere('spf') && suiteIsThere('arc'))('a recorded authentication', () => {
  it('comes to the same result from the evidence alone, through its text', async () => {
    const mails = [
      ...spfCases().map((test) => ({
        raw: Buffer.from('From: a@example.org\r\n\r\n'),
        ip: test.host,
        helo: test.helo,
        reversePath: test.mailfrom || null,
        dns: test.dns,
      })),
      ...arcCases().map((test) => ({
        raw: test.message,
        ip: '192.0.2.1',
        helo: 'mail.example.org',
        reversePath: 'jqd@d1.example.org',
        dns: test.dns,
      })),
    ]
    let size = 0
    for (const mail of mails) {
      const dns = recordingResolver(mail.dns)
      const recorded = await authenticateMail({ ...mail, hostname: 'mx.example.net', now, dns })
      const text = formatEvidence({
        format: 2,
        clock: now,
        client: { address: mail.ip, name: null, helo: mail.helo },
        reversePath: mail.reversePath,
        hostname: 'mx.example.net',
        dns: dnsEvidence(dns.answers()),
        scanner: null,
        model: null,
        weights: 1,
        policyVersion: 0,
        content: [],
        table: [],
        links: [],
        files: [],
        blocked: [],
        lists: [],
        features: '',
      })
      size += text.length
      const replayed = await authenticateMail({
        ...mail,
        hostname: 'mx.example.net',
        now,
        dns: replayResolver(answersOf(parseEvidence(text)) as DnsAnswer[]),
      })
      expect(replayed).toEqual(recorded)
    }
    console.log(
      `replay: ${mails.length} of ${mails.length} the same; evidence ${Math.round(size / mails.length)} bytes on average`,
    )
  })
})
