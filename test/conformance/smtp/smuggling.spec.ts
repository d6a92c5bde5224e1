import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { SmtpClient } from '#test/dsl/smtp/client'
import { recordingListener, type RecordingListener } from '#test/dsl/smtp/recording-listener'

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
