import { afterEach, describe, expect, test } from 'vitest'
import type { SmtpLimits } from '#infra/smtp/port'
import { SmtpClient } from '#test/dsl/smtp/client'
import { conversation } from '#test/dsl/smtp/conversation'
import { recordingListener, type RecordingListener } from '#test/dsl/smtp/recording-listener'

/** Every limit has a reply that names it, is told for the record, and takes effect while the listener runs. */
describe('limits', () => {
  let listener: RecordingListener
  afterEach(() => listener.close(0))
  const limited = async (limits: Partial<SmtpLimits>): Promise<void> => {
    listener = await recordingListener({ limits })
  }
  const begun =
    '<- 220\n-> EHLO c.test\n<- 250\n-> MAIL FROM:<a@sender.test>\n<- 250\n-> RCPT TO:<b@mailkeep.test>\n<- 250\n-> DATA\n<- 354\n'
  const again =
    '-> MAIL FROM:<a@sender.test>\n<- 250\n-> RCPT TO:<b@mailkeep.test>\n<- 250\n-> DATA\n<- 354\n=> x\\r\\n.\\r\\n\n<- 250 2.0.0'
  const checks = (): string[] => listener.refusals.map(({ check, stage }) => `${stage} ${check}`)

  test('the size a client declares', async () => {
    await limited({ messageSize: 1_000 })
    await conversation(
      listener.port,
      '<- 220\n-> EHLO c.test\n<~ SIZE 1000\n-> MAIL FROM:<a@b.test> SIZE=1001\n<- 552 5.3.4\n-> MAIL FROM:<a@b.test> SIZE=1000\n<- 250',
    )
    expect(checks()).toEqual(['mail message-size'])
    listener.limits = { ...listener.limits, messageSize: 2_000 }
    await conversation(listener.port, '<- 220\n-> EHLO c.test\n<~ SIZE 2000\n-> MAIL FROM:<a@b.test> SIZE=1001\n<- 250')
  })

  test('the size that comes: read to its end, then refused, and the next mail is taken', async () => {
    await limited({ messageSize: 1_000 })
    await conversation(
      listener.port,
      `${begun}=> ${'x'.repeat(700)}\\r\\n${'y'.repeat(700)}\\r\\n
      .. silent 30ms
      => .\\r\\n
      <- 552 5.3.4
      ${again}`,
    )
    expect(checks()).toEqual(['data message-size'])
    expect(listener.calls).toContain('aborted')
    expect(listener.mails).toHaveLength(1)
  })

  test('a message exactly as large as allowed', async () => {
    await limited({ messageSize: 1_000 })
    await conversation(listener.port, `${begun}=> ${'x'.repeat(998)}\\r\\n.\\r\\n\n<- 250 2.0.0`)
    expect(listener.mails[0]?.content).toHaveLength(1_000)
  })

  test('a message without an end is cut off', async () => {
    await limited({ messageSize: 10_000 })
    const client = await SmtpClient.connect(listener.port)
    for (const command of ['NOOP', 'EHLO c.test', 'MAIL FROM:<a@b.test>', 'RCPT TO:<c@d.test>'])
      await client.say(command)
    client.write('DATA\r\n')
    const block = 'line\r\n'.repeat(1_000)
    for (let sent = 0; sent < 4_000_000 && !client.closed; sent += block.length) {
      client.write(block)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await client.end()
    expect(checks()).toContain('data message-size')
    client.destroy()
  })

  test('recipients per mail', async () => {
    await limited({ recipientsPerMail: 2 })
    await conversation(
      listener.port,
      `<- 220
      -> EHLO c.test
      <- 250
      => MAIL FROM:<a@b.test>\\r\\nRCPT TO:<1@d.test>\\r\\nRCPT TO:<2@d.test>\\r\\nRCPT TO:<3@d.test>\\r\\nRCPT TO:<4@d.test>\\r\\nDATA\\r\\n
      <- 250
      <- 250
      <- 250
      <- 452 4.5.3
      <- 452 4.5.3
      <- 354
      => x\\r\\n.\\r\\n
      <- 250`,
    )
    expect(listener.mails[0]?.recipients).toEqual(['1@d.test', '2@d.test'])
    expect(checks()).toEqual(['rcpt recipients-per-mail'])
  })

  test('mails per connection', async () => {
    await limited({ mailsPerConnection: 2 })
    await conversation(
      listener.port,
      `<- 220\n-> EHLO c.test\n<- 250\n${again}\n${again}\n-> MAIL FROM:<a@sender.test>\n<- 421 4.7.0\n.. closed`,
    )
    expect(checks()).toEqual(['mail mails-per-connection'])
  })

  test('errors per connection, forgotten with every accepted mail', async () => {
    await limited({ errorsPerConnection: 2 })
    const errors = '-> FOO\n<- 500\n-> FOO\n<- 500\n'
    await conversation(
      listener.port,
      `<- 220\n-> EHLO c.test\n<- 250\n${errors}${again}\n${errors}-> FOO\n<- 421 4.7.0\n.. closed`,
    )
    expect(checks().at(-1)).toBe('mail errors-per-connection')
  })

  test('the length of a command', async () => {
    await limited({ commandLine: 600 })
    await conversation(
      listener.port,
      `<- 220
      -> NOOP ${'x'.repeat(595)}
      <- 250
      -> NOOP ${'x'.repeat(596)}
      <- 500 5.5.2
      -> NOOP ${'x'.repeat(8_000)}
      <- 500 5.5.2
      -> NOOP
      <- 250`,
    )
    expect(checks()).toEqual(['helo command-line', 'helo command-line'])
  })

  test('the length of a line of a message', async () => {
    await limited({ dataLine: 2_000 })
    await conversation(
      listener.port,
      `${begun}=> ${'x'.repeat(2_000)}\\r\\n.\\r\\n\n<- 250\n${again.slice(0, again.indexOf('=>'))}=> ${'x'.repeat(2_001)}\\r\\n.\\r\\n\n<- 554 5.6.0`,
    )
    expect(checks()).toEqual(['data data-line'])
    expect(listener.mails).toHaveLength(1)
  })

  test('the size of a header, and the number of its fields', async () => {
    await limited({ headerSize: 1_000, headerCount: 20 })
    await conversation(
      listener.port,
      `${begun}=> Subject: ${'x'.repeat(1_000)}\\r\\n\\r\\nbody\\r\\n.\\r\\n\n<- 552 5.3.4\n${again}`,
    )
    await conversation(listener.port, `${begun}=> ${'X: y\\r\\n'.repeat(21)}\\r\\nbody\\r\\n.\\r\\n\n<- 554 5.6.0`)
    await conversation(
      listener.port,
      `${begun}=> ${'X: y\\r\\n'.repeat(20)}\\r\\n${'Y: z\\r\\n'.repeat(300)}.\\r\\n\n<- 250`,
    )
    expect(checks()).toEqual(['data header-size', 'data header-count'])
  })

  test('hops', async () => {
    await limited({ receivedHops: 30 })
    const received = (count: number): string => 'Received: from a\\r\\n\\tby b; now\\r\\n'.repeat(count)
    await conversation(listener.port, `${begun}=> ${received(30)}\\r\\nReceived: in the body\\r\\n.\\r\\n\n<- 250`)
    await conversation(listener.port, `${begun}=> ${received(31)}\\r\\nbody\\r\\n.\\r\\n\n<- 554 5.4.6`)
    expect(checks()).toEqual(['data received-hops'])
  })

  test('connections per address, and in all', async () => {
    await limited({ connectionsPerAddress: 2 })
    const present = [await SmtpClient.connect(listener.port), await SmtpClient.connect(listener.port)]
    for (const client of present) expect(await client.reply()).toMatch(/^220/)
    await conversation(listener.port, '<- 421 4.7.0\n.. closed')
    listener.limits = { ...listener.limits, connectionsPerAddress: 10, connections: 2 }
    await conversation(listener.port, '<- 421 4.7.0\n.. closed')
    expect(listener.connections).toBe(2)
    expect(await present[0]?.say('QUIT')).toMatch(/^221/)
    await present[0]?.end()
    present[0]?.finish()
    await expect.poll(() => listener.connections).toBe(1)
    await conversation(listener.port, '<- 220')
    expect(checks()).toEqual(['connect connections-per-address', 'connect connections'])
    for (const client of present) client.destroy()
  })

  test('idle time, whatever trickles in', async () => {
    await limited({ idleTimeout: 800 })
    await conversation(listener.port, '<- 220\n<- 421 4.4.2\n.. closed')
    const client = await SmtpClient.connect(listener.port)
    await client.reply()
    const trickle = setInterval(() => client.write('N'), 20)
    expect(await client.reply()).toMatch(/^421 4\.4\.2/)
    clearInterval(trickle)
    await conversation(listener.port, `${begun}=> half a message\\r\\n\n<- 421 4.4.2\n.. closed`)
    expect(listener.calls).toContain('aborted')
    expect(checks()).toEqual(['helo idle-timeout', 'helo idle-timeout', 'data idle-timeout'])
    client.destroy()
  })

  test('time for one message, and for a connection', async () => {
    await limited({ dataTimeout: 300 })
    const client = await SmtpClient.connect(listener.port)
    for (const command of ['NOOP', 'EHLO c.test', 'MAIL FROM:<a@b.test>', 'RCPT TO:<c@d.test>'])
      await client.say(command)
    await client.say('DATA')
    const trickle = setInterval(() => client.write('N'), 20)
    let reply = await client.reply()
    while (reply?.startsWith('354') === true || reply?.startsWith('250') === true) reply = await client.reply()
    expect(reply).toMatch(/^421 4\.4\.2/)
    clearInterval(trickle)
    client.destroy()
    listener.limits = { ...listener.limits, sessionTimeout: 1_000 }
    await conversation(listener.port, '<- 220\n-> NOOP\n<- 250\n.. wait 1100ms\n-> NOOP\n<- 421 4.4.2\n.. closed')
    expect(checks()).toEqual(['data data-timeout', 'helo session-timeout'])
  })
})
