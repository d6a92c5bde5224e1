import { X509Certificate } from 'node:crypto'
import { TLSSocket } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { SmtpClient } from '#test/dsl/smtp/client'
import { conversation } from '#test/dsl/smtp/conversation'
import { recordingListener, type RecordingListener } from '#test/dsl/smtp/recording-listener'
import { freshTlsMaterial, tlsMaterial } from '#test/dsl/smtp/tls-material'
import { SmtpRefusal } from './port.ts'

describe('the listener', () => {
  let listener: RecordingListener
  afterEach(() => listener.close(0))

  test('says so when its port is taken, or its certificate is no good', async () => {
    listener = await recordingListener()
    await expect(recordingListener({ port: listener.port })).rejects.toThrow('EADDRINUSE')
    await expect(recordingListener({ tls: () => ({ key: 'no', cert: 'no' }) })).rejects.toThrow(/PEM/)
    await expect(recordingListener({ tls: null, implicitTls: true })).rejects.toThrow('certificate')
  })

  test('greets with its name and banner', async () => {
    listener = await recordingListener({ hostname: 'gate.test', banner: 'Mailkeep' })
    const { replies } = await conversation(
      listener.port,
      '<- 220 gate.test ESMTP Mailkeep\n-> HELO c.test\n<- 250 gate.test',
    )
    expect(replies).toHaveLength(2)
  })

  test('takes a new certificate while it runs, and keeps the old one when the new is no good', async () => {
    const [first, second] = [(await tlsMaterial())(), (await freshTlsMaterial())()]
    let current = first
    listener = await recordingListener({ tls: () => current })
    const presented = async (): Promise<string> => {
      const client = await SmtpClient.connect(listener.port)
      await client.reply()
      await client.say('STARTTLS')
      await client.startTls()
      const { socket } = client
      const seen = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.fingerprint256 : undefined
      client.destroy()
      return seen ?? 'none'
    }
    const print = ({ cert }: { cert: string | Buffer }): string => new X509Certificate(cert).fingerprint256
    expect(await presented()).toBe(print(first))
    current = second
    listener.reloadTls()
    expect(await presented()).toBe(print(second))
    current = { key: 'no', cert: 'no' }
    expect(() => listener.reloadTls()).toThrow(/PEM/)
    expect(await presented()).toBe(print(second))
  })

  test('lets the session judge the name in EHLO; a refused one changes nothing', async () => {
    const names: string[] = []
    listener = await recordingListener({
      sessions: {
        connect: async () => ({
          mail: async () => {},
          rcpt: async () => {},
          data: async () => ({ code: 250, enhancedCode: null, text: '' }),
          reset: () => {},
          logout: () => {},
        }),
        helo: async (_session, name) => {
          names.push(name)
          if (name === 'localhost')
            throw new SmtpRefusal({ code: 550, enhancedCode: '5.7.1', text: 'Not your name (check: helo)' }, 'helo')
        },
      },
    })
    await conversation(
      listener.port,
      `
      <- 220
      -> EHLO localhost
      <- 550 5.7.1
      -> MAIL FROM:<a@b.test>
      <- 503
      -> HELO client.test
      <- 250
      -> EHLO localhost
      <- 550
      -> MAIL FROM:<a@b.test>
      <- 250`,
    )
    expect(names).toEqual(['localhost', 'client.test', 'localhost'])
  })

  test('survives a session that throws where it should not', async () => {
    const fails = (): never => {
      throw new Error('broken session')
    }
    listener = await recordingListener({ session: { reset: fails, logout: fails, rcpt: fails } })
    await conversation(
      listener.port,
      '<- 220\n-> EHLO c.test\n<- 250\n-> MAIL FROM:<a@b.test>\n<- 250\n-> RCPT TO:<c@d.test>\n<- 451 4.3.0\n-> RSET\n<- 250\n-> QUIT\n<- 221\n.. closed',
    )
    await expect.poll(() => listener.connections).toBe(0)
    expect(listener.incidents).toHaveLength(4)
  })

  test('closes even when a session never answers', async () => {
    listener = await recordingListener({ session: { mail: () => new Promise(() => {}) } })
    const client = await SmtpClient.connect(listener.port)
    await client.reply()
    await client.say('EHLO c.test')
    client.write('MAIL FROM:<a@b.test>\r\n')
    expect(await client.reply(200).catch(() => 'nothing')).toBe('nothing')
    await listener.close(50)
    expect(listener.incidents).toMatchObject([{ sessions: 1 }])
    client.destroy()
  }, 15_000)

  test('is reachable by IPv6', async () => {
    listener = await recordingListener({ bind: '::1' })
    const client = await SmtpClient.connect(listener.port, { host: '::1' })
    expect(await client.reply()).toMatch(/^220/)
    client.destroy()
  })
})
