import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { scriptedServer, type ScriptedServer } from '#test/dsl/smtp/scripted-server'
import { temporaryFolder } from '#test/dsl/temporary'
import { SmtpPool, type PoolOptions } from './pool.ts'
import type { SmtpTarget, Transaction } from './port.ts'

const soon = { connect: 2_000, greeting: 300, command: 300, data: 300, block: 300, final: 300 }

const pool = (options: Partial<PoolOptions> = {}): SmtpPool => {
  const made = new SmtpPool({ name: 'mail.test', deadlines: soon, ...options })
  onTestFinished(() => made.close())
  return made
}

const target = ({ at }: Pick<ScriptedServer, 'at'>, changes: Partial<SmtpTarget> = {}): SmtpTarget => ({
  protocol: 'lmtp',
  at,
  tls: 'opportunistic',
  auth: null,
  connections: 4,
  ...changes,
})
const smtp = { protocol: 'smtp' } as const

const mail = (recipients: readonly string[], text = 'Subject: x\r\n\r\n.dot\r\n', changes = {}): Transaction => ({
  reversePath: 'cara@outside.test',
  recipients,
  size: text.length,
  async *open() {
    for (let at = 0; at < text.length; at += 7) yield Buffer.from(text.slice(at, at + 7), 'latin1')
  },
  ...changes,
})

const replies = ({ outcomes }: Awaited<ReturnType<SmtpPool['send']>>): string[] =>
  outcomes.map(
    ({ recipient, reply, uncertain }) =>
      `${recipient} ${reply.code} ${reply.enhancedCode ?? '-'}${uncertain ? ' uncertain' : ''}`,
  )

const greeted = String.raw`
  <- 220 double
  -> LHLO mail.test
  <- 250-double\n250-PIPELINING\n250-SIZE\n250-8BITMIME\n250 SMTPUTF8`
const offering = (extensions: string): string => `
  <- 220 double
  -> EHLO mail.test
  <- 250-double${extensions === '' ? '' : String.raw`\n250-` + extensions.replaceAll(' ', String.raw`\n250-`)}\\n250 HELP`
const taken = `
  -> MAIL
  <- 250 2.1.0 ok
  -> RCPT
  <- 250 2.1.5 ok
  -> DATA
  <- 354 go on`
const delivered = `${taken}
  .. message
  <- 250 2.0.0 saved`
const forEver = `
  .. here
  ${delivered}
  .. again`

describe('a mail to many recipients over LMTP', () => {
  it('has an outcome for each, in the order of those that were taken', async () => {
    const server = await scriptedServer([
      `${greeted}
      -> MAIL FROM:<cara@outside.test> SIZE=20 BODY=8BITMIME
      <- 250 2.1.0 ok
      -> RCPT TO:<ann@x.test>
      <- 250 2.1.5 ok
      -> RCPT TO:<nobody@x.test>
      <- 550 5.1.1 no such user
      -> RCPT TO:<ben@x.test>
      <- 250 2.1.5 ok
      -> DATA
      <- 354 go on
      .. message
      <- 250 2.0.0 saved
      <- 552 5.2.2 mailbox full`,
    ])
    const sent = await pool().send(target(server), mail(['ann@x.test', 'nobody@x.test', 'ben@x.test']))
    expect(replies(sent)).toEqual(['ann@x.test 250 2.0.0', 'nobody@x.test 550 5.1.1', 'ben@x.test 552 5.2.2'])
    expect(sent.away).toBeNull()
    expect(server.messages.map(({ content }) => content)).toEqual(['Subject: x\r\n\r\n.dot\r\n'])
    expect(server.surprises).toEqual([])
  })

  it('is uncertain for those whose reply never came', async () => {
    const server = await scriptedServer([
      `${greeted}
      -> MAIL
      <- 250 ok
      -> RCPT
      <- 250 ok
      -> RCPT
      <- 250 ok
      -> DATA
      <- 354 go on
      .. message
      <- 250 2.0.0 saved
      .. close`,
    ])
    const sent = await pool().send(target(server), mail(['ann@x.test', 'ben@x.test']))
    expect(replies(sent)).toEqual(['ann@x.test 250 2.0.0', 'ben@x.test 451 4.4.2 uncertain'])
  })
})

describe('commands', () => {
  it('go out together where the server takes that, and only there', async () => {
    const ahead = await scriptedServer([`${offering('PIPELINING')}\n.. wait 30ms${delivered}`])
    const behind = await scriptedServer([`${offering('')}${delivered}`])
    for (const server of [ahead, behind])
      expect(replies(await pool().send(target(server, smtp), mail(['ann@x.test'])))).toEqual(['ann@x.test 250 2.0.0'])
    expect(ahead.said).toEqual(['EHLO mail.test', 'MAIL FROM:<cara@outside.test>', 'RCPT TO:<ann@x.test>', 'DATA'])
    expect(behind.said).toEqual(ahead.said)
  })

  it('quote what must be quoted and never say more than an address', async () => {
    const server = await scriptedServer([greeted + forEver])
    const sent = await pool().send(
      target(server),
      mail(['a b@x.test', 'a"b@x.test', 'x@y.test>\r\nRSET', 'x@y.test> A']),
    )
    expect(replies(sent).slice(2)).toEqual(['x@y.test>\r\nRSET 553 5.1.3', 'x@y.test> A 553 5.1.3'])
    expect(server.said.filter((line) => line.startsWith('RCPT')).slice(0, 2)).toEqual([
      'RCPT TO:<"a b"@x.test>',
      String.raw`RCPT TO:<"a\"b"@x.test>`,
    ])
  })

  it('say SMTPUTF8 where an address needs it; a server without it gets no such address', async () => {
    const server = await scriptedServer([greeted + forEver])
    expect(replies(await pool().send(target(server), mail(['änn@x.test'])))).toEqual(['änn@x.test 250 2.0.0'])
    expect(server.said).toContain('MAIL FROM:<cara@outside.test> SIZE=20 BODY=8BITMIME SMTPUTF8')
    const old = await scriptedServer([offering('PIPELINING') + forEver])
    const sent = await pool().send(target(old, smtp), mail(['änn@x.test', 'ben@x.test']))
    expect(replies(sent)).toEqual(['änn@x.test 553 5.6.7', 'ben@x.test 250 2.0.0'])
  })

  it('fall back to HELO', async () => {
    const server = await scriptedServer([
      `<- 220 old\n-> EHLO\n<- 502 what?\n-> HELO mail.test\n<- 250 old${delivered}`,
    ])
    expect(replies(await pool().send(target(server, smtp), mail(['ann@x.test'])))).toEqual(['ann@x.test 250 2.0.0'])
  })
})

describe('a message', () => {
  it('arrives byte for byte, whatever its dots and pieces', async () => {
    const server = await scriptedServer([greeted + forEver])
    const texts = ['.\r\n..\r\n...x\r\n', 'a.b\r\n.\r\n.\r\n', '\r\n.\r\n', 'x\r\n\r\n.', '']
    const sender = pool()
    for (const text of texts) await sender.send(target(server), mail(['ann@x.test'], text))
    expect(server.messages.map(({ content }) => content)).toEqual(
      texts.map((text) => (text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`)),
    )
    expect(server.connections).toBe(1)
  })

  it('can not end at a bare line feed', async () => {
    const server = await scriptedServer([greeted + forEver])
    await pool().send(target(server), mail(['ann@x.test'], 'a\n.\r\nMAIL FROM:<x@y>\r\n'))
    expect(server.messages).toHaveLength(1)
  })

  it('that can not be read is never ended', async () => {
    const server = await scriptedServer([`${greeted}${taken}\n.. hang`])
    const sent = await pool().send(
      target(server),
      mail(['ann@x.test'], '', {
        async *open() {
          yield Buffer.from('half')
          throw new Error('the store is away')
        },
      }),
    )
    expect(replies(sent)).toEqual(['ann@x.test 451 4.3.0'])
    expect(sent.away).toBeNull()
    expect(server.messages).toEqual([])
  })

  it('is not read faster than the server takes it, and not held for a server that takes nothing', async () => {
    const server = await scriptedServer([`${greeted}${taken}\n.. stall`])
    let asked = 0
    const large = mail(['ann@x.test'], '', {
      async *open() {
        for (; asked < 1_000; asked++) yield Buffer.alloc(1024 * 1024, 'x\r\n')
      },
    })
    expect(replies(await pool().send(target(server), large))).toEqual(['ann@x.test 451 4.4.2'])
    expect(asked).toBeLessThan(100)
  })
})

describe('a connection', () => {
  it('is used again, up to so many mails, and no more than so many are open', async () => {
    const server = await scriptedServer([greeted + forEver])
    const sender = pool({ mailsPerConnection: 5 })
    const to = target(server, { connections: 2 })
    await Promise.all(Array.from({ length: 20 }, () => sender.send(to, mail(['ann@x.test']))))
    expect(server.messages).toHaveLength(20)
    expect(server.mostOpen).toBeLessThanOrEqual(3)
    expect(server.connections).toBeLessThanOrEqual(6)
    expect(server.connections).toBeGreaterThanOrEqual(4)
  })

  it('that the server closed meanwhile is replaced, and nobody notices', async () => {
    const server = await scriptedServer([`${greeted}${delivered}\n.. close`])
    const sender = pool()
    for (let count = 0; count < 3; count++)
      expect(replies(await sender.send(target(server), mail(['ann@x.test'])))).toEqual(['ann@x.test 250 2.0.0'])
    expect(server.connections).toBe(3)
  })

  it('is reset after a refusal', async () => {
    const server = await scriptedServer([
      `${greeted}
      -> MAIL
      <- 552 5.3.4 too large
      -> RCPT
      <- 503 no
      -> DATA
      <- 503 no${delivered}`,
    ])
    const sender = pool()
    expect(replies(await sender.send(target(server), mail(['ann@x.test'])))).toEqual(['ann@x.test 552 5.3.4'])
    expect(replies(await sender.send(target(server), mail(['ann@x.test'])))).toEqual(['ann@x.test 250 2.0.0'])
    expect(server.said).toContain('RSET')
    expect(server.connections).toBe(1)
  })

  it('that waits for a message without recipients is given up, not fed', async () => {
    const server = await scriptedServer([
      `${greeted}
      -> MAIL
      <- 250 ok
      -> RCPT
      <- 550 5.1.1 no
      -> DATA
      <- 354 go on
      .. message
      <- 250 took it`,
    ])
    expect(replies(await pool().send(target(server), mail(['ann@x.test'])))).toEqual(['ann@x.test 550 5.1.1'])
    expect(server.messages).toEqual([])
  })

  it('goes over a unix socket', async () => {
    const socket = join(await temporaryFolder(), 's')
    const server = await scriptedServer([greeted + forEver], { socket })
    expect(replies(await pool().send(target(server), mail(['ann@x.test'])))).toEqual(['ann@x.test 250 2.0.0'])
  })
})

describe('TLS', () => {
  const tls = `${offering('STARTTLS')}
    -> STARTTLS
    <- 220 go
    .. starttls
    -> EHLO
    <- 250 double${forEver}`

  it('is used where it is offered, whatever the certificate, unless it must be verified', async () => {
    const server = await scriptedServer([tls])
    for (const mode of ['opportunistic', 'required'] as const)
      expect(replies(await pool().send(target(server, { ...smtp, tls: mode }), mail(['ann@x.test'])))).toEqual([
        'ann@x.test 250 2.0.0',
      ])
    const unverified = await pool().send(target(server, { ...smtp, tls: 'verify' }), mail(['ann@x.test']))
    expect(unverified.away).toMatchObject({ code: 451, enhancedCode: '4.7.5' })
    expect(server.messages).toHaveLength(2)
  })

  it('is required or there is no delivery', async () => {
    const server = await scriptedServer([offering('') + forEver])
    const sent = await pool().send(target(server, { ...smtp, tls: 'required' }), mail(['ann@x.test']))
    expect(sent.away?.text).toMatch(/TLS is required, and it offers none/)
    expect(server.messages).toEqual([])
  })

  it('that fails is done without only where it was opportunistic', async () => {
    const broken = `${offering('STARTTLS')}\n-> STARTTLS\n<- 220 go\n<- no tls at all\n.. hang`
    const server = await scriptedServer([broken, offering('STARTTLS') + forEver])
    const sender = pool()
    expect(replies(await sender.send(target(server, smtp), mail(['ann@x.test'])))).toEqual(['ann@x.test 250 2.0.0'])
    server.play(broken)
    const sent = await sender.send(target(server, { ...smtp, tls: 'required' }), mail(['ann@x.test']))
    expect(sent.away).toMatchObject({ enhancedCode: '4.7.5' })
  })

  it('takes nothing that was said in plain behind the reply to STARTTLS', async () => {
    const server = await scriptedServer([
      `${offering('STARTTLS')}\n-> STARTTLS\n<= 220 go\\r\\n250 injected\\r\\n\n.. starttls\n.. hang`,
    ])
    const sent = await pool().send(target(server, { ...smtp, tls: 'required' }), mail(['ann@x.test']))
    expect(sent.away?.text).toMatch(/in plain behind its reply/)
  })
})

describe('AUTH', () => {
  const auth = { user: 'relay', password: 'pässword' }
  const base64 = (text: string) => Buffer.from(text).toString('base64')

  it('PLAIN is preferred to LOGIN', async () => {
    const plain = await scriptedServer([
      `${offering('AUTH=LOGIN')}`.replace('AUTH=LOGIN', 'AUTH LOGIN PLAIN') +
        `\n-> AUTH PLAIN ${base64('\0relay\0pässword')}\n<- 235 welcome${forEver}`,
    ])
    const login = await scriptedServer([
      `${offering('AUTH=LOGIN')}\n-> AUTH LOGIN\n<- 334 VXNlcm5hbWU6\n-> ${base64('relay')}\n<- 334 UGFzc3dvcmQ6\n-> ${base64('pässword')}\n<- 235 welcome${forEver}`,
    ])
    for (const server of [plain, login]) {
      const sent = await pool().send(target(server, { ...smtp, tls: 'off', auth }), mail(['ann@x.test']))
      expect(replies(sent)).toEqual(['ann@x.test 250 2.0.0'])
      expect(server.surprises).toEqual([])
    }
  })

  it('is not said in plain unless that was asked for', async () => {
    const server = await scriptedServer([`${offering('AUTH=PLAIN')}\n.. hang`])
    const sent = await pool().send(target(server, { ...smtp, auth }), mail(['ann@x.test']))
    expect(sent.away?.text).toMatch(/no TLS to send the password in/)
    expect(server.said.join()).not.toContain('AUTH')
  })

  it('that is refused means that the server can not be used', async () => {
    const server = await scriptedServer([`${offering('AUTH=PLAIN')}\n-> AUTH PLAIN\n<- 535 5.7.8 no`])
    const sent = await pool().send(target(server, { ...smtp, tls: 'off', auth }), mail(['ann@x.test']))
    expect(sent.away?.text).toMatch(/does not take our password: 535 5\.7\.8 no/)
  })
})

describe('a server that', () => {
  const away: Readonly<Record<string, string>> = {
    'turns us away': '<- 554 5.3.2 no service',
    'says nothing': '.. hang',
    'closes at once': '.. close',
    'resets at once': '.. reset',
    'greets without an end': '<* 220-x 1000000',
    'greets with a thousand lines': String.raw`<* 220-x\r\n 0` + '\n' + '<- 220-x\n'.repeat(1_000),
    'greets an octet at a time': [...'220 double']
      .map((octet) => `<= ${octet === ' ' ? String.raw`\x20` : octet}\n.. wait 60ms`)
      .join('\n'),
    'offers extensions without an end': `<- 220 x\n-> LHLO\n${'<- 250-X\n'.repeat(1_000)}.. hang`,
    'speaks HTTP': '<- HTTP/1.1 400 Bad Request',
    'mixes codes': '<- 220-a\n<- 250 b',
    'refuses our greeting': '<- 220 x\n-> LHLO\n<- 550 no',
    'closes at our greeting': '<- 220 x\n-> LHLO\n.. close',
    'goes at MAIL': `${greeted}\n-> MAIL\n.. close`,
    'shuts down at MAIL': `${greeted}\n-> MAIL\n<- 421 4.3.2 shutting down\n.. close`,
  }
  it.each(Object.entries(away))('%s is away', async (_, dialogue) => {
    const server = await scriptedServer([dialogue])
    const sent = await pool().send(target(server), mail(['ann@x.test', 'ben@x.test']))
    expect(sent.away).not.toBeNull()
    expect(sent.outcomes).toHaveLength(2)
    for (const { reply, uncertain } of sent.outcomes) {
      expect(reply.code).toBeGreaterThanOrEqual(400)
      expect(reply.code).toBeLessThan(500)
      expect(uncertain).toBe(false)
    }
  })

  it('is not there is away', async () => {
    const server = await scriptedServer([''])
    await server.close()
    expect((await pool().send(target(server), mail(['ann@x.test']))).away?.text).toMatch(/ECONNREFUSED/)
  })

  const lost: Readonly<Record<string, readonly [dialogue: string, outcome: string]>> = {
    'goes at RCPT': [`${greeted}\n-> MAIL\n<- 250 ok\n-> RCPT\n.. close`, '451 4.4.2'],
    'goes at DATA': [`${greeted}\n-> MAIL\n<- 250 ok\n-> RCPT\n<- 250 ok\n-> DATA\n.. reset`, '451 4.4.2'],
    'says yes twice to RCPT': [
      `${greeted}\n-> MAIL\n<- 250 ok\n-> RCPT\n<- 250 ok\n<- 250 ok\n-> DATA\n.. hang`,
      '451 4.4.2',
    ],
    'goes after the final dot': [`${greeted}${taken}\n.. message\n.. close`, '451 4.4.2 uncertain'],
    'resets after the final dot': [`${greeted}${taken}\n.. message\n.. reset`, '451 4.4.2 uncertain'],
    'never answers the final dot': [`${greeted}${taken}\n.. message\n.. hang`, '451 4.4.2 uncertain'],
    'answers the final dot with half a reply': [
      `${greeted}${taken}\n.. message\n<= 250 2.0\n.. close`,
      '451 4.4.2 uncertain',
    ],
    'answers the final dot with nonsense': [`${greeted}${taken}\n.. message\n<- 354 more`, '451 4.4.2 uncertain'],
    'answers in pieces': [
      `${greeted}${taken}\n.. message\n<= 2\n.. wait 20ms\n<= 50-2.0.0 a\\r\n.. wait 20ms\n<= \\n250 2.0.0 b\\r\\n`,
      '250 2.0.0',
    ],
    'ends its lines with LF': [`${greeted}${taken}\n.. message\n<= 250 2.0.0 ok\\n`, '250 2.0.0'],
  }
  it.each(Object.entries(lost))('%s', async (_, [dialogue, outcome]) => {
    const server = await scriptedServer([dialogue])
    const sent = await pool().send(target(server), mail(['ann@x.test']))
    expect(replies(sent)).toEqual([`ann@x.test ${outcome}`])
    expect(sent.away).toBeNull()
  })

  it('says yes before the message has ended is not believed', async () => {
    const server = await scriptedServer([`${greeted}${taken}\n<- 250 2.0.0 saved\n.. hang`])
    const slow = mail(['ann@x.test'], '', {
      async *open() {
        yield Buffer.from('a\r\n')
        while (server.said.at(-1) !== 'DATA') await new Promise((resolve) => setTimeout(resolve, 5))
        await new Promise((resolve) => setTimeout(resolve, 50))
      },
    })
    const sent = await pool().send(target(server), slow)
    expect(replies(sent)).toEqual(['ann@x.test 451 4.4.2'])
  })

  it('says no in the middle of a large message is heard', async () => {
    const server = await scriptedServer([`${greeted}${taken}\n.. octets 100\n<- 552 5.3.4 too large\n.. close`])
    const sent = await pool().send(target(server), mail(['ann@x.test'], 'x'.repeat(76).concat('\r\n').repeat(200_000)))
    expect(replies(sent)[0]).toMatch(/^ann@x.test (?:552 5\.3\.4|451 4\.4\.2)$/)
  })
})
