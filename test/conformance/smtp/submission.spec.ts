import { describe, expect, it } from 'vitest'
import { PASSWORD, startDemo, type Demo } from '#test/dsl/mailkeep'
import { SmtpClient } from '#test/dsl/smtp/client'
import { conversation } from '#test/dsl/smtp/conversation'
import { eventually, inbox } from '#test/dsl/story'

/*
 * Conversations of users' clients with both submission listeners, as text. One demo serves many of them: starting one takes longer than all
 * that is said to it.
 */
const LISTENERS = { MAILKEEP_SUBMISSION_PORT: '0', MAILKEEP_SUBMISSIONS_PORT: '0' }
const plain = (user: string, password: string, as = ''): string =>
  Buffer.from(`${as}\0${user}\0${password}`).toString('base64')
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const ANN = plain('ann@mailkeep.test', PASSWORD)

const secured = `
  <- 220 mx.mailkeep.test ESMTP
  -> EHLO client.test
  <~ ^250-mx\\.mailkeep\\.test\\n
  -> STARTTLS
  <- 220
  .. starttls
  -> EHLO client.test
  <~ ^250-mx`
const signedIn = `${secured}
  -> AUTH PLAIN ${ANN}
  <- 235 2.7.0`
const begun = `
  -> MAIL FROM:<ann@mailkeep.test>
  <- 250 2.1.0
  -> RCPT TO:<ben@mailkeep.test>
  <- 250 2.1.5
  -> DATA
  <- 354`

const over = (demo: Demo) => (text: string) => conversation(demo.port('submission'), text)

const refusals = async ({
  foundation,
}: Demo): Promise<readonly { stage: string; check: string; evidence: string }[]> => {
  await foundation.journal.flush()
  const { events } = await foundation.log.readAll(null, { types: ['Refused'] }, 1_000)
  return events.map(({ data }) => data as { stage: string; check: string; evidence: string })
}

const acceptedMails = async ({ foundation }: Demo): Promise<number> =>
  (await foundation.log.readAll(null, { types: ['Accepted'] }, 1_000)).events.length

describe('AUTH', () => {
  it('is offered under TLS only, needed before MAIL, and says nothing about who exists', async () => {
    const demo = await startDemo(LISTENERS)
    const say = over(demo)
    const { replies } = await say(`
      <- 220
      -> EHLO client.test
      <~ STARTTLS
      -> AUTH PLAIN ${ANN}
      <- 538 5.7.11
      -> AUTH LOGIN
      <- 538 5.7.11
      -> MAIL FROM:<ann@mailkeep.test>
      <- 530 5.7.0
      -> STARTTLS
      <- 220
      .. starttls
      -> MAIL FROM:<ann@mailkeep.test>
      <- 503 5.5.1
      -> EHLO client.test
      <~ AUTH PLAIN LOGIN\\n250-DSN|DSN\\n250-AUTH|AUTH PLAIN LOGIN
      -> MAIL FROM:<ann@mailkeep.test>
      <- 530 5.7.0
      -> RCPT TO:<ben@mailkeep.test>
      <- 503 5.5.1
      -> AUTH CRAM-MD5
      <- 504
      -> AUTH PLAIN
      <- 334
      -> *
      <- 501
      -> AUTH PLAIN not-base64-at-all!
      <- 5
      -> AUTH PLAIN ${base64('\0ann@mailkeep.test')}
      <- 5
      -> AUTH PLAIN ${plain('ann@mailkeep.test', 'wrong')}
      <- 535 5.7.8
      -> AUTH PLAIN ${plain('nobody@mailkeep.test', 'wrong')}
      <- 535 5.7.8
      -> AUTH LOGIN
      <- 334 VXNlcm5hbWU6
      -> ${base64('ann@mailkeep.test')}
      <- 334 UGFzc3dvcmQ6
      -> ${base64(PASSWORD)}
      <- 235 2.7.0
      -> AUTH PLAIN ${ANN}
      <- 503
      -> EHLO client.test
      <- 250
      -> MAIL FROM:<>
      <- 250
      -> RSET
      <- 250
      -> QUIT
      <- 221`)
    expect(replies[1]).not.toMatch(/AUTH/)
    for (const extension of ['DSN', '8BITMIME', 'SMTPUTF8', 'SIZE ', 'ENHANCEDSTATUSCODES', 'PIPELINING'])
      expect(replies[1]).toContain(extension)
    const wrong = replies.filter((reply) => reply.startsWith('535 5.7.8'))
    expect(new Set(wrong).size).toBe(1)
    await conversation(
      demo.port('submissions'),
      `<- 220
      -> EHLO client.test
      <~ AUTH PLAIN LOGIN
      -> STARTTLS
      <- 502
      -> AUTH PLAIN ${ANN}
      <- 235`,
      { tls: true },
    )
    const recorded = (await refusals(demo)).filter(({ check }) => check === 'wrong-password')
    expect(recorded.map(({ stage }) => stage)).toEqual(['auth', 'auth'])
    expect(JSON.stringify(await refusals(demo))).not.toMatch(new RegExp(`"wrong"|${PASSWORD}|${ANN}`))
  })

  it('may be pipelined, is not believed from before STARTTLS, and closes after five failures', async () => {
    const demo = await startDemo(LISTENERS)
    const say = over(demo)
    await say(`${secured}
      => AUTH PLAIN ${ANN}\\r\\nMAIL FROM:<ann@mailkeep.test>\\r\\nRCPT TO:<ben@mailkeep.test>\\r\\n
      <- 235
      <- 250
      <- 250`)
    // Nor does what comes behind a wrong one count.
    await say(`${secured}
      => AUTH PLAIN ${plain('ben@mailkeep.test', 'not it')}\\r\\nMAIL FROM:<ben@mailkeep.test>\\r\\nRCPT TO:<ann@mailkeep.test>\\r\\nDATA\\r\\n
      <- 535 5.7.8
      <- 530 5.7.0
      <- 503
      <- 503`)
    // What was sent in the clear behind STARTTLS is never obeyed (RFC 3207 6).
    const client = await SmtpClient.connect(demo.port('submission'))
    await client.say('EHLO client.test')
    client.write(`STARTTLS\r\nAUTH PLAIN ${ANN}\r\nMAIL FROM:<ann@mailkeep.test>\r\n`)
    await client.reply()
    expect(await client.reply()).toMatch(/^220/)
    expect(client.held).toBe('')
    client.destroy()
    const wrong = plain('ben@mailkeep.test', 'no')
    await say(`${secured}\n${`-> AUTH PLAIN ${wrong}\n<- 535 5.7.8\n`.repeat(5)}.. closed`)
  })
})

describe('what is submitted', () => {
  it('keeps to the rules of who it is from', async () => {
    const demo = await startDemo(LISTENERS)
    const say = over(demo)
    await say(`${signedIn}
      -> MAIL FROM:<ben@mailkeep.test>
      <- 550 5.7.1 You can not send as that: <ben@mailkeep.test>
      -> MAIL FROM:<ann@outside.test>
      <- 550 5.7.1
      -> MAIL FROM:<"ben@mailkeep.test>,"@mailkeep.test>
      <- 550 5.7.1
      -> MAIL FROM:<ann@[127.0.0.1]>
      <- 550 5.7.1${begun}
      => From: ben@mailkeep.test\\r\\n\\r\\nHello\\r\\n.\\r\\n
      <- 550 5.7.1 You can not send as that: <ben@mailkeep.test>${begun}
      => From: ann@mailkeep.test\\r\\nFrom: ben@mailkeep.test\\r\\n\\r\\nHello\\r\\n.\\r\\n
      <- 550 5.7.1${begun}
      => Subject: nobody\\r\\n\\r\\nHello\\r\\n.\\r\\n
      <- 550 5.7.1${begun}
      => Hello\\r\\n.\\r\\n
      <- 550 5.7.1${begun}
      => From: ann@mailkeep.test\\0\\r\\n\\r\\nHello\\r\\n.\\r\\n
      <- 550 5.7.1
      # a read receipt
      -> MAIL FROM:<>
      <- 250
      -> RCPT TO:<ben@mailkeep.test>
      <- 250
      -> DATA
      <- 354
      => From: ann+receipts@mailkeep.test\\r\\nSubject: Read\\r\\n\\r\\nHello\\r\\n.\\r\\n
      <- 250 2.0.0 Ok: `)
    expect(await acceptedMails(demo)).toBe(1)
    await eventually(async () => expect(await inbox(demo, 'ben')).toHaveLength(1))
    const [receipt] = await inbox(demo, 'ben')
    expect(receipt).toMatch(/^Return-Path: <>\r\n/)
    expect(receipt).toMatch(
      /^Authentication-Results: mx\.mailkeep\.test; auth=pass\r\n\tsmtp\.auth=ann@mailkeep\.test\r\n/m,
    )
    expect(receipt).toMatch(/^Message-ID: <[0-9a-z]{26}@mailkeep\.test>\r\n/m)
    const checks = (await refusals(demo)).map(({ stage, check }) => `${stage} ${check}`)
    expect(checks.filter((check) => check.startsWith('mail'))).toEqual(Array(4).fill('mail sender-spoofed'))
    expect(checks.filter((check) => check === 'data from-malformed')).toHaveLength(4)
  })

  it('smuggles nothing, and its Bcc reaches nobody', async () => {
    const demo = await startDemo(LISTENERS)
    const say = over(demo)
    await say(`${signedIn}${begun}
      => From: ann@mailkeep.test\\r\\n\\r\\nHello\\n.\\nMAIL FROM:<ben@mailkeep.test>\\r\\n.\\r\\n
      <- 550 5.5.2${begun}
      => From: ann@mailkeep.test\\r\\n\\r\\nHello\\r\\n.\\nMAIL FROM:<ben@mailkeep.test>\\r\\n.\\r\\n
      <- 550 5.5.2${begun}
      => From: ann@mailkeep.test\\r\\n\\r\\nHello\\r.\\r\\n.\\r\\n
      <- 550 5.5.2${begun}
      => From: ann@mailkeep.test\\r\\nBCC: officer@mailkeep.test,\\r\\n\\tsecret@outside.test\\r\\nResent-Bcc: secret@outside.test\\r\\nbcc : secret@outside.test\\r\\nSubject: Hello\\r\\n\\r\\nBcc: in the body\\r\\n.\\r\\n
      <- 250 2.0.0 Ok: `)
    await eventually(async () => expect(await inbox(demo, 'ben')).toHaveLength(1))
    const [mail = ''] = await inbox(demo, 'ben')
    expect(mail).not.toMatch(/secret@|officer@/)
    expect(mail).toMatch(/\r\nSubject: Hello\r\n\r\nBcc: in the body\r\n$/)
    expect(await acceptedMails(demo)).toBe(1)

    // Another mail that hangs on it is as it was: its own Bcc is none of ours to judge.
    const forwarded = String.raw`--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: cara@outside.test\r\nBcc: ann@mailkeep.test\r\n\r\nHello\r\n--b\r\nbCC: a header of a part\r\n\r\n--b--\r\n`
    await say(`${signedIn}${begun}
      => bCc: secret@outside.test\\r\\nFrom: ann@mailkeep.test\\r\\nBCC:\\r\\n secret@outside.test\\r\\nBcc:\\r\\nContent-Type: multipart/mixed; boundary=b\\r\\nBcc: secret@outside.test\\r\\n\\r\\n${forwarded}.\\r\\n
      <- 250 2.0.0 Ok: `)
    await eventually(async () => expect(await inbox(demo, 'ben')).toHaveLength(2))
    const second = (await inbox(demo, 'ben')).find((one) => one.includes('multipart/mixed')) ?? ''
    expect(second).not.toMatch(/secret@/)
    expect(second).toMatch(/\r\nFrom: ann@mailkeep\.test\r\nContent-Type: multipart\/mixed; boundary=b\r\n\r\n--b/)
    expect(second.endsWith(forwarded.replaceAll(String.raw`\r\n`, '\r\n'))).toBe(true)
  })

  it('names recipients here that exist, recipients outside unasked', async () => {
    const demo = await startDemo(LISTENERS)
    const say = over(demo)
    const { replies } = await say(`${signedIn}
      -> MAIL FROM:<ann@mailkeep.test> RET=HDRS ENVID=QQ+2B1 BODY=8BITMIME SIZE=100
      <- 250
      -> RCPT TO:<nobody@mailkeep.test>
      <- 550 5.1.1
      -> RCPT TO:<Ben@MAILKEEP.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;ben@mailkeep.test
      <- 250
      -> RCPT TO:<X.Y@Remote.Test> NOTIFY=NEVER
      <- 250
      -> RCPT TO:<X.Y@remote.TEST>
      <- 250
      -> RCPT TO:<x@nowhere>
      <- 550 5.1.2
      -> RCPT TO:<x@[192.0.2.1]>
      <- 553 5.1.3
      -> RCPT TO:<postmaster>
      <- 250
      -> DATA
      <- 354
      => From: ann@mailkeep.test\\r\\nDate: x\\r\\nMessage-ID: <y@z>\\r\\n\\r\\nHello\\r\\n.\\r\\n
      <- 250 2.0.0 Ok: `)
    const id = /Ok: (\w+)/.exec(replies.at(-1) ?? '')?.[1] ?? ''
    const [accepted] = await demo.foundation.log.readStream(`mail-${id}`)
    expect(accepted?.data).toMatchObject({
      flow: 'submission',
      account: 'ann@mailkeep.test',
      protocol: 'ESMTPSA',
      dsn: { ret: 'HDRS', envid: 'QQ+2B1' },
      recipients: [
        {
          mailbox: 'ben@mailkeep.test',
          route: 'mailbox',
          notification: { notify: ['SUCCESS', 'FAILURE'], orcpt: 'rfc822;ben@mailkeep.test' },
        },
        { address: 'X.Y@remote.test', mailbox: 'X.Y@remote.test', route: 'relay', notification: { notify: ['NEVER'] } },
        { address: 'postmaster', mailbox: 'admin@mailkeep.test', route: 'mailbox' },
      ],
    })
    // Nothing had to be changed: what goes out is what came in.
    expect(accepted?.data).not.toHaveProperty('outgoing')
  })
})

describe('hostile users', () => {
  it('with 100,000 recipients, a header of 10 MB, or NULs harm nobody', async () => {
    const demo = await startDemo(LISTENERS)
    const client = await SmtpClient.connect(demo.port('submissions'), { tls: {} })
    await client.reply()
    for (const command of ['EHLO c.test', `AUTH PLAIN ${ANN}`, 'MAIL FROM:<ann@mailkeep.test>'])
      expect(await client.say(command)).toMatch(/^2/)
    const codes = new Map<string, number>()
    const reading = (async () => {
      for (let reply = await client.reply(); reply !== null; reply = await client.reply())
        codes.set(reply.slice(0, 3), (codes.get(reply.slice(0, 3)) ?? 0) + 1)
    })()
    for (let number = 0; number < 100_000 && !client.closed;) {
      let block = ''
      for (let at = 0; at < 500; at++) block += `RCPT TO:<r${number++}@remote.test>\r\n`
      client.write(block)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await reading
    expect(codes.get('250')).toBe(1_000)
    expect(codes.get('421')).toBe(1)
    client.destroy()

    await over(demo)(`${signedIn}${begun}
      => From: ann@mailkeep.test\\r\\n${`X-Long: ${'y'.repeat(900)}\\r\\n`.repeat(1_200)}\\r\\nbody\\r\\n.\\r\\n
      <- 552 5.3.4${begun}
      => From: ann@mailkeep.test\\r\\nSubject: NUL\\r\\n\\r\\na\\0b\\r\\n.\\r\\n
      <- 250 2.0.0`)
    const endless = await SmtpClient.connect(demo.port('submissions'), { tls: {} })
    await endless.reply()
    for (const command of [
      'EHLO c.test',
      `AUTH PLAIN ${ANN}`,
      'MAIL FROM:<ann@mailkeep.test>',
      'RCPT TO:<ben@mailkeep.test>',
      'DATA',
    ])
      expect(await endless.say(command)).toMatch(/^[23]/)
    const block = `X-Endless: ${'y'.repeat(90)}\r\n`.repeat(500)
    for (let sent = 0; sent < 10_000_000 && !endless.closed; sent += block.length) {
      endless.write(block)
      await new Promise((resolve) => setImmediate(resolve))
    }
    endless.write('\r\n.\r\n')
    expect(await endless.reply()).toMatch(/^552 5\.3\.4/)
    endless.destroy()
    expect(await acceptedMails(demo)).toBe(1)
  })
})
