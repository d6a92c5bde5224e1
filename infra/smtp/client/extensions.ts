import type { RawReply } from './reply-reader.ts'

/** What a server offers in its answer to EHLO or LHLO (RFC 5321 4.1.1.1). */
export interface Extensions {
  readonly pipelining: boolean
  readonly eightBitMime: boolean
  readonly smtputf8: boolean
  readonly startTls: boolean
  readonly size: boolean
  /** RFC 3461. */
  readonly dsn: boolean
  /** Upper case. */
  readonly auth: readonly string[]
}

export const noExtensions: Extensions = {
  pipelining: false,
  eightBitMime: false,
  smtputf8: false,
  startTls: false,
  size: false,
  dsn: false,
  auth: [],
}

export const extensionsOf = ({ lines }: RawReply): Extensions => {
  const offered = new Map<string, string>()
  for (const line of lines.slice(1)) {
    // AUTH=PLAIN is how servers before RFC 2554 said it.
    const [keyword = '', ...parameters] = line.toUpperCase().split(/[\s=]+/)
    offered.set(keyword, parameters.join(' '))
  }
  return {
    pipelining: offered.has('PIPELINING'),
    eightBitMime: offered.has('8BITMIME'),
    smtputf8: offered.has('SMTPUTF8'),
    startTls: offered.has('STARTTLS'),
    size: offered.has('SIZE'),
    dsn: offered.has('DSN'),
    auth: (offered.get('AUTH') ?? '').split(' ').filter((mechanism) => mechanism !== ''),
  }
}
