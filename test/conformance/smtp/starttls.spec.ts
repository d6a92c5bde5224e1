import { afterEach, describe, expect, test } from 'vitest'
import { SmtpRefusal } from '#infra/smtp/port'
import { SmtpClient } from '#test/dsl/smtp/client'
import { conversation } from '#test/dsl/smtp/conversation'
import { recordingListener, type RecordingListener } from '#test/dsl/smtp/recording-listener'

/** RFC 3207, and what clients have done to servers around it. */
describe('STARTTLS', () => {
  let listener: RecordingListener
  afterEach(() => listener.close(0))

  test('encrypts, forgets what was said in the clear, and is offered once', async () => {
    listener = await recordingListener()
    const { replies } = await conversation(
      listener.port,
      `
      <- 220
      -> EHLO client.test
      <~ STARTTLS
      -> MAIL FROM:<a@sender.test>
      <- 250
      -> STARTTLS
      <- 220 2.0.0
      .. starttls
      -> MAIL FROM:<a@sender.test>
      <- 503 5.5.1
      -> EHLO client.test
      <- 250
      -> STARTTLS
      <- 503 5.5.1
      -> MAIL FROM:<a@sender.test>
      <- 250
      -> RCPT TO:<b@mailkeep.test>
      <- 250
      -> DATA
      <- 354
      => over TLS\\r\\n.\\r\\n
      <- 250 2.0.0`,
    )
    expect(replies[5]).not.toContain('STARTTLS')
    expect(listener.mails[0]?.content.toString()).toBe('over TLS\r\n')
    expect(listener.mails[0]?.connection.tls?.version).toMatch(/^TLSv1\.[23]$/)
  })

  test.each(['EHLO injected.test\r\n', `${'NOOP\r\n'.repeat(500)}MAIL FROM:<injected@evil.test>\r\n`, 'EHLO half'])(
    'what is pipelined behind it is thrown away: %j',
    async (injected) => {
      listener = await recordingListener()
      const client = await SmtpClient.connect(listener.port)
      await client.reply()
      await client.say('EHLO client.test')
      client.write(`STARTTLS\r\n${injected}`)
      expect(await client.reply()).toMatch(/^220/)
      await client.startTls()
      expect(await client.say('RSET')).toBe('250 2.0.0 Ok')
      expect(await client.say('MAIL FROM:<a@sender.test>')).toMatch(/^503/)
      expect(client.held).toBe('')
      client.destroy()
    },
  )

  test('TLS 1.1 is not spoken', async () => {
    listener = await recordingListener()
    const client = await SmtpClient.connect(listener.port)
    await client.reply()
    await client.say('EHLO client.test')
    await client.say('STARTTLS')
    await expect(client.startTls({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })).rejects.toThrow(/protocol/i)
    client.destroy()
  })

  test('takes no argument, and is not there without a certificate', async () => {
    listener = await recordingListener()
    await conversation(listener.port, '<- 220\n-> EHLO c.test\n<- 250\n-> STARTTLS now\n<- 501 5.5.4')
    await listener.close(0)
    listener = await recordingListener({ tls: null })
    const { replies } = await conversation(listener.port, '<- 220\n-> EHLO c.test\n<- 250\n-> STARTTLS\n<- 502 5.5.1')
    expect(replies[1]).not.toContain('STARTTLS')
  })

  test('nonsense instead of a handshake ends the connection and nothing else', async () => {
    listener = await recordingListener()
    const client = await SmtpClient.connect(listener.port)
    await client.reply()
    await client.say('STARTTLS')
    client.write('MAIL FROM:<a@sender.test>\r\n'.repeat(10))
    await client.end()
    const { replies } = await conversation(listener.port, '<- 220')
    expect(replies).toHaveLength(1)
  })

  test.each(['', 'MAIL FROM:<a@sender.test>\r\n'])(
    'a client that goes without a handshake is let go (%j)',
    async (behind) => {
      listener = await recordingListener()
      const client = await SmtpClient.connect(listener.port)
      await client.reply()
      client.write(`STARTTLS\r\n${behind}`)
      expect(await client.reply()).toMatch(/^220/)
      client.finish()
      await client.end()
      await expect.poll(() => listener.connections).toBe(0)
    },
  )
})

describe('the submission listener', () => {
  let listener: RecordingListener
  afterEach(() => listener.close(0))
  const submission = (implicitTls: boolean) =>
    recordingListener({
      mode: 'submission',
      implicitTls,
      dsn: true,
      session: {
        authenticate: async ({ username, password }) => {
          if (password !== 'secret')
            throw new SmtpRefusal({ code: 535, enhancedCode: '5.7.8', text: 'Wrong name or password' }, 'password')
          return username
        },
      },
    })
  const plain = (password: string): string => Buffer.from(`\0ann@mailkeep.test\0${password}`).toString('base64')

  test('takes AUTH only under TLS, and mail only after AUTH', async () => {
    listener = await submission(false)
    const { replies } = await conversation(
      listener.port,
      `
      <- 220
      -> EHLO client.test
      <- 250
      -> AUTH PLAIN ${plain('secret')}
      <- 538 5.7.11
      -> MAIL FROM:<ann@mailkeep.test>
      <- 530 5.7.0
      -> STARTTLS
      <- 220
      .. starttls
      -> EHLO client.test
      <~ AUTH PLAIN LOGIN
      -> AUTH PLAIN ${plain('wrong')}
      <- 535 5.7.8 Wrong name or password
      -> AUTH CRAM-MD5
      <- 504 5.5.4
      -> AUTH PLAIN
      <- 334
      -> *
      <- 501
      -> AUTH LOGIN
      <- 334
      -> ${Buffer.from('ann@mailkeep.test').toString('base64')}
      <- 334
      -> ${Buffer.from('secret').toString('base64')}
      <- 235 2.7.0
      -> AUTH PLAIN ${plain('secret')}
      <- 503 5.5.1
      -> MAIL FROM:<ann@mailkeep.test> RET=HDRS ENVID=x
      <- 250
      -> RCPT TO:<b@elsewhere.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b@elsewhere.test
      <- 250
      -> DATA
      <- 354
      => x\\r\\n.\\r\\n
      <- 250`,
    )
    expect(replies[1]).not.toContain('AUTH')
    expect(listener.mails[0]?.connection.account).toBe('ann@mailkeep.test')
    expect(listener.mails[0]?.parameters).toMatchObject({ ret: 'HDRS', envid: 'x' })
  })

  test('speaks TLS from the first octet on the implicit port', async () => {
    listener = await submission(true)
    const { replies } = await conversation(
      listener.port,
      `
      <- 220
      -> EHLO client.test
      <~ AUTH PLAIN LOGIN
      -> STARTTLS
      <- 502 5.5.1
      -> AUTH PLAIN ${plain('secret')}
      <- 235 2.7.0
      -> MAIL FROM:<ann@mailkeep.test>
      <- 250`,
      { tls: true },
    )
    expect(replies[1]).not.toContain('STARTTLS')
  })
})
