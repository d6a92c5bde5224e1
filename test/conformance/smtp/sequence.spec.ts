import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SmtpRefusal } from '#infra/smtp/port'
import { SmtpClient } from '#test/dsl/smtp/client'
import { conversation } from '#test/dsl/smtp/conversation'
import { recordingListener, type RecordingListener } from '#test/dsl/smtp/recording-listener'

/** RFC 5321 4.1.4, 4.2, 4.3, and the extensions: what follows what, and what is answered. */
describe('SMTP sequences', () => {
  let listener: RecordingListener
  beforeAll(async () => {
    listener = await recordingListener()
  })
  afterAll(() => listener.close(0))
  const say = (text: string) => conversation(listener.port, text)

  test('EHLO offers the extensions and no AUTH', async () => {
    const { replies } = await say(`
      <- 220 mx.test ESMTP
      -> EHLO client.test
      <- 250-mx.test
      -> QUIT
      <- 221 2.0.0
      .. closed`)
    const offered = (replies[1] ?? '').split('\n').slice(1)
    expect(offered.map((line) => line.slice(4))).toEqual([
      'PIPELINING',
      'SIZE 1048576',
      '8BITMIME',
      'SMTPUTF8',
      'ENHANCEDSTATUSCODES',
      'STARTTLS',
    ])
  })

  test('a mail, one command at a time', async () => {
    await say(
      `
      <- 220
      -> EHLO client.test
      <- 250
      -> MAIL FROM:<Ann@Sender.TEST> SIZE=100 BODY=8BITMIME
      <- 250 2.1.0
      -> RCPT TO:<Ben@Mailkeep.TEST>
      <- 250 2.1.5
      -> DATA
      <- 354
      -> Subject: dots
      ->
      -> ..one dot
      -> .also dropped
      -> ...two dots
      => high \\xff\\xfe and NUL \\0 stay\\r\\n
      => .\\r\\n
      <- 250 2.0.0 Ok:
      -> QUIT
      <- 221`.replaceAll('->\n', '-> \n'),
    )
    const mail = listener.mails.at(-1)
    expect(mail).toMatchObject({
      reversePath: 'Ann@sender.test',
      recipients: ['Ben@mailkeep.test'],
      parameters: { size: 100, body: '8BITMIME', smtputf8: false },
      headerBlock: 'Subject: dots\r\n',
    })
    expect(mail?.content.toString('latin1')).toBe(
      'Subject: dots\r\n\r\n.one dot\r\nalso dropped\r\n..two dots\r\nhigh \xff\xfe and NUL \0 stay\r\n',
    )
  })

  test('several mails, all commands of each in one go', async () => {
    const before = listener.mails.length
    await say(`
      <- 220
      -> EHLO client.test
      <- 250
      => MAIL FROM:<>\\r\\nRCPT TO:<postmaster>\\r\\nRCPT TO:<b@mailkeep.test>\\r\\nDATA\\r\\n
      <- 250 2.1.0
      <- 250 2.1.5
      <- 250 2.1.5
      <- 354
      => first\\r\\n.\\r\\nMAIL FROM:<a@sender.test>\\r\\nRCPT TO:<c@mailkeep.test>\\r\\nDATA\\r\\n
      <- 250 2.0.0
      <- 250 2.1.0
      <- 250 2.1.5
      <- 354
      => second\\r\\n.\\r\\nQUIT\\r\\n
      <- 250 2.0.0
      <- 221
      .. closed`)
    expect(
      listener.mails.slice(before).map((mail) => [mail.reversePath, mail.recipients, String(mail.content)]),
    ).toEqual([
      [null, ['postmaster', 'b@mailkeep.test'], 'first\r\n'],
      ['a@sender.test', ['c@mailkeep.test'], 'second\r\n'],
    ])
  })

  test('an empty message is a message', async () => {
    await say(`
      <- 220
      -> HELO client.test
      <- 250 mx.test
      => MAIL FROM:<a@sender.test>\\r\\nRCPT TO:<c@mailkeep.test>\\r\\nDATA\\r\\n.\\r\\n
      <- 250
      <- 250
      <- 354
      <- 250 2.0.0`)
    expect(listener.mails.at(-1)?.content).toHaveLength(0)
  })

  test('everything pipelined before the client closes its side is answered', async () => {
    const client = await SmtpClient.connect(listener.port)
    await client.reply()
    client.write('EHLO c.test\r\nMAIL FROM:<a@sender.test>\r\nRCPT TO:<c@mailkeep.test>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n')
    client.finish()
    const codes: string[] = []
    for (let reply = await client.reply(); reply !== null; reply = await client.reply()) codes.push(reply.slice(0, 3))
    expect(codes).toEqual(['250', '250', '250', '354', '250', '221'])
  })

  test('commands out of order', async () => {
    const { replies } = await say(`
      <- 220
      -> MAIL FROM:<a@sender.test>
      <- 503 5.5.1
      -> NOOP
      <- 250 2.0.0
      -> RSET
      <- 250 2.0.0
      -> EHLO client.test
      <- 250
      -> RCPT TO:<b@mailkeep.test>
      <- 503 5.5.1
      -> DATA
      <- 503 5.5.1
      -> MAIL FROM:<a@sender.test>
      <- 250
      -> MAIL FROM:<a@sender.test>
      <- 503 5.5.1
      -> DATA
      <- 554 5.5.1
      -> RCPT TO:<b@mailkeep.test>
      <- 250
      -> EHLO again.test
      <- 250
      -> DATA
      <- 503 5.5.1
      -> MAIL FROM:<a@sender.test>
      <- 250
      -> RSET
      <- 250
      -> RCPT TO:<b@mailkeep.test>
      <- 503 5.5.1`)
    expect(replies).not.toHaveLength(0)
  })

  test('verbs in any case, white space at the end, the lesser verbs', async () => {
    const { replies } = await say(`
      <- 220
      -> eHlO client.test
      <- 250
      -> mail from:<a@sender.test>
      <- 250
      => rcpt To:<b@mailkeep.test>  \\r\\n
      <- 250
      -> rset
      <- 250
      -> VRFY ann
      <- 252 2.0.0
      -> VRFY
      <- 501 5.5.4
      -> EXPN staff
      <- 502 5.5.1
      -> BDAT 10 LAST
      <- 502 5.5.1
      -> AUTH PLAIN AGFubgBzZWNyZXQ=
      <- 502 5.5.1
      -> HELP
      <- 214 2.0.0
      -> NOOP anything goes
      <- 250
      -> WIZ
      <- 500 5.5.2
      -> QUIT now
      <- 501 5.5.4
      -> DATA now
      <- 501 5.5.4
      =>  EHLO client.test\\r\\n
      <- 500 5.5.2
      -> quit
      <- 221`)
    expect(replies).not.toHaveLength(0)
  })

  test('syntax of HELO, MAIL and RCPT', async () => {
    const { replies } = await say(`
      <- 220
      -> EHLO
      <- 501 5.5.4
      -> HELO two names
      <- 501 5.5.4
      -> EHLO client.test
      <- 250
      -> MAIL
      <- 501 5.5.4
      -> MAIL TO:<a@sender.test>
      <- 501 5.5.4
      -> MAIL FROM:a@sender.test
      <- 501 5.1.7
      -> MAIL FROM:<a@sender.test> SIZE=big
      <- 501 5.5.4
      -> MAIL FROM:<a@sender.test> BODY=BINARYMIME
      <- 501 5.5.4
      -> MAIL FROM:<a@sender.test> HOLDFOR=10
      <- 555 5.5.4
      -> MAIL FROM:<a@sender.test> RET=HDRS
      <- 555 5.5.4
      -> MAIL FROM:<a@sender.test> SIZE=1 SIZE=2
      <- 501 5.5.4
      -> MAIL FROM:<grün@sender.test>
      <- 553 5.6.7
      -> MAIL FROM:<grün@sender.test> SMTPUTF8
      <- 250
      -> RCPT TO:<bär@mailkeep.test>
      <- 250
      -> RSET
      <- 250
      -> MAIL FROM:<a@sender.test>
      <- 250
      -> RCPT TO:<bär@mailkeep.test>
      <- 553 5.6.7
      -> RCPT TO:<>
      <- 501 5.1.3
      -> RCPT TO:<b@mailkeep.test> NOTIFY=NEVER
      <- 555 5.5.4
      -> RCPT TO:<@relay.test,@other.test:b@mailkeep.test>
      <- 250`)
    expect(replies).not.toHaveLength(0)
  })

  test('line ends other than CRLF, NUL and stray octets in commands are refused', async () => {
    const { replies } = await say(`
      <- 220
      => EHLO client.test\\n
      <- 500 5.5.2
      => EHLO cli\\rent.test\\r\\n
      <- 500 5.5.2
      => EHLO cli\\0ent.test\\r\\n
      <- 500 5.5.2
      => EHLO client\\xff.test\\r\\n
      <- 500 5.5.2
      -> EHLO cliënt.test
      <- 500 5.5.2
      -> EHLO client.test
      <- 250
      => MAIL FROM:<a@sender.test>\\nRCPT TO:<b@mailkeep.test>\\r\\n
      <- 500 5.5.2
      <- 503 5.5.1`)
    expect(replies).not.toHaveLength(0)
  })

  test('HTTP is sent away at once', async () => {
    await say(`
      <- 220
      -> POST / HTTP/1.1
      <- 421 4.7.0
      .. closed`)
    expect(listener.refusals.at(-1)).toMatchObject({ check: 'http' })
  })
})

describe('what a session answers', () => {
  test('its refusals and its final reply go out as they are', async () => {
    const listener = await recordingListener({
      session: {
        rcpt: async (to) => {
          if (to.startsWith('nobody'))
            throw new SmtpRefusal({ code: 550, enhancedCode: '5.1.1', text: 'No such mailbox' }, 'unknown-recipient')
        },
      },
    })
    await conversation(
      listener.port,
      `
      <- 220
      -> EHLO client.test
      <- 250
      -> MAIL FROM:<a@sender.test>
      <- 250
      -> RCPT TO:<nobody@mailkeep.test>
      <- 550 5.1.1 No such mailbox
      -> DATA
      <- 554 5.5.1
      -> RCPT TO:<ben@mailkeep.test>
      <- 250
      -> DATA
      <- 354
      => x\\r\\n.\\r\\n
      <- 250 2.0.0 Ok: 1`,
    )
    expect(listener.refusals.map(({ check }) => check)).toEqual(['sequence'])
    await listener.close(0)
  })

  test('an error of its own is 451 with an id that the log has, and no more is told', async () => {
    const listener = await recordingListener({
      session: {
        mail: async () => {
          throw new Error('secret detail')
        },
      },
    })
    const { replies } = await conversation(
      listener.port,
      `
      <- 220
      -> EHLO client.test
      <- 250
      -> MAIL FROM:<a@sender.test>
      <- 451 4.3.0
      -> NOOP
      <- 250`,
    )
    const incident = /as ([0-9a-f]{12})$/.exec(replies[2] ?? '')?.[1]
    expect(listener.incidents).toMatchObject([{ incident, err: { message: 'secret detail' } }])
    expect(replies.join('\n')).not.toContain('secret')
    await listener.close(0)
  })

  test('a session that refuses without reading is answered after the message, and the next mail goes on', async () => {
    let first = true
    const listener = await recordingListener({
      session: {
        data: async (message) => {
          if (first) {
            first = false
            throw new SmtpRefusal({ code: 451, enhancedCode: '4.3.1', text: 'No room' }, 'disk')
          }
          let size = 0
          for await (const octets of message) size += octets.length
          return { code: 250, enhancedCode: '2.0.0', text: `Ok: ${size}` }
        },
      },
    })
    await conversation(
      listener.port,
      `
      <- 220
      -> EHLO client.test
      <- 250
      => MAIL FROM:<a@b.test>\\r\\nRCPT TO:<c@d.test>\\r\\nDATA\\r\\n
      <- 250
      <- 250
      <- 354
      => long\\r\\nlong\\r\\n
      .. silent 50ms
      => .\\r\\n
      <- 451 4.3.1 No room
      => MAIL FROM:<a@b.test>\\r\\nRCPT TO:<c@d.test>\\r\\nDATA\\r\\n
      <- 250
      <- 250
      <- 354
      => four\\r\\n.\\r\\n
      <- 250 2.0.0 Ok: 6`,
    )
    expect(listener.incidents).toHaveLength(0)
    await listener.close(0)
  })

  test('a session that accepts without reading to the end is an internal error', async () => {
    const listener = await recordingListener({
      session: { data: async () => ({ code: 250, enhancedCode: '2.0.0', text: 'Ok: never' }) },
    })
    await conversation(
      listener.port,
      `
      <- 220
      -> EHLO client.test
      <- 250
      => MAIL FROM:<a@b.test>\\r\\nRCPT TO:<c@d.test>\\r\\nDATA\\r\\n
      <- 250
      <- 250
      <- 354
      => x\\r\\n.\\r\\n
      <- 451 4.3.0`,
    )
    expect(listener.incidents).toHaveLength(1)
    await listener.close(0)
  })

  test('a refused connection gets its reply instead of the greeting', async () => {
    const listener = await recordingListener({
      sessions: {
        connect: async () => {
          throw new SmtpRefusal({ code: 554, enhancedCode: '5.7.1', text: 'Listed (check: dnsbl)' }, 'dnsbl')
        },
      },
    })
    await conversation(listener.port, '<- 554 5.7.1 Listed\n.. closed')
    expect(listener.refusals).toHaveLength(0)
    await listener.close(0)
  })

  test('early talkers are seen before the greeting, and what they said is answered after it', async () => {
    const silences: boolean[] = []
    const listener = await recordingListener({
      sessions: {
        connect: async (connection) => {
          silences.push((await connection.silence?.(100)) ?? true)
          return {
            mail: async () => {},
            rcpt: async () => {},
            data: async () => ({ code: 250, enhancedCode: null, text: '' }),
            reset: () => {},
            logout: () => {},
          }
        },
      },
    })
    await conversation(listener.port, '-> EHLO early.test\n<- 220\n<- 250')
    await conversation(listener.port, '<- 220\n-> EHLO polite.test\n<- 250')
    expect(silences).toEqual([false, true])
    await listener.close(0)
  })

  test('it hears of resets and of the end', async () => {
    const listener = await recordingListener()
    await conversation(listener.port, '<- 220\n-> EHLO c.test\n<- 250\n-> RSET\n<- 250\n-> QUIT\n<- 221\n.. closed')
    await listener.close(1_000)
    expect(listener.calls).toEqual(['reset', 'reset', 'logout'])
  })
})
