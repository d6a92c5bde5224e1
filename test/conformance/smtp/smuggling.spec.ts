import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { scriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { PASSWORD, startDemo } from '#test/dsl/mailkeep'
import { SmtpClient } from '#test/dsl/smtp/client'
import { recordingListener, type RecordingListener } from '#test/dsl/smtp/recording-listener'
import { as, done, eventually } from '#test/dsl/story'

const file = join(process.env['MAILKEEP_TEST_DATA'] ?? '../shared/data', 'smtp/smuggling-payloads.json')
if (!existsSync(file)) console.warn(`skipped: SMTP smuggling payloads are not at ${file}`)

interface Payloads {
  readonly inbound_must_not_end_data: Readonly<Record<string, string>>
  readonly outbound_must_be_neutralised: readonly string[]
}
const payloads = (): Payloads => JSON.parse(readFileSync(file, 'utf8')) as Payloads

const second = 'MAIL FROM:<forged@admin.test>\r\nRCPT TO:<victim@mailkeep.test>\r\nDATA\r\nforged\r\n.\r\n'

/** Sends one mail whose body hides the end of data and a second mail; answers all replies after DATA. */
const smuggle = async (
  listener: RecordingListener,
  payload: string,
  segments: 'whole' | 'octets',
): Promise<string[]> => {
  const client = await SmtpClient.connect(listener.port)
  await client.reply()
  for (const command of ['EHLO c.test', 'MAIL FROM:<a@sender.test>', 'RCPT TO:<b@mailkeep.test>', 'DATA'])
    expect(await client.say(command)).toMatch(/^(?:250|354)/)
  const text = `Subject: outer\r\n\r\nbefore${payload}${second}`
  if (segments === 'whole') client.write(Buffer.from(text, 'latin1'))
  else
    for (const octet of Buffer.from(text, 'latin1')) {
      client.write(Buffer.of(octet))
      await new Promise((resolve) => setImmediate(resolve))
    }
  client.write('QUIT\r\n')
  const replies: string[] = []
  for (let reply = await client.reply(); reply !== null; reply = await client.reply()) replies.push(reply)
  client.destroy()
  return replies
}

describe.skipIf(!existsSync(file))('SMTP smuggling', () => {
  let listener: RecordingListener
  afterEach(() => listener.close(0))
  const all = existsSync(file)
    ? [
        ...Object.entries(payloads().inbound_must_not_end_data),
        ...payloads().outbound_must_be_neutralised.map((payload) => [JSON.stringify(payload), payload] as const),
      ]
    : []

  test.each(all)('%s never begins a second mail', async (_name, payload) => {
    listener = await recordingListener()
    for (const segments of ['whole', 'octets'] as const) {
      const replies = await smuggle(listener, payload, segments)
      expect(listener.mails.filter((mail) => mail.reversePath !== 'a@sender.test')).toEqual([])
      expect(replies).toHaveLength(2)
    }
    const bare = /\r(?!\n)|(?<!\r)\n/.test(payload)
    expect(listener.mails).toHaveLength(bare ? 0 : 2)
    const refused = new Set(listener.refusals.map(({ reply, check }) => `${reply.code} ${check}`))
    expect([...refused]).toEqual(bare ? ['550 bare-line-end'] : [])
  })

  test.each(all)('%s is one mail with tidy line ends where policy says normalise', async (_name, payload) => {
    listener = await recordingListener({ limits: { bareLineEnds: 'normalise' } })
    for (const segments of ['whole', 'octets'] as const) await smuggle(listener, payload, segments)
    expect(listener.mails).toHaveLength(2)
    const [whole, octets] = listener.mails.map((mail) => mail.content.toString('latin1'))
    expect(whole).toBe(octets)
    expect(whole).toContain('MAIL FROM:<forged@admin.test>\r\n')
    expect(whole).not.toMatch(/\r(?!\n)|(?<!\r)\n/)
  })
})

const ANN = 'ann@mailkeep.test'
const signIn = `AUTH PLAIN ${Buffer.from(`\0${ANN}\0${PASSWORD}`).toString('base64')}`

describe.skipIf(!existsSync(file))('a user of ours', () => {
  const all = existsSync(file)
    ? [...Object.values(payloads().inbound_must_not_end_data), ...payloads().outbound_must_be_neutralised]
    : []
  const isBare = (payload: string): boolean => /\r(?!\n)|(?<!\r)\n/.test(payload)

  test.each(['reject', 'normalise'] as const)(
    'smuggles nothing, neither in nor out (%s)',
    { timeout: 60_000 },
    async (bareLineEnds) => {
      // It has no patience with line ends that servers disagree on.
      const mx = await recordingListener()
      const dns = await dnsServer(
        scriptedDns({
          'remote.test': { MX: [{ priority: 10, exchange: 'mx.remote.test' }] },
          'mx.remote.test': { A: ['127.0.0.1'] },
        }),
      )
      try {
        const demo = await startDemo({
          MAILKEEP_SUBMISSIONS_PORT: '0',
          MAILKEEP_DNS_SERVERS: dns.address,
          MAILKEEP_RELAY_PORT: String(mx.port),
        })
        await done(await as(demo, 'admin'), 'PUT', '/policies/edge', { document: { bareLineEnds }, reason: 'spec' })
        const taken: string[] = []
        for (const [number, payload] of all.entries()) {
          const client = await SmtpClient.connect(demo.port('submissions'), { tls: {} })
          await client.reply()
          for (const command of ['EHLO c.test', signIn, `MAIL FROM:<${ANN}>`, 'RCPT TO:<x@remote.test>', 'DATA'])
            expect(await client.say(command)).toMatch(/^[23]/)
          client.write(
            Buffer.from(`From: ${ANN}\r\nSubject: outer ${number}\r\n\r\nbefore${payload}${second}QUIT\r\n`, 'latin1'),
          )
          const reply = await client.reply()
          expect({ payload, next: await client.reply() }).toEqual({ payload, next: expect.stringMatching(/^221/) })
          client.destroy()
          const isTaken = bareLineEnds === 'normalise' || !isBare(payload)
          expect({ payload, reply }).toEqual({
            payload,
            reply: expect.stringMatching(isTaken ? /^250 2\.0\.0 Ok/ : /^550 5\.5\.2/),
          })
          if (isTaken) taken.push(`outer ${number}`)
        }
        await eventually(() => expect(mx.mails).toHaveLength(taken.length))
        const subjects = mx.mails.map(({ headerBlock }) => /^Subject: (.*)\r$/m.exec(headerBlock ?? '')?.[1])
        expect(subjects.toSorted()).toEqual(taken.toSorted())
        for (const { reversePath, recipients } of mx.mails)
          expect({ reversePath, recipients }).toEqual({ reversePath: ANN, recipients: ['x@remote.test'] })
        expect(mx.refusals).toEqual([])
      } finally {
        dns.close()
        await mx.close(0)
      }
    },
  )
})
