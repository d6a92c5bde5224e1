import type { Mail, RecipientState } from '#domain/mail/state'
import { rfc5322Date } from '#infra/smtp/rfc5322-date'
import { formatHex } from './trace-words.ts'

const WIDTH = 78

/**
 * What Mailkeep puts on top of a mail at delivery (interface.md §3): Return-Path (Maildir only), Received (RFC 5321 4.4),
 * Authentication-Results (RFC 8601), and for inbound mail X-Spam-Status and X-Spam-Score in SpamAssassin's form. `usualThreshold`: policy's,
 * for a recipient who was not judged.
 */
export const traceHeaders = (
  mailId: string,
  mail: Mail,
  recipient: RecipientState,
  usualThreshold: number,
  { returnPath = true }: { readonly returnPath?: boolean } = {},
): string => {
  const { accepted, authentication } = mail
  const lines = [receivedHeader(mailId, mail, recipient.address)]
  if (returnPath) lines.unshift(`Return-Path: <${plain(accepted.reversePath ?? '')}>`)
  if (authentication !== null) lines.push(authenticationResults(authentication.header))
  // RFC 8601 2.7.4: who submitted it was authenticated by us.
  else if (accepted.account !== null)
    lines.push(
      fold(`Authentication-Results: ${plain(accepted.hostname)}; auth=pass smtp.auth=${pvalue(accepted.account)}`),
    )
  if (accepted.flow === 'inbound') lines.push(...spamHeaders(mail, recipient, usualThreshold))
  return `${lines.join('\r\n')}\r\n`
}

/** One line per result, as it was recorded; each of them folded by itself, so that no line between them is ever empty. */
const authenticationResults = (header: string): string =>
  `Authentication-Results: ${header}`
    .split(/\r\n[ \t]+/)
    .map((line) => fold(line.replaceAll(/ {2,}/g, ' ')))
    .join('\r\n ')

/** `only`: the recipient of this copy; null: it has several, who need not know of each other. */
export const receivedHeader = (mailId: string, { accepted }: Mail, only: string | null): string => {
  const { client, hostname, protocol, tls } = accepted
  const from =
    protocol === 'internal'
      ? ''
      : `from ${plain(client.helo ?? 'unknown')} (${plain(client.name ?? 'unknown')} [${ipLiteral(client.address)}]) `
  return fold(
    `Received: ${from}by ${plain(hostname)} (Mailkeep) with ${protocol === 'internal' ? 'LOCAL' : protocol} id ${mailId}${tls === null ? '' : ` (${plain(tls)})`}${only === null ? '' : ` for <${plain(only)}>`}; ${rfc5322Date(accepted.acceptedAt)}`,
  )
}

const spamHeaders = (mail: Mail, recipient: RecipientState, usualThreshold: number): string[] => {
  const threshold = (recipient.threshold ?? usualThreshold).toFixed(1)
  if (recipient.released !== null)
    return [`X-Spam-Status: No, score=0.0 required=${threshold} tests=RELEASED`, 'X-Spam-Score: 0.0']
  if (recipient.score === null)
    return [`X-Spam-Status: No, score=0.0 required=${threshold} tests=NOT_JUDGED`, 'X-Spam-Score: 0.0']
  const score = recipient.score.toFixed(1)
  const spam = recipient.threshold !== null && recipient.score >= recipient.threshold
  const tests = mail.symbols.length === 0 ? 'none' : mail.symbols.map((symbol) => symbol.name).join(',')
  return [
    fold(`X-Spam-Status: ${spam ? 'Yes' : 'No'}, score=${score} required=${threshold} tests=${tests}`),
    `X-Spam-Score: ${score}`,
  ]
}

/** Folds at blanks and after commas (RFC 5322 2.2.3), so that no line is longer than it must be. */
const fold = (header: string): string => {
  const words = header.split(/(?<=,)(?=\S)| /)
  const lines: string[] = []
  let line = ''
  for (const [index, word] of words.entries()) {
    const glue =
      index > 0 && !words[index - 1]!.endsWith(',')
        ? ' '
        : index > 0 && header.includes(`${words[index - 1]} ${word}`)
          ? ' '
          : ''
    if (line !== '' && line.length + glue.length + word.length > WIDTH) {
      lines.push(line)
      line = `\t${word}`
    } else line += glue + word
  }
  lines.push(line)
  return lines.join('\r\n')
}

/** Printable only, nothing that could end a header, a comment or a path. */
const plain = (value: string): string =>
  value.replaceAll(/[\p{Cc}()\\<>]/gu, (character) => formatHex(character)).slice(0, 320)

/** As a token, or quoted where it is none (RFC 8601 2.2). */
const pvalue = (address: string): string =>
  /^[\w!#$%&'*+/=?^`{|}~.@-]+$/.test(address) ? address : `"${plain(address).replaceAll(/["\\]/g, String.raw`\$&`)}"`

const ipLiteral = (address: string): string => (address.includes(':') ? `IPv6:${address}` : address)
