import { afterEach, describe, expect, test } from 'vitest'
import { SmtpClient } from '#test/dsl/smtp/client'
import { conversation } from '#test/dsl/smtp/conversation'
import { recordingListener, type RecordingListener } from '#test/dsl/smtp/recording-listener'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Clients that mean harm or know no better: each is bounded, and the others are still served. */
describe('hostile clients', () => {
  let listener: RecordingListener
  afterEach(() => listener.close(0))

  const writeUntilClosed = async (client: SmtpClient, block: string | Buffer, most: number): Promise<number> => {
    let sent = 0
    while (sent < most && !client.closed) {
      client.write(block)
      sent += block.length
      await turn()
    }
    return sent
  }
  const served = async (): Promise<void> => {
    const { replies } = await conversation(listener.port, '<- 220\n-> EHLO other.test\n<- 250\n-> QUIT\n<- 221')
    expect(replies).toHaveLength(3)
  }

  test('a command line that never ends is cut off', async () => {
    listener = await recordingListener()
    const client = await SmtpClient.connect(listener.port)
    await client.reply()
    await writeUntilClosed(client, 'x'.repeat(16_384), 8_000_000)
    await client.end()
    expect(listener.refusals.at(-1)).toMatchObject({ check: 'command-line', reply: { code: 421 } })
    await served()
    client.destroy()
  })

  test('100,000 recipients', async () => {
    listener = await recordingListener({ limits: { recipientsPerMail: 500 } })
    const client = await SmtpClient.connect(listener.port)
    for (const command of ['NOOP', 'EHLO c.test', 'MAIL FROM:<a@b.test>']) await client.say(command)
    let number = 0
    const sending = (async () => {
      while (number < 100_000 && !client.closed) {
        let block = ''
        for (let at = 0; at < 500; at++) block += `RCPT TO:<r${number++}@mailkeep.test>\r\n`
        client.write(block)
        await turn()
      }
    })()
    await served()
    const codes = new Map<string, number>()
    for (let reply = await client.reply(); reply !== null; reply = await client.reply())
      codes.set(reply.slice(0, 3), (codes.get(reply.slice(0, 3)) ?? 0) + 1)
    await sending
    // The greeting's replies are one behind: MAIL's own 250 is among these.
    expect(codes.get('250')).toBeLessThanOrEqual(502)
    expect(codes.get('452')).toBeLessThanOrEqual(1_050)
    expect(codes.get('421')).toBe(1)
    client.destroy()
  })

  test('a client that sends commands and never reads the replies is not buffered for', async () => {
    listener = await recordingListener({ limits: { idleTimeout: 2_000 } })
    const client = await SmtpClient.connect(listener.port)
    await client.reply()
    client.socket.pause()
    const help = 'HELP\r\n'.repeat(10_000)
    for (let block = 0; block < 200; block++) {
      client.write(help)
      await turn()
    }
    await served()
    await expect.poll(() => client.socket.writableLength).toBeGreaterThan(0)
    await served()
    client.destroy()
    await expect.poll(() => listener.connections, { timeout: 5_000 }).toBe(0)
  })

  test('half-open: the client goes away in every state, and nothing stays behind', async () => {
    listener = await recordingListener()
    const said = ['EHLO c.test', 'MAIL FROM:<a@b.test>', 'RCPT TO:<c@d.test>', 'DATA', 'half a message']
    for (let until = 0; until <= said.length; until++)
      for (const way of ['destroy', 'finish', 'reset'] as const) {
        const client = await SmtpClient.connect(listener.port)
        await client.reply()
        for (const command of said.slice(0, until)) client.write(`${command}\r\n`)
        await turn()
        if (way === 'destroy') client.destroy()
        else if (way === 'reset') client.socket.resetAndDestroy()
        else {
          client.finish()
          await client.end()
          client.destroy()
        }
      }
    await expect.poll(() => listener.connections, { timeout: 8_000 }).toBe(0)
    expect(listener.mails).toEqual([])
    expect(listener.calls.filter((call) => call === 'logout')).toHaveLength(18)
    expect(listener.incidents).toEqual([])
  })

  test('a client that closes only its side in the middle of a message gets no mail accepted', async () => {
    listener = await recordingListener()
    const client = await SmtpClient.connect(listener.port)
    client.write('EHLO c.test\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\nno end\r\n.')
    client.finish()
    await client.end()
    expect(listener.mails).toEqual([])
    client.destroy()
  })

  test('a header that never ends', async () => {
    listener = await recordingListener({ limits: { headerSize: 50_000, messageSize: 400_000 } })
    const client = await SmtpClient.connect(listener.port)
    for (const command of ['NOOP', 'EHLO c.test', 'MAIL FROM:<a@b.test>', 'RCPT TO:<c@d.test>'])
      await client.say(command)
    client.write('DATA\r\n')
    await writeUntilClosed(client, `X-Endless: ${'y'.repeat(80)}\r\n`.repeat(100), 4_000_000)
    await client.end()
    expect(listener.refusals.map(({ check }) => check)).toEqual(['header-size'])
    client.destroy()
  })

  test('a message of nothing but dots, and one of nothing but line ends', async () => {
    listener = await recordingListener({ limits: { messageSize: 4_000_000 } })
    for (const line of ['..\r\n', '.\x00\r\n', '\r\n']) {
      const client = await SmtpClient.connect(listener.port)
      await client.reply()
      for (const command of ['EHLO c.test', 'MAIL FROM:<a@b.test>', 'RCPT TO:<c@d.test>', 'DATA'])
        await client.say(command)
      client.write(`\r\n${line.repeat(300_000)}`)
      expect(await client.say('.')).toMatch(/^250/)
      client.destroy()
    }
    expect(listener.mails.map(({ content }) => content.length)).toEqual([900_002, 900_002, 600_002])
  })

  test('a slow session holds its client back instead of filling memory', async () => {
    const release = Promise.withResolvers<void>()
    let read = 0
    listener = await recordingListener({
      limits: { messageSize: 200_000_000 },
      session: {
        data: async (message) => {
          for await (const octets of message) {
            read += octets.length
            await release.promise
          }
          return { code: 250, enhancedCode: '2.0.0', text: 'Ok: slow' }
        },
      },
    })
    const client = await SmtpClient.connect(listener.port)
    await client.reply()
    for (const command of ['EHLO c.test', 'MAIL FROM:<a@b.test>', 'RCPT TO:<c@d.test>', 'DATA'])
      await client.say(command)
    const size = 40_000_000
    client.write(`\r\n${`${'x'.repeat(98)}\r\n`.repeat(size / 100)}`)
    await served()
    // What the kernel's buffers hold is gone from the client; all else still is there.
    expect(client.socket.writableLength).toBeGreaterThan(size / 2)
    release.resolve()
    client.write('.\r\n')
    expect(await client.reply()).toMatch(/^250/)
    expect(read).toBe(size + 2)
    client.destroy()
  })

  test('closing: mails under way are finished, others are sent away', async () => {
    listener = await recordingListener()
    const idle = await SmtpClient.connect(listener.port)
    const busy = await SmtpClient.connect(listener.port)
    const stuck = await SmtpClient.connect(listener.port)
    for (const client of [busy, stuck]) {
      await client.reply()
      for (const command of ['EHLO c.test', 'MAIL FROM:<a@b.test>', 'RCPT TO:<c@d.test>', 'DATA'])
        await client.say(command)
    }
    await idle.reply()
    const closed = listener.close(400)
    expect(await idle.reply()).toMatch(/^421 4\.3\.2/)
    expect(await busy.say('x\r\n.')).toMatch(/^250/)
    expect(await busy.reply()).toMatch(/^421 4\.3\.2/)
    for (const client of [idle, busy]) client.finish()
    expect(await stuck.reply()).toMatch(/^421 4\.3\.2/)
    stuck.finish()
    await closed
    expect(listener.mails).toHaveLength(1)
    expect(listener.connections).toBe(0)
  })
})
