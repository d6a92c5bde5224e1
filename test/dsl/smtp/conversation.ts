import { setTimeout as sleep } from 'node:timers/promises'
import { SmtpClient } from './client.ts'

/*
 * SMTP conversations as text, one step a line:
 *   -> EHLO client.test        a line, CRLF is added
 *   => RSET\nNOOP\r\n          octets with \r \n \t \0 \\ \xHH, nothing added
 *   <- 250 2.1.0               the next reply begins with this (lines of one reply are joined by \n)
 *   <~ ^250-.*STARTTLS         the next reply matches
 *   .. starttls                TLS from here on
 *   .. wait 100ms
 *   .. silent 100ms            nothing comes in that time
 *   .. closed                  the server closes; what it still says is not looked at
 *   .. finish                  we close our side
 *   # remark
 */
type Step =
  | { readonly kind: 'send'; readonly octets: Buffer }
  | { readonly kind: 'expect'; readonly begins: string }
  | { readonly kind: 'match'; readonly pattern: RegExp }
  | { readonly kind: 'wait' | 'silent'; readonly time: number }
  | { readonly kind: 'starttls' | 'closed' | 'finish' }

export interface Conversed {
  readonly replies: readonly string[]
}

/** Runs the conversation on one connection. Throws at the first step that goes otherwise, with what was said so far. */
export const conversation = async (
  port: number,
  text: string,
  { tls = false }: { tls?: boolean } = {},
): Promise<Conversed> => {
  const client = await SmtpClient.connect(port, tls ? { tls: {} } : {})
  const replies: string[] = []
  const transcript: string[] = []
  try {
    for (const [at, line] of text.split('\n').entries()) {
      const written = line.trimStart()
      if (written === '' || written.startsWith('#')) continue
      transcript.push(written)
      try {
        await perform(client, parseStep(written), replies, transcript)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        throw new Error(`line ${at + 1}: ${why}\n${transcript.slice(-20).join('\n')}`, { cause: error })
      }
    }
  } finally {
    client.destroy()
  }
  return { replies }
}

const perform = async (client: SmtpClient, step: Step, replies: string[], transcript: string[]): Promise<void> => {
  const next = async (): Promise<string> => {
    const reply = await client.reply()
    if (reply === null) throw new Error('the server closed the connection')
    transcript.push(`   (${reply})`)
    replies.push(reply)
    return reply
  }
  switch (step.kind) {
    case 'send':
      client.write(step.octets)
      return
    case 'expect': {
      const reply = await next()
      if (!reply.startsWith(step.begins)) throw new Error(`expected ${step.begins}, got ${reply}`)
      return
    }
    case 'match': {
      const reply = await next()
      if (!step.pattern.test(reply)) throw new Error(`expected ${String(step.pattern)}, got ${reply}`)
      return
    }
    case 'wait':
      await sleep(step.time)
      return
    case 'silent':
      await sleep(step.time)
      if (client.held !== '') throw new Error(`expected silence, got ${client.held}`)
      return
    case 'starttls':
      await client.startTls()
      return
    case 'closed':
      await client.end()
      return
    case 'finish':
      client.finish()
  }
}

export const parseStep = (line: string): Step => {
  const mark = line.slice(0, 2)
  const rest = line.slice(3)
  if (mark === '->') return { kind: 'send', octets: Buffer.from(`${rest}\r\n`) }
  if (mark === '=>') return { kind: 'send', octets: unescaped(rest) }
  if (mark === '<-') return { kind: 'expect', begins: rest.trimEnd() }
  if (mark === '<~') return { kind: 'match', pattern: new RegExp(rest.trimEnd()) }
  const [, word, time] = /^\.\. (starttls|closed|finish|wait|silent)(?: (\d+)ms)?\s*$/.exec(line) ?? []
  if (word === 'wait' || word === 'silent') return { kind: word, time: Number(time) }
  if (word === 'starttls' || word === 'closed' || word === 'finish') return { kind: word }
  throw new Error(`no step: ${line}`)
}

const escapes: Readonly<Record<string, number>> = { r: 13, n: 10, t: 9, 0: 0, '\\': 92 }

const unescaped = (text: string): Buffer => {
  const parts: Buffer[] = []
  for (const [, plain, hex, letter] of text.matchAll(/([^\\]+)|\\x([\dA-Fa-f]{2})|\\(.)/g)) {
    if (plain !== undefined) parts.push(Buffer.from(plain))
    else if (hex !== undefined) parts.push(Buffer.from(hex, 'hex'))
    else {
      const octet = escapes[letter ?? '']
      if (octet === undefined) throw new Error(`no escape: \\${letter}`)
      parts.push(Buffer.of(octet))
    }
  }
  return Buffer.concat(parts)
}
