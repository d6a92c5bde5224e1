import type { Reply } from '#domain/message/reply'
import { formatReply } from '#domain/message/reply'
import { type Extensions, extensionsOf, noExtensions } from './extensions.ts'
import type { Deadlines, SmtpTarget } from './port.ts'
import { type RawReply, replyOf } from './reply-reader.ts'
import { ConnectionLost, Wire } from './wire.ts'

/** The server can't be used as the target says. */
export class Unusable extends Error {
  readonly reply: Reply
  /** TLS was offered and did not come about. */
  readonly tlsFailed: boolean

  constructor(target: SmtpTarget, why: string, { code = '4.4.1', tlsFailed = false, cause }: UnusableOptions = {}) {
    super(`${nameOf(target)}: ${why}`, { cause })
    this.name = 'Unusable'
    this.reply = { code: 451, enhancedCode: code, text: this.message.slice(0, 1_000) }
    this.tlsFailed = tlsFailed
  }
}

interface UnusableOptions {
  readonly code?: string
  readonly tlsFailed?: boolean
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
}

export interface OpeningOptions {
  /** Said in EHLO and LHLO. */
  readonly name: string
  readonly deadlines: Deadlines
}

/** Connects, greets, goes into TLS and authenticates, as the target says. Throws `Unusable`. */
export const openConnection = async (target: SmtpTarget, options: OpeningOptions): Promise<Opened> => {
  let wire: Wire | null = null
  try {
    wire = await Wire.open(target.at, options.deadlines.connect)
    const greeting = await wire.reply(options.deadlines.greeting)
    if (greeting.code !== 220) throw new Unusable(target, `it turned us away: ${said(greeting)}`)
    let extensions = await hello(wire, target, options)
    let secure = false
    if (target.tls !== 'off' && extensions.startTls) {
      if (await goIntoTls(wire, target, options)) {
        secure = true
        extensions = await hello(wire, target, options)
      }
    }
    if (!secure && (target.tls === 'required' || target.tls === 'verify'))
      throw new Unusable(target, 'TLS is required, and it offers none', { code: '4.7.5' })
    if (target.auth !== null) {
      // In plain only where somebody said so: to `tls=off`, or to a socket of this machine.
      if (!secure && target.tls !== 'off' && !('socket' in target.at))
        throw new Unusable(target, 'it offers no TLS to send the password in', { code: '4.7.5' })
      await authenticate(wire, target, target.auth, extensions, options.deadlines.command)
    }
    return { wire, extensions }
  } catch (error) {
    wire?.destroy()
    if (error instanceof Unusable) throw error
    if (error instanceof ConnectionLost) throw new Unusable(target, error.message, { cause: error })
    throw error
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

/** Answers whether TLS is on: a server that offers it may still refuse. */
const goIntoTls = async (wire: Wire, target: SmtpTarget, { deadlines }: OpeningOptions): Promise<boolean> => {
  wire.write('STARTTLS\r\n')
  const answer = await wire.reply(deadlines.command)
  if (answer.code !== 220) {
    if (target.tls === 'opportunistic') return false
    throw new Unusable(target, `it refuses STARTTLS: ${said(answer)}`, { code: '4.7.5' })
  }
  try {
    await wire.startTls(
      {
        rejectUnauthorized: target.tls === 'verify',
        ...('host' in target.at ? { servername: target.at.host, host: target.at.host } : {}),
      },
      deadlines.greeting,
    )
    return true
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error
    throw new Unusable(target, error.message, { code: '4.7.5', tlsFailed: true, cause: error })
  }
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
