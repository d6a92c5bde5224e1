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

/** What a conversation is made of, and how it begins when it is not rubbish from the start. */
export interface Vocabulary {
  readonly words: readonly string[]
  readonly opening: string
  /** Replies that are well-formed, each from its beginning. */
  readonly replies: RegExp
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

/** Of who sends to an MX. */
const sending: Vocabulary = {
  words,
  opening: 'EHLO fuzz.test\r\nMAIL FROM:<a@sender.test>\r\nRCPT TO:<b@mailkeep.test>\r\n',
  replies: /^(?:220 mx|221 2|250|214 2|252 2|354 |[45]\d\d [45]\.\d+\.\d+ )/,
}

/** Of who submits as `user`, whose password this is; wrong ones are somebody else's. */
export const submitting = (user: string, password: string): Vocabulary => {
  const plain = (name: string, secret: string): string => Buffer.from(`\0${name}\0${secret}`).toString('base64')
  const begun = `MAIL FROM:<${user}>\r\nRCPT TO:<ben@mailkeep.test>\r\n`
  return {
    words: [
      ...words,
      'STARTTLS\r\n',
      `AUTH PLAIN ${plain(user, password)}\r\n`,
      `AUTH PLAIN ${plain(`${'x'.repeat(300)}@mailkeep.test`, 'wrong')}\r\n`,
      'AUTH LOGIN\r\n',
      `${Buffer.from(user).toString('base64')}\r\n`,
      `${Buffer.from(password).toString('base64')}\r\n`,
      'AUTH CRAM-MD5\r\n',
      '*\r\n',
      `MAIL FROM:<${user}> RET=HDRS ENVID=QQ+2B1\r\n`,
      `MAIL FROM:<${user}>\r\n`,
      'RCPT TO:<ben@mailkeep.test> NOTIFY=NEVER ORCPT=rfc822;b@x.test\r\n',
      'RCPT TO:<x@remote.test>\r\n',
      `From: ${user}\r\n`,
      `From: ${user}\r\n\r\nbody\r\n.\r\n`,
      ...Array<string>(2).fill(`RSET\r\n${begun}DATA\r\nFrom: ${user}\r\nSubject: fuzz\r\n\r\nbody\r\n.\r\n`),
      'From: ben@mailkeep.test\r\n',
      'Sender: ben@mailkeep.test\r\n',
      'Bcc: secret@remote.test\r\n',
      ' folded\r\n',
    ],
    opening: `${begun}DATA\r\nFrom: ${user}\r\n`,
    replies: /^(?:220 mx|220 2|221 2|235 2|250|214 2|252 2|334|354 |[45]\d\d [45]\.\d+\.\d+ )/,
  }
}

export interface Fuzzed {
  /** Replies that are no SMTP replies, or refuse without an enhanced status code. */
  readonly malformed: readonly string[]
  /** Mails that were answered with 250. */
  readonly accepted: number
  readonly closed: boolean
}

/** One hostile conversation: words of the protocol and rubbish, cut into segments at random. Ends by closing our side. */
export const fuzz = async (listener: Pick<RecordingListener, 'port'>, seed: number, length: number): Promise<Fuzzed> =>
  fuzzOn(await SmtpClient.connect(listener.port), sending, seed, length)

/** The same on a connection that is there. */
export const fuzzOn = async (
  client: SmtpClient,
  { words: said, opening, replies }: Vocabulary,
  seed: number,
  length: number,
): Promise<Fuzzed> => {
  const next = random(seed)
  let text = next(4) === 0 ? '' : opening
  for (let step = 0; step < length; step++) text += said[next(said.length)] ?? ''
  const octets = Buffer.from(text, 'latin1')
  if (next(3) === 0) for (let change = 0; change < 5; change++) octets[next(octets.length)] = next(256)

  const malformed: string[] = []
  let accepted = 0
  const reading = (async () => {
    for (let reply = await client.reply(); reply !== null; reply = await client.reply()) {
      if (!replies.test(reply)) malformed.push(reply)
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
