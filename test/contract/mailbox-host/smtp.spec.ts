import { onTestFinished } from 'vitest'
import { parseMailboxRoute } from '#domain/hosted-domain/mailbox-route'
import { RemoteHost } from '#infra/mailbox-host/remote-host'
import { SmtpPool } from '#infra/smtp/client/pool'
import { recordingListener } from '#test/dsl/smtp/recording-listener'
import { mailboxHostContract, type MailboxUnderTest } from './contract.ts'

/** Our own listener is the server: in TLS, pipelined, with SMTPUTF8. */
const open = async (): Promise<MailboxUnderTest> => {
  const listener = await recordingListener({ limits: { messageSize: 10 * 1024 * 1024 } })
  const transport = new SmtpPool({ name: 'mail.test' })
  onTestFinished(async () => {
    await transport.close()
    await listener.close(0)
  })
  const route = parseMailboxRoute(`smtp://127.0.0.1:${listener.port}?tls=required`)
  const [host] = route?.kind === 'hosts' ? route.hosts : []
  const of = (mailbox: string) => [mailbox, `"${mailbox.replace('@', '"@')}`]
  return {
    host: new RemoteHost(host!, { transport, password: null, connections: 2 }),
    contents: async (mailbox) =>
      listener.mails
        .filter(({ recipients }) => of(mailbox).includes(recipients[0] ?? ''))
        .map(({ content }) => content.toString('utf8')),
    markAllRead: async () => {},
  }
}

mailboxHostContract('an SMTP host', open, { seesRepeats: false, lastLineEnd: '\r\n' })
