import type { AuthenticationResults } from '#domain/message/authentication-results'

/** A property or its value as RFC 8601 2.2 `pvalue` and `value` (RFC 2045 5.1) allow: a token, else a quoted string. */
const valueOf = (text: string): string => {
  const ascii = text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 255)
  return /^[\w!#$%&'*+.^`{|}~-]+$/.test(ascii) ? ascii : `"${ascii.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

const property = (name: string, text: string | null): string =>
  text === null || text === '' ? '' : ` ${name}=${valueOf(text)}`
const reason = (text: string | null): string =>
  text === null ? '' : ` reason=${valueOf(text).replace(/^([^"].*)$/, '"$1"')}`

/**
 * The value of Authentication-Results (RFC 8601 2.2): one line per result, folded with CRLF and a space. Everything in it that
 * strangers chose is quoted; nothing can end a line or add a field. One result each of SPF, DMARC and ARC: many readers keep but one.
 */
export const formatAuthenticationResults = (
  results: AuthenticationResults,
  mail: {
    readonly hostname: string
    readonly ip: string
    readonly reversePath: string | null
    readonly helo: string | null
  },
): string => {
  const { spf, dkim, dmarc, arc } = results
  const identity = mail.reversePath === null ? property('smtp.helo', mail.helo) : property('smtp.mailfrom', spf.domain)
  const lines = [
    `spf=${spf.result}${spf.result === 'pass' ? '' : reason(spf.explanation)}${identity}`,
    ...(dkim.length === 0 ? ['dkim=none'] : []),
    ...dkim.map(
      (signature) =>
        `dkim=${signature.result}${reason(signature.explanation)}${property('header.d', signature.domain)}${property('header.s', signature.selector)}${property('header.a', signature.algorithm)}`,
    ),
    `dmarc=${dmarc.result}${(dmarc.result === 'pass' || dmarc.result === 'fail') && dmarc.sealer === undefined ? '' : reason(dmarc.explanation)}${property('header.from', dmarc.domain)}${property('policy.dmarc', dmarc.policy)}`,
    `arc=${arc.result}${arc.result === 'pass' ? '' : reason(arc.explanation)}${arc.instances > 0 ? property('smtp.remote-ip', mail.ip) : ''}`,
  ]
  return [valueOf(mail.hostname), ...lines].join(';\r\n ')
}
