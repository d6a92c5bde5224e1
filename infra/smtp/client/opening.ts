import type { Reply } from '#domain/message/reply'
import { formatReply } from '#domain/message/reply'
import { type Extensions, extensionsOf, noExtensions } from './extensions.ts'
import type { Deadlines, SmtpTarget, Transport } from './port.ts'
import { type RawReply, replyOf } from './reply-reader.ts'
import { demandOf, type TlsDemand } from './tls-demand.ts'
import { ConnectionLost, Wire } from './wire.ts'

/** The server can't be used as the target says. */
export class Unusable extends Error {
  readonly reply: Reply
  readonly why: string
  /** TLS was offered and did not come about. */
  readonly tlsFailed: boolean
  /** How far it came; null: there was no connection. */
  readonly transport: Transport | null

  constructor(target: SmtpTarget, why: string, options: UnusableOptions = {}) {
    const { code = '4.4.1', tlsFailed = false, transport = null, cause } = options
    super(`${nameOf(target)}: ${why}`, { cause })
    this.name = 'Unusable'
    this.why = why
    this.reply = { code: 451, enhancedCode: code, text: this.message.slice(0, 1_000) }
    this.tlsFailed = tlsFailed
    this.transport = transport
  }
}

interface UnusableOptions {
  readonly code?: string
  readonly tlsFailed?: boolean
  readonly transport?: Transport | null
  readonly cause?: unknown
}

/** As people write it: `lmtp://host:24`, `lmtp:///run/lmtp`. */
export const nameOf = ({ protocol, at }: Pick<SmtpTarget, 'protocol' | 'at'>): string =>
  'socket' in at
    ? `${protocol}://${at.socket}`
    : `${protocol}://${at.host.includes(':') ? `[${at.host}]` : at.host}:${at.port}`

export interface Opened {
  readonly wire: Wire
  readonly extensions: Extensions
  readonly transport: Transport
}

export interface OpeningOptions {
  /** Said in EHLO and LHLO. */
  readonly name: string
  readonly deadlines: Deadlines
}

/** Connects, greets, goes into TLS and authenticates, as the target says. Throws `Unusable`. */
export const openConnection = async (target: SmtpTarget, options: OpeningOptions): Promise<Opened> => {
  const demand = demandOf(target)
  let wire: Wire | null = null
  try {
    wire = await Wire.open(target, options.deadlines.connect)
    const greeting = await wire.reply(options.deadlines.greeting)
    if (greeting.code !== 220) throw new Unusable(target, `it turned us away: ${said(greeting)}`)
    let extensions = await hello(wire, target, options)
    const secured = demand === null ? inPlain(null) : await secure(wire, target, demand, extensions, options)
    if (secured.tls !== null) extensions = await hello(wire, target, options)
    if (target.auth !== null) {
      // In plain only where somebody said so: to `tls=off`, or to a socket of this machine.
      if (secured.tls === null && target.tls !== 'off' && !('socket' in target.at))
        throw new Unusable(target, 'it offers no TLS to send the password in', { code: '4.7.5' })
      await authenticate(wire, target, target.auth, extensions, options.deadlines.command)
    }
    return { wire, extensions, transport: { address: wire.address, ...secured } }
  } catch (error) {
    wire?.destroy()
    if (!(error instanceof Unusable) && !(error instanceof ConnectionLost)) throw error
    const { reply, tlsFailed = false } = error instanceof Unusable ? error : { reply: null }
    throw new Unusable(target, error instanceof Unusable ? error.why : error.message, {
      ...(reply === null ? {} : { code: reply.enhancedCode ?? '4.4.1' }),
      tlsFailed,
      transport: wire === null ? null : { address: wire.address, tls: null, verifiedBy: null, remark: null },
      cause: error,
    })
  }
}

type Secured = Omit<Transport, 'address'>

const inPlain = (remark: string | null): Secured => ({
  tls: null,
  verifiedBy: null,
  remark: remark?.slice(0, 500) ?? null,
})

/** Into TLS where it is offered; in plain only where that is allowed. */
const secure = async (
  wire: Wire,
  target: SmtpTarget,
  demand: TlsDemand,
  { startTls }: Extensions,
  { deadlines }: OpeningOptions,
): Promise<Secured> => {
  if (!startTls) {
    if (demand.plainAllowed) return inPlain(demand.inPlain('the host does not offer STARTTLS'))
    throw new Unusable(target, `${demand.reason}, and it offers none`, { code: '4.7.5' })
  }
  wire.write('STARTTLS\r\n')
  const answer = await wire.reply(deadlines.command)
  if (answer.code !== 220) {
    if (demand.plainAllowed) return inPlain(demand.inPlain(`the host refuses STARTTLS: ${said(answer)}`))
    throw new Unusable(target, `${demand.reason}, and it refuses STARTTLS: ${said(answer)}`, { code: '4.7.5' })
  }
  try {
    const socket = await wire.startTls(demand.options, deadlines.greeting, demand.check)
    const { name } = socket.getCipher()
    return {
      tls: `${socket.getProtocol() ?? 'TLS'} ${name}`,
      verifiedBy: demand.verifiedBy,
      remark: demand.afterwards(socket),
    }
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error
    const why = demand.plainAllowed ? error.message : `${demand.reason}: ${error.message}`
    throw new Unusable(target, why, { code: '4.7.5', tlsFailed: true, cause: error })
  }
}

const hello = async (wire: Wire, target: SmtpTarget, { name, deadlines }: OpeningOptions): Promise<Extensions> => {
  wire.write(`${target.protocol === 'lmtp' ? 'LHLO' : 'EHLO'} ${name}\r\n`)
  const answer = await wire.reply(deadlines.command)
  if (answer.code === 250) return extensionsOf(answer)
  if (target.protocol === 'lmtp' || answer.code < 500 || answer.code === 554)
    throw new Unusable(target, `it does not take our greeting: ${said(answer)}`)
  wire.write(`HELO ${name}\r\n`)
  const plain = await wire.reply(deadlines.command)
  if (plain.code !== 250) throw new Unusable(target, `it does not take our greeting: ${said(plain)}`)
  return noExtensions
}

const authenticate = async (
  wire: Wire,
  target: SmtpTarget,
  { user, password }: { user: string; password: string },
  { auth }: Extensions,
  deadline: number,
): Promise<void> => {
  const say = (line: string): Promise<RawReply> => {
    wire.write(`${line}\r\n`)
    return wire.reply(deadline)
  }
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')
  let answer: RawReply
  if (auth.includes('PLAIN')) answer = await say(`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`)
  else if (auth.includes('LOGIN')) {
    answer = await say('AUTH LOGIN')
    if (answer.code === 334) answer = await say(base64(user))
    if (answer.code === 334) answer = await say(base64(password))
  } else throw new Unusable(target, 'it offers neither AUTH PLAIN nor LOGIN', { code: '4.7.0' })
  if (answer.code !== 235)
    throw new Unusable(target, `it does not take our password: ${said(answer)}`, { code: '4.7.0' })
}

const said = (raw: RawReply): string => formatReply(replyOf(raw))
