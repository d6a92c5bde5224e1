import { createHash } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { SmtpClient } from '#test/dsl/smtp/client'
import { random } from '#test/dsl/smtp/fuzz'
import { recordingListener, type RecordingListener } from '#test/dsl/smtp/recording-listener'

/** Any octets but CR and LF in lines of any length, many with dots in front. */
const largeMessage = (size: number): string => {
  const next = random(50)
  const lines = ['Subject: large', '']
  for (let length = 0; length < size;) {
    let line = '.'.repeat(next(4) === 0 ? next(4) : 0)
    const rest = next(next(20) === 0 ? 20_000 : 100)
    for (let at = 0; at < rest; at++) line += String.fromCharCode(next(256))
    line = line.replaceAll(/[\r\n]/g, '-')
    lines.push(line)
    length += line.length + 2
  }
  return `${lines.join('\r\n')}\r\n`
}

describe('a large mail', () => {
  let listener: RecordingListener
  afterEach(() => listener.close(0))

  test.each([false, true])('arrives octet for octet (TLS: %s), its memory given back as it is read', async (tls) => {
    let seen = { size: 0, hash: '' }
    listener = await recordingListener({
      limits: { messageSize: 10_000_000 },
      session: {
        data: async (message, header) => {
          header?.freeAsRead()
          const digest = createHash('sha256')
          let size = 0
          for await (const octets of message) {
            digest.update(octets)
            size += octets.length
            if (size % 7 === 0) await new Promise((resolve) => setImmediate(resolve))
          }
          seen = { size, hash: digest.digest('hex') }
          return {
            code: 250,
            enhancedCode: '2.0.0',
            text: `Ok: ${Buffer.from(header?.headerBlock() ?? []).toString()}`,
          }
        },
      },
    })
    const message = largeMessage(3_000_000)
    const client = await SmtpClient.connect(listener.port)
    await client.reply()
    await client.say('EHLO c.test')
    if (tls) {
      await client.say('STARTTLS')
      await client.startTls()
      await client.say('EHLO c.test')
    }
    for (const command of ['MAIL FROM:<a@b.test>', 'RCPT TO:<c@d.test>', 'DATA']) await client.say(command)
    client.write(Buffer.from(`${message.replaceAll(/^\./gm, '..')}.\r\n`, 'latin1'))
    expect(await client.reply()).toBe('250-2.0.0 Ok: Subject: large?\n250 2.0.0 ')
    expect(seen).toEqual({ size: message.length, hash: createHash('sha256').update(message, 'latin1').digest('hex') })
    client.destroy()
  })
})
