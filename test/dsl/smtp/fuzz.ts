import { SmtpClient } from './client.ts'
import type { RecordingListener } from './recording-listener.ts'

/** A small seeded generator (mulberry32): the same seed says the same things on every machine. */
export const random = (seed: number): ((below: number) => number) => {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const words = [
  'EHLO fuzz.test\r\n',
  'HELO fuzz.test\r\n',
  'MAIL FROM:<a@sender.test>\r\n',
  'MAIL FROM:<>\r\n',
  'RCPT TO:<b@mailkeep.test>\r\n',
  'RCPT TO:<c@mailkeep.test>\r\n',
  'DATA\r\n',
  'Subject: fuzz\r\n\r\n',
  '.\r\n',
  '\r\n.\r\n',
  '..\r\n',
  'RSET\r\n',
  'NOOP\r\n',
  'VRFY x\r\n',
  'HELP\r\n',
  'AUTH PLAIN\r\n',
  'BDAT 5 LAST\r\n',
  'MAIL FROM:<a@b.test> SIZE=99999999999\r\n',
  'MAIL FROM:<ü@b.test> SMTPUTF8\r\n',
  'RCPT TO:<"\\"@b.test>\r\n',
  'Received: x\r\n',
  'DATA\n',
  '\n.\n',
  '\r.\r',
  '\r\n.\n',
  '\n',
  '\r',
  '\0',
  '\xff\xfe',
  'x'.repeat(3_000),
  ' ',
  '<',
  '>',
  ':',
  '.',
]

export interface Fuzzed {
  /** Replies that are no SMTP replies, or refuse without an enhanced status code. */
  readonly malformed: readonly string[]
  /** Mails that were answered with 250. */
  readonly accepted: number
  readonly closed: boolean
}

/** One hostile conversation: words of the protocol and rubbish, cut into segments at random. Ends by closing our side. */
export const fuzz = async (listener: RecordingListener, seed: number, length: number): Promise<Fuzzed> => {
  const next = random(seed)
  let text = next(4) === 0 ? '' : 'EHLO fuzz.test\r\nMAIL FROM:<a@sender.test>\r\nRCPT TO:<b@mailkeep.test>\r\n'
  for (let step = 0; step < length; step++) text += words[next(words.length)] ?? ''
  const octets = Buffer.from(text, 'latin1')
  if (next(3) === 0) for (let change = 0; change < 5; change++) octets[next(octets.length)] = next(256)

  const client = await SmtpClient.connect(listener.port)
  const malformed: string[] = []
  let accepted = 0
  const reading = (async () => {
    for (let reply = await client.reply(); reply !== null; reply = await client.reply()) {
      if (!/^(?:220 mx|221 2|250|214 2|252 2|354 |[45]\d\d [45]\.\d+\.\d+ )/.test(reply)) malformed.push(reply)
      if (reply.startsWith('250 2.0.0 Ok: ')) accepted++
    }
  })()
  for (let at = 0; at < octets.length && !client.closed;) {
    const size = 1 + next(next(5) === 0 ? 2_000 : 40)
    client.write(octets.subarray(at, at + size))
    at += size
    if (next(3) === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  client.finish()
  await reading
  const { closed } = client
  client.destroy()
  return { malformed, accepted, closed }
}
