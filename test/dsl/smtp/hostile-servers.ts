/** A server that means harm or knows no better: what it does to who sends it mail, and what has to become of the mail. */
export interface HostileServer {
  /** One for each connection, the last one for all after it (`scriptedServer`). */
  readonly dialogues: readonly string[]
  readonly comesTo: 'Delivered' | 'Deferred' | 'Bounced'
  /** The reply in the trace: code, enhanced code where there is one, text. */
  readonly reply: RegExp
  /** It may have the mail. */
  readonly uncertain?: true
  /** What the trace remarks on how it was spoken to. */
  readonly remark?: RegExp
  /** Messages that came to their final dot, 0 unless said. */
  readonly taken?: number
  /** Of a message of `LARGE` octets: more than all the buffers between two sockets hold. */
  readonly large?: true
  /** TLS is required of it. */
  readonly tls?: 'required'
}

/** Milliseconds that each step of a conversation with them may take. */
export const STEP_MS = 5_000

export const LARGE = 8 * 1024 * 1024

const DRIP = '<. 200ms'
const offering = (...extensions: readonly string[]): string =>
  `<- 220 mx\n-> EHLO\n<- ${['250-mx', ...extensions.map((one) => `250-${one}`), '250 HELP'].join(String.raw`\n`)}`
const hello = offering()
const mail = '-> MAIL\n<- 250 2.1.0 ok'
const rcpt = '-> RCPT\n<- 250 2.1.5 ok'
const data = '-> DATA\n<- 354 go on'
const saved = '<- 250 2.0.0 saved'
const steps = (...parts: readonly string[]): string => parts.join('\n')
const upTo = {
  mail: hello,
  rcpt: steps(hello, mail),
  data: steps(hello, mail, rcpt),
  message: steps(hello, mail, rcpt, data),
  dot: steps(hello, mail, rcpt, data, '.. message'),
}
const startTls = steps(offering('STARTTLS'), '-> STARTTLS')
/** What the client does when TLS that it only wanted has failed. */
const inPlain = steps(offering('STARTTLS'), mail, rcpt, data, '.. message', saved)

const deferred = (reply: RegExp, ...dialogues: readonly string[]): HostileServer => ({
  dialogues,
  comesTo: 'Deferred',
  reply,
})
const bounced = (reply: RegExp, ...dialogues: readonly string[]): HostileServer => ({
  dialogues,
  comesTo: 'Bounced',
  reply,
})
const delivered = (...dialogues: readonly string[]): HostileServer => ({
  dialogues,
  comesTo: 'Delivered',
  reply: /^250 2\.0\.0 saved$/,
  taken: 1,
})
const inPlainBecause = (remark: RegExp, ...dialogues: readonly string[]): HostileServer => ({
  ...delivered(...dialogues),
  remark,
})
const inTheMiddle = (reply: RegExp, ...meanwhile: readonly string[]): HostileServer => ({
  ...deferred(reply, steps(upTo.message, ...meanwhile)),
  large: true,
})
const uncertain = (reply: RegExp, dialogue: string): HostileServer => ({
  ...deferred(reply, dialogue),
  uncertain: true,
  taken: 1,
})

/** 4yz and 5yz where each verb is due; `554` and `421` where a server shuts the door. */
const refusals: Readonly<Record<string, HostileServer>> = {
  'a banner of 4yz': deferred(/^451 4\.4\.1 .*turned us away: 421 4\.3\.2 not now$/, '<- 421 4.3.2 not now\n.. close'),
  'a banner of 5yz': deferred(/^451 4\.4\.1 .*turned us away: 554 5\.3\.2 never$/, '<- 554 5.3.2 never\n.. close'),
  'EHLO: 4yz': deferred(
    /^451 4\.4\.1 .*does not take our greeting: 451 4\.3\.0 later$/,
    '<- 220 mx\n-> EHLO\n<- 451 4.3.0 later\n.. hang',
  ),
  'EHLO and HELO: 5yz': deferred(
    /^451 4\.4\.1 .*does not take our greeting: 550 5\.7\.1 no HELO$/,
    '<- 220 mx\n-> EHLO\n<- 550 5.7.1 no EHLO\n-> HELO\n<- 550 5.7.1 no HELO\n.. hang',
  ),
  'STARTTLS: 4yz': inPlainBecause(
    /^the host refuses STARTTLS: 454 4\.7\.0 no key$/,
    steps(startTls, '<- 454 4.7.0 no key', mail, rcpt, data, '.. message', saved),
  ),
  'STARTTLS: 5yz': inPlainBecause(
    /^the host refuses STARTTLS: 502 5\.5\.1 what\?$/,
    steps(startTls, '<- 502 5.5.1 what?', mail, rcpt, data, '.. message', saved),
  ),
  'STARTTLS: 4yz where it is required': {
    ...deferred(
      /^451 4\.7\.5 .*TLS is required, and it refuses STARTTLS: 454 4\.7\.0 no key$/,
      steps(startTls, '<- 454 4.7.0 no key\n.. hang'),
    ),
    tls: 'required',
  },
  'MAIL: 4yz': deferred(/^450 4\.1\.8 who are you$/, steps(upTo.mail, '-> MAIL\n<- 450 4.1.8 who are you')),
  'MAIL: 421': deferred(
    /^421 4\.3\.2 shutting down$/,
    steps(upTo.mail, '-> MAIL\n<- 421 4.3.2 shutting down\n.. close'),
  ),
  'MAIL: 5yz': bounced(/^550 5\.7\.1 not you$/, steps(upTo.mail, '-> MAIL\n<- 550 5.7.1 not you')),
  'RCPT: 4yz': deferred(/^450 4\.2\.0 greylisted$/, steps(upTo.rcpt, '-> RCPT\n<- 450 4.2.0 greylisted')),
  'RCPT: 5yz': bounced(/^550 5\.1\.1 nobody$/, steps(upTo.rcpt, '-> RCPT\n<- 550 5.1.1 nobody')),
  'RCPT: 5yz without a word': bounced(/^550 ?$/, steps(upTo.rcpt, '-> RCPT\n<- 550')),
  'DATA: 4yz': deferred(/^451 4\.3\.0 later$/, steps(upTo.data, '-> DATA\n<- 451 4.3.0 later')),
  'DATA: 5yz': bounced(
    /^554 5\.5\.1 no valid recipients$/,
    steps(upTo.data, '-> DATA\n<- 554 5.5.1 no valid recipients'),
  ),
  'the final dot: 4yz': { ...deferred(/^452 4\.3\.1 full$/, steps(upTo.dot, '<- 452 4.3.1 full')), taken: 1 },
  'the final dot: 5yz': {
    ...bounced(/^554 5\.7\.1 this is spam$/, steps(upTo.dot, '<- 554 5.7.1 this is spam')),
    taken: 1,
  },
  'SIZE too small': bounced(
    /^552 5\.3\.4 at most 1000 octets$/,
    steps(offering('SIZE 1000'), '-> MAIL\n<- 552 5.3.4 at most 1000 octets'),
  ),
  'SIZE too small, said after the message': {
    ...bounced(
      /^552 5\.3\.4 at most 1000 octets$/,
      steps(offering('SIZE 1000'), mail, rcpt, data, '.. message', '<- 552 5.3.4 at most 1000 octets'),
    ),
    taken: 1,
  },
}

/** Replies without an end, in pieces, of nonsense. */
const replies: Readonly<Record<string, HostileServer>> = {
  'a banner of 1 MB': deferred(/^451 4\.4\.1 .*a line of more than 4096 octets$/, '<* 220-x 200000\n.. hang'),
  'a banner without an end': deferred(
    /^451 4\.4\.1 .*a reply of more than 200 lines$/,
    '.. here\n<- 220-and another line\n.. again',
  ),
  'EHLO lines without an end': deferred(
    /^451 4\.4\.1 .*a reply of more than 200 lines$/,
    '<- 220 mx\n-> EHLO\n.. here\n<- 250-X-EXTENSION of some length\n.. again',
  ),
  'a refusal without an end': deferred(
    /^451 4\.4\.2 .*lost at RCPT.*a reply of more than 200 lines$/,
    steps(upTo.rcpt, '-> RCPT\n.. here\n<- 550-5.1.1 nobody\n.. again'),
  ),
  'replies in pieces': {
    ...delivered(
      String.raw`<= 22
      .. wait 20ms
      <= 0 mx\r
      .. wait 20ms
      <= \n
      -> EHLO
      <= 250-mx\r\n25
      .. wait 20ms
      <= 0 HELP\r\n
      -> MAIL
      <. 10ms 250 2.1.0 ok
      -> RCPT
      <- 250 2.1.5 ok
      -> DATA
      <- 354 go on
      .. message
      <= 250-2.0.0 sa
      .. wait 20ms
      <= ved\r\n250 2.0.0\x20
      .. wait 20ms
      <= and sound\r\n`,
    ),
    reply: /^250 2\.0\.0 saved and sound$/,
  },
  'a refusal of many lines, in pieces': bounced(
    /^550 5\.1\.1 nobody by that name$/,
    steps(
      upTo.rcpt,
      '-> RCPT',
      String.raw`<= 550-5.1.1 nob`,
      '.. wait 20ms',
      String.raw`<= ody\r\n550-5.1.1 by\r\n550 5.1`,
      '.. wait 20ms',
      String.raw`<= .1 that name\r\n`,
    ),
  ),
  'control characters in a refusal': bounced(
    /^550 5\.1\.1 no \[31mbody$/,
    steps(upTo.rcpt, String.raw`-> RCPT`, String.raw`<= 550 5.1.1 no\x1b[31mbody\x00\x07\r\n`),
  ),
  'another language': deferred(
    /^451 4\.4\.1 .*this is no SMTP: not a reply: \\?"HTTP/,
    '<- HTTP/1.1 400 Bad Request\n.. hang',
  ),
  'answers that come before their commands': deferred(
    /^451 4\.4\.[12] /,
    String.raw`<= 220 mx\r\n250 mx\r\n250 ok\r\n250 ok\r\n354 go\r\n250 2.0.0 saved\r\n` + '\n.. hang',
  ),
  'yes instead of 354': deferred(
    /^451 4\.4\.2 .*lost at DATA.*makes no sense here: 250$/,
    steps(upTo.data, '-> DATA\n<- 250 2.0.0 saved\n.. hang'),
  ),
  '354 to MAIL': deferred(
    /^451 4\.4\.2 .*lost at MAIL.*makes no sense here: 354$/,
    steps(upTo.mail, '-> MAIL\n<- 354 go on\n.. hang'),
  ),
}

/** TLS that is no TLS. */
const security: Readonly<Record<string, HostileServer>> = {
  'a 250 behind the answer to STARTTLS': inPlainBecause(
    /^TLS was offered and failed: .*spoke on in plain behind its reply/,
    steps(startTls, String.raw`<= 220 go\r\n250-mx\r\n250 AUTH PLAIN\r\n`, '.. hang'),
    inPlain,
  ),
  'a 250 behind the answer to STARTTLS where TLS is required': {
    ...deferred(
      /^451 4\.7\.5 .*TLS is required: .*spoke on in plain behind its reply/,
      steps(startTls, String.raw`<= 220 go\r\n250 mx\r\n`, '.. starttls\n.. hang'),
    ),
    tls: 'required',
  },
  'a 250 a moment after the answer to STARTTLS': {
    ...deferred(
      /^451 4\.7\.5 .*TLS is required: TLS: /,
      steps(startTls, '<- 220 go\n.. wait 20ms\n<- 250 mx\n.. hang'),
    ),
    tls: 'required',
  },
  'rubbish for a handshake': inPlainBecause(
    /^TLS was offered and failed: TLS: /,
    steps(startTls, '<- 220 go\n.. wait 20ms\n<* rubbish 1000\n.. hang'),
    inPlain,
  ),
  'no handshake at all': inPlainBecause(
    /^TLS was offered and failed: TLS: no handshake within 5000 ms$/,
    steps(startTls, '<- 220 go\n.. hang'),
    inPlain,
  ),
  'a close at the handshake': inPlainBecause(
    /^TLS was offered and failed: TLS: /,
    steps(startTls, '<- 220 go\n.. close'),
    inPlain,
  ),
  'a reset at the handshake where TLS is required': {
    ...deferred(/^451 4\.7\.5 .*TLS is required: TLS: /, steps(startTls, '<- 220 go\n.. reset')),
    tls: 'required',
  },
  'TLS that fails and is then asked for': deferred(
    /^451 4\.7\.5 .*it wants TLS, and TLS was offered and failed/,
    steps(startTls, '<- 220 go\n.. close'),
    steps(offering('STARTTLS'), '-> MAIL\n<- 530 5.7.0 STARTTLS first'),
  ),
}

/** Connections that end, and replies that don't come when they should. */
const endings: Readonly<Record<string, HostileServer>> = {
  'a close in the middle of DATA': inTheMiddle(
    /^451 4\.4\.2 .*lost at DATA, before the end of the message/,
    '.. octets 1000\n.. close',
  ),
  'a reset in the middle of DATA': inTheMiddle(
    /^451 4\.4\.2 .*lost at DATA, before the end of the message/,
    '.. octets 1000\n.. reset',
  ),
  // It may be lost with the connection: then it is heard the next time.
  'a refusal in the middle of DATA': inTheMiddle(
    /^(?:452 4\.3\.1 full|451 4\.4\.2 .*lost at DATA.*)$/,
    '.. octets 1000\n<- 452 4.3.1 full\n.. wait 200ms\n.. close',
  ),
  'nothing read of DATA': inTheMiddle(
    /^451 4\.4\.2 .*lost at DATA, before the end of the message: the message was not taken: nothing within 5000 ms$/,
    '.. stall',
  ),
  'a late answer to DATA': delivered(steps(upTo.dot, '.. wait 400ms', saved)),
  'an answer to DATA that comes too late': uncertain(
    /^451 4\.4\.2 .*may have been delivered.*no reply within 5000 ms/,
    steps(upTo.dot, '.. wait 7500ms', saved, '.. hang'),
  ),
  'a close instead of the last answer': uncertain(
    /^451 4\.4\.2 .*may have been delivered/,
    steps(upTo.dot, '.. close'),
  ),
  silence: deferred(/^451 4\.4\.1 .*no reply within 5000 ms$/, '.. hang'),
  'a close at once': deferred(/^451 4\.4\.1 .*closed/, '.. close'),
  'a banner octet by octet': deferred(
    /^451 4\.4\.1 .*no reply within 5000 ms$/,
    `${DRIP} 220 mx.hostile.test is glad to be of service`,
  ),
  'EHLO octet by octet': deferred(
    /^451 4\.4\.1 .*no reply within 5000 ms$/,
    `<- 220 mx\n-> EHLO\n${DRIP} 250 mx.hostile.test is glad to be of service`,
  ),
  'RCPT octet by octet': deferred(
    /^451 4\.4\.2 .*lost at RCPT.*no reply within 5000 ms$/,
    steps(upTo.rcpt, `-> RCPT\n${DRIP} 250 2.1.5 that would be all right`),
  ),
  'the last answer octet by octet': uncertain(
    /^451 4\.4\.2 .*may have been delivered.*no reply within 5000 ms/,
    steps(upTo.dot, `${DRIP} 250 2.0.0 that would be all right`),
  ),
}

/** By a name for people. */
export const HOSTILE_SERVERS: Readonly<Record<string, HostileServer>> = {
  ...refusals,
  ...replies,
  ...security,
  ...endings,
}

/** What it does when it has come to its senses. */
export const takes = ({ tls }: HostileServer): string =>
  tls === undefined
    ? steps(upTo.dot, saved)
    : steps(startTls, '<- 220 go\n.. starttls\n-> EHLO\n<- 250 mx', mail, rcpt, data, '.. message', saved)
