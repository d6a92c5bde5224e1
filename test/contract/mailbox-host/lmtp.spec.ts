import { describe, expect, it, onTestFinished } from 'vitest'
import { parseMailboxRoute, type RemoteMailboxHost } from '#domain/hosted-domain/mailbox-route'
import { RemoteHost } from '#infra/mailbox-host/remote-host'
import { SmtpPool } from '#infra/smtp/client/pool'
import { scriptedServer, type ScriptedServer } from '#test/dsl/smtp/scripted-server'
import { delivery, mailboxHostContract, type MailboxUnderTest } from './contract.ts'

const lhlo = String.raw`
  <- 220 double LMTP
  -> LHLO mail.test
  <- 250-double\n250-PIPELINING\n250-8BITMIME\n250-SIZE\n250 SMTPUTF8`
const takesAll = `${lhlo}
  .. here
  -> MAIL
  <- 250 2.1.0 ok
  -> RCPT
  <- 250 2.1.5 ok
  -> DATA
  <- 354 go on
  .. message
  <- 250 2.0.0 saved
  .. again`

const hostAt = (server: ScriptedServer, query = ''): RemoteHost => {
  const route = parseMailboxRoute(`lmtp://127.0.0.1:${server.port}${query}`)
  const [host] = route?.kind === 'hosts' ? route.hosts : []
  return remote(host!)
}

const remote = (host: RemoteMailboxHost, password: string | null = null): RemoteHost => {
  const transport = new SmtpPool({ name: 'mail.test' })
  onTestFinished(() => transport.close())
  return new RemoteHost(host, { transport, password, connections: 2 })
}

const open = async (): Promise<MailboxUnderTest> => {
  const server = await scriptedServer([takesAll])
  const of = (mailbox: string) => [`RCPT TO:<${mailbox}>`, `RCPT TO:<"${mailbox.replace('@', '"@')}>`]
  return {
    host: hostAt(server),
    contents: async (mailbox) =>
      server.messages.filter(({ envelope }) => of(mailbox).includes(envelope[1] ?? '')).map(({ content }) => content),
    markAllRead: async () => {},
  }
}

mailboxHostContract('an LMTP host', open, { seesRepeats: false, lastLineEnd: '\r\n' })

describe('an LMTP host', () => {
  const refuses = async (dialogue: string) => {
    const server = await scriptedServer([lhlo + dialogue])
    const { reply, away, uncertain } = await hostAt(server).deliver(delivery('one\r\n'))
    return { reply: `${reply.code} ${reply.enhancedCode} ${reply.text}`, away, uncertain }
  }
  const upTo = `
    -> MAIL
    <- 250 ok
    -> RCPT
    <- 250 ok
    -> DATA
    <- 354 go on`

  it('says in its own words why it refuses, before the message or after it', async () => {
    expect(
      await refuses('\n-> MAIL\n<- 250 ok\n-> RCPT\n<- 550 5.1.1 <ann> User does not exist\n-> DATA\n<- 503 no'),
    ).toEqual({ reply: '550 5.1.1 <ann> User does not exist', away: false, uncertain: false })
    expect(await refuses(`${upTo}\n.. message\n<- 552 5.2.2 Quota exceeded`)).toEqual({
      reply: '552 5.2.2 Quota exceeded',
      away: false,
      uncertain: false,
    })
  })

  it('that is lost after the message may have delivered it, and says so', async () => {
    const lost = await refuses(`${upTo}\n.. message\n.. close`)
    expect(lost).toMatchObject({ away: false, uncertain: true })
    expect(lost.reply).toMatch(/^451 4\.4\.2 .*may have been delivered/)
  })

  it('is away when it turns us away', async () => {
    const server = await scriptedServer(['<- 421 4.3.2 busy'])
    expect(await hostAt(server).deliver(delivery('one'))).toMatchObject({
      away: true,
      host: `lmtp://127.0.0.1:${server.port}`,
    })
  })

  it('whose user has no password is not spoken to', async () => {
    const server = await scriptedServer([takesAll])
    const { reply, away } = await hostAt(server, '?user=mailkeep').deliver(delivery('one'))
    expect(away).toBe(true)
    expect(reply.text).toMatch(/mailboxHostPassword/)
    expect(server.connections).toBe(0)
  })

  it('gets the copy without a Return-Path: it adds its own', async () => {
    const server = await scriptedServer([takesAll])
    const asked: boolean[] = []
    await hostAt(server).deliver(
      delivery('', {
        async *open({ addsReturnPath }) {
          asked.push(addsReturnPath)
          yield Buffer.from('x\r\n')
        },
      }),
    )
    expect(asked).toEqual([true])
  })
})
