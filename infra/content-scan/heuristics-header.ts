import { getDomain } from 'tldts'
import { domainOfAddress, type Headers } from './headers.ts'

export interface HeaderFacts {
  readonly headers: Headers
  /** When the mail was accepted, ms. */
  readonly acceptedAt: number
  readonly reversePath: string | null
}

const HOUR = 3_600_000
const DAY = 24 * HOUR

const FREE_MAIL: ReadonlySet<string> = new Set(
  'gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.co.in yahoo.fr yahoo.de yahoo.com.br ymail.com rocketmail.com hotmail.com hotmail.co.uk hotmail.fr outlook.com live.com live.co.uk msn.com aol.com aim.com mail.com email.com gmx.com gmx.de gmx.net web.de freenet.de mail.ru inbox.ru list.ru bk.ru yandex.ru yandex.com rediffmail.com lycos.com excite.com netscape.net eudoramail.com hushmail.com protonmail.com proton.me icloud.com me.com libero.it tiscali.it virgilio.it 163.com 126.com qq.com sina.com sohu.com zoho.com fastmail.com tutanota.com walla.com mail2world.com myway.com'.split(
    ' ',
  ),
)

const registered = (domain: string): string => getDomain(domain, { allowPrivateDomains: true }) ?? domain

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const DATE =
  /^(?:[a-z]{3,9},?\s+)?(\d{1,2})[ -]([a-z]{3})[a-z]*[ -](\d{2,4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s+([+-]\d{4}|[a-z]{1,5}))?/i

/** RFC 5322 3.3 date-time -> ms, null when it is none. A zone that is no offset counts as UTC. */
export const dateOf = (value: string): number | null => {
  const found = DATE.exec(value.trim())
  if (found === null) return null
  const month = MONTHS.indexOf((found[2] ?? '').toLowerCase())
  const [day, year, hour, minute, second] = [1, 3, 4, 5, 6].map((group) => Number(found[group] ?? 0))
  if (month < 0 || day === undefined || year === undefined || hour === undefined || minute === undefined) return null
  if (day < 1 || day > 31 || hour > 23 || minute > 59 || (second ?? 0) > 60) return null
  const full = year < 50 ? 2000 + year : year < 1_000 ? 1900 + year : year
  const offset = /^([+-])(\d{2})(\d{2})$/.exec(found[7] ?? '')
  const minutes = offset === null ? 0 : (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3]))
  return Date.UTC(full, month, day, hour, minute, second ?? 0) - minutes * 60_000
}

const from = (facts: HeaderFacts) => facts.headers.addresses('from')[0]
const replyTo = (facts: HeaderFacts) => facts.headers.addresses('reply-to')[0]
const recipients = (facts: HeaderFacts) => [...facts.headers.addresses('to'), ...facts.headers.addresses('cc')]
const aged = (facts: HeaderFacts): number => {
  const date = dateOf(facts.headers.first('date'))
  return date === null ? 0 : facts.acceptedAt - date
}
const letters = (text: string): string => text.replaceAll(/[^\p{L}]/gu, '')
const isReply = (facts: HeaderFacts): boolean => facts.headers.has('in-reply-to') || facts.headers.has('references')
const once = ['from', 'date', 'subject', 'to', 'message-id', 'reply-to', 'sender', 'content-type']
const raw8Bit = (value: string): boolean =>
  /[\x80-\xff]/.test(value) && Buffer.from(value, 'latin1').toString('utf8').includes('\ufffd')
const encodedAscii = (value: string): boolean =>
  [...value.matchAll(/=\?[\w-]{1,40}\?b\?([A-Za-z0-9+/=]{4,2000})\?=/gi)].some(([, text]) =>
    /^[\x20-\x7e]+$/.test(Buffer.from(text ?? '', 'base64').toString('latin1')),
  )
const badAddress = (received: string): boolean => {
  const literal = /\[(\d{1,4})\.(\d{1,4})\.(\d{1,4})\.(\d{1,4})\]/.exec(received)
  return literal !== null && literal.slice(1).some((octet) => Number(octet) > 255)
}

/** One idea each: a name (described and weighed in domain/scoring/weights.ts) and whether the header block shows it. */
export const headerTests: readonly (readonly [name: string, shows: (facts: HeaderFacts) => boolean])[] = [
  ['MISSING_DATE', ({ headers }) => !headers.has('date')],
  ['MISSING_MESSAGE_ID', ({ headers }) => !headers.has('message-id')],
  ['MISSING_FROM', ({ headers }) => !headers.has('from')],
  ['MISSING_TO', ({ headers }) => !headers.has('to') && !headers.has('cc')],
  ['MISSING_SUBJECT', ({ headers }) => headers.text('subject') === ''],
  ['DATE_INVALID', ({ headers }) => headers.has('date') && dateOf(headers.first('date')) === null],
  ['DATE_ZONE_INVALID', ({ headers }) => /[+-](?:1[5-9]|[2-9]\d)\d\d\b/.test(headers.first('date').slice(-14))],
  ['DATE_IN_FUTURE', (facts) => aged(facts) < -12 * HOUR],
  ['DATE_IN_PAST', (facts) => aged(facts) > 7 * DAY],
  ['FROM_SEVERAL', (facts) => facts.headers.all('from').length > 1 || facts.headers.addresses('from').length > 1],
  [
    'FROM_INVALID',
    (facts) => facts.headers.has('from') && !/^[^@\s]+@[\w-]+(?:\.[\w-]+)+$/.test(from(facts)?.address ?? ''),
  ],
  [
    'FROM_NAME_IS_OTHER_ADDRESS',
    (facts) => {
      const shown = /[\w.+-]{1,64}@((?:[\w-]{1,63}\.){1,5}[a-z]{2,20})/i.exec(from(facts)?.name ?? '')?.[1]
      return (
        shown !== undefined &&
        registered(shown.toLowerCase()) !== registered(domainOfAddress(from(facts)?.address ?? ''))
      )
    },
  ],
  [
    'FROM_DIGITS',
    (facts) => /^(?=.*\d{4})[a-z]*\d[a-z\d]*@|^\w*[a-z]\d{3,}[a-z]\w*@/i.test(from(facts)?.address ?? ''),
  ],
  [
    'FROM_IS_TO',
    (facts) => {
      const to = recipients(facts)
      return to.length === 1 && to[0]?.address.toLowerCase() === from(facts)?.address.toLowerCase()
    },
  ],
  [
    'REPLY_TO_OTHER_FREE_MAIL',
    (facts) => {
      const reply = domainOfAddress(replyTo(facts)?.address ?? '')
      return FREE_MAIL.has(reply) && reply !== domainOfAddress(from(facts)?.address ?? '')
    },
  ],
  [
    'REPLY_TO_OTHER_DOMAIN',
    (facts) => {
      const reply = replyTo(facts)?.address
      const own = from(facts)?.address
      if (reply === undefined || own === undefined || facts.headers.has('list-id') || facts.headers.has('list-post'))
        return false
      return registered(domainOfAddress(reply)) !== registered(domainOfAddress(own))
    },
  ],
  [
    'ENVELOPE_OTHER_DOMAIN',
    (facts) => {
      const own = from(facts)?.address
      if (facts.reversePath === null || own === undefined) return false
      return registered(domainOfAddress(facts.reversePath)) !== registered(domainOfAddress(own))
    },
  ],
  [
    'SUBJECT_ALL_CAPS',
    ({ headers }) => {
      const text = letters(headers.text('subject').replace(/^(?:re|fwd?|aw):\s*/i, ''))
      return text.length >= 8 && text === text.toUpperCase() && text !== text.toLowerCase()
    },
  ],
  ['SUBJECT_EXCLAIMS', ({ headers }) => /!!|\?\?|!.*!|\${2}/.test(headers.text('subject'))],
  ['SUBJECT_ENCODED_ASCII', ({ headers }) => encodedAscii(headers.first('subject'))],
  [
    'SUBJECT_SPACED_OUT',
    ({ headers }) =>
      /(?:\b\p{L}[ ._*-]{1,2}){5,}/u.test(headers.text('subject')) || / {6,}\S/.test(headers.text('subject')),
  ],
  [
    'SUBJECT_HOLDS_RECIPIENT',
    (facts) => {
      const local = recipients(facts)[0]?.address.split('@')[0] ?? ''
      return local.length >= 4 && facts.headers.text('subject').toLowerCase().startsWith(local.toLowerCase())
    },
  ],
  ['SUBJECT_FAKE_REPLY', (facts) => /^re\s*:/i.test(facts.headers.text('subject')) && !isReply(facts)],
  ['RECIPIENTS_UNDISCLOSED', ({ headers }) => /undisclosed|unlisted|recipient list/i.test(headers.first('to'))],
  ['RECIPIENTS_MANY', (facts) => recipients(facts).length >= 15],
  [
    'RECIPIENTS_ALIKE',
    (facts) => {
      const starts = recipients(facts).map(({ address }) => address.slice(0, 3).toLowerCase())
      return starts.length >= 5 && new Set(starts).size <= 2
    },
  ],
  [
    'MESSAGE_ID_MALFORMED',
    ({ headers }) =>
      headers.has('message-id') && !/^<[^<>\s@]+@[^<>\s@]+>$/.test(headers.first('message-id').slice(0, 500)),
  ],
  [
    'MESSAGE_ID_NO_DOMAIN',
    ({ headers }) => /@(?:localhost|[^.>]*|\[?\d+\.\d+\.\d+\.\d+\]?)>$/.test(headers.first('message-id').slice(0, 500)),
  ],
  [
    'MUA_FORGED',
    ({ headers }) => {
      const agent = headers.first('x-mailer')
      const id = headers.first('message-id')
      if (/^microsoft outlook express/i.test(agent))
        return !headers.has('x-mimeole') || !/^<[0-9a-f]{12}\$[0-9a-f]{8}\$/i.test(id)
      if (/^microsoft outlook[, ]/i.test(agent)) return !/^<[\w.+-]*(?:\$|@|\.)/.test(id)
      return /^the bat!/i.test(agent) && !/^<\d+\.\d+@/.test(id)
    },
  ],
  [
    'MUA_OUTDATED',
    ({ headers }) =>
      /^microsoft outlook express [4-6]|^aol [3-9]|^mozilla 4|^the bat! \(v[12]/i.test(headers.first('x-mailer')),
  ],
  ['RECEIVED_INVALID', ({ headers }) => headers.all('received').some(badAddress)],
  [
    'RECEIVED_HELO_IS_US',
    ({ headers }) =>
      headers.all('received').some((value) => {
        const found = /^from ([\w.-]{4,253}) .{0,400}? by ([\w.-]{4,253})\b/i.exec(value)
        return (
          found !== null && found[1]?.toLowerCase() === found[2]?.toLowerCase() && !/127\.0\.0\.1|localhost/.test(value)
        )
      }),
  ],
  ['FIELDS_REPEATED', ({ headers }) => once.some((name) => headers.all(name).length > 1)],
  ['HEADER_RAW_8BIT', ({ headers }) => ['subject', 'from', 'to'].some((name) => raw8Bit(headers.first(name)))],
  [
    'PRIORITY_HIGH',
    ({ headers }) =>
      /^\s*[12]\b/.test(headers.first('x-priority')) || /^\s*high/i.test(headers.first('x-msmail-priority')),
  ],
  [
    'MIME_VERSION_MISSING',
    ({ headers }) =>
      /^\s*(?:text\/html|multipart)/i.test(headers.first('content-type')) && !headers.has('mime-version'),
  ],
  ['LISTED', ({ headers }) => headers.has('list-id') && (headers.has('list-unsubscribe') || headers.has('list-post'))],
  [
    'REPLIES',
    (facts) =>
      isReply(facts) &&
      /^<[^<>\s]+@[^<>\s]+>/.test(facts.headers.first('in-reply-to') || facts.headers.first('references')),
  ],
]
