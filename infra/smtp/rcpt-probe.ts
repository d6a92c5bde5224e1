import type { Address } from '#domain/message/mailbox'
import { formatReply } from '#domain/message/reply'
import type { ProbeAnswer, ProbedHost, RcptProbe } from '#infra/directory-source/port'
import { nameOf, openConnection, Unusable, type Opened } from './client/opening.ts'
import { replyOf } from './client/reply-reader.ts'
import { ConnectionLost } from './client/wire.ts'
import { isInternational, wireAddress } from './client/wire-address.ts'

/** One question must fit the time a sender waits for the reply to RCPT. */
const PATIENCE_MS = 5_000
const deadlines = {
  connect: PATIENCE_MS,
  greeting: PATIENCE_MS,
  command: PATIENCE_MS,
  data: PATIENCE_MS,
  block: PATIENCE_MS,
  final: PATIENCE_MS,
}

/** MAIL FROM:<>, RCPT TO, and no mail: a connection for each question, since known addresses are remembered. */
export const rcptProbe = (name: string): RcptProbe => ({
  async ask(host, address, signal) {
    const said = wireAddress(address)
    if (said === null) return { about: 'recipient', reply: { code: 553, enhancedCode: '5.1.3', text: 'No address' } }
    let opened: Opened | null = null
    const stop = (): void => opened?.wire.destroy()
    signal.addEventListener('abort', stop)
    try {
      opened = await open(host, name)
      if (signal.aborted) throw new ConnectionLost('there is no time left')
      return await question(opened, host, said)
    } catch (error) {
      if (error instanceof Unusable) return { about: 'host', reply: error.reply }
      if (error instanceof ConnectionLost) return { about: 'host', reply: lost(host, error) }
      throw error
    } finally {
      signal.removeEventListener('abort', stop)
      if (opened?.wire.lost === null) opened.wire.end('QUIT\r\n')
    }
  },
})

const open = async (host: ProbedHost, name: string): Promise<Opened> => {
  const target = { ...host, connections: 1 }
  try {
    return await openConnection(target, { name, deadlines })
  } catch (error) {
    if (host.tls !== 'opportunistic' || host.auth !== null || !(error instanceof Unusable) || !error.tlsFailed)
      throw error
    return openConnection({ ...target, tls: 'off' }, { name, deadlines })
  }
}

const question = async ({ wire, extensions }: Opened, host: ProbedHost, address: Address): Promise<ProbeAnswer> => {
  const international = isInternational(address)
  if (international && !extensions.smtputf8)
    return {
      about: 'recipient',
      reply: { code: 553, enhancedCode: '5.6.7', text: `${nameOf(host)} takes no addresses beyond ASCII` },
    }
  wire.write(`MAIL FROM:<>${international ? ' SMTPUTF8' : ''}\r\n`)
  const mail = replyOf(await wire.reply(deadlines.command))
  if (mail.code >= 300)
    return { about: 'host', reply: { ...mail, text: `${nameOf(host)} at MAIL FROM:<>: ${formatReply(mail)}` } }
  wire.write(`RCPT TO:<${address}>\r\n`)
  return { about: 'recipient', reply: replyOf(await wire.reply(deadlines.command)) }
}

const lost = (host: ProbedHost, error: ConnectionLost) => ({
  code: 451,
  enhancedCode: '4.4.2',
  text: `${nameOf(host)}: ${error.message}`.slice(0, 1_000),
})
