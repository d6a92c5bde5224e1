import { spf as checkHost } from 'mailauth'
import { spfResult, type AuthenticationResults } from '#domain/message/authentication-results'
import { parseDomainName } from '#domain/message/domain-name'
import { explanation, explanationOf } from './explanation.ts'
import type { MethodDns } from './mailauth-resolver.ts'

type Spf = Omit<AuthenticationResults['spf'], 'aligned'>

/** Questions one evaluation may ask: RFC 7208 4.6.4 allows 10 terms, `mx` and `ptr` of them up to 10 addresses each. */
export const SPF_QUESTIONS = 150

interface SpfMail {
  readonly ip: string
  readonly helo: string | null
  readonly reversePath: string | null
  readonly hostname: string
}

/**
 * SPF (RFC 7208) of the envelope sender; of the HELO name where the reverse path is null (2.4). Never rejects: what goes wrong is
 * a temperror with its reason.
 */
export const evaluateSpf = async (mail: SpfMail, dns: MethodDns): Promise<Omit<Spf, 'helo'>> => {
  try {
    const found = await checkHost({
      ip: mail.ip,
      helo: mail.helo ?? `[${mail.ip}]`,
      ...(mail.reversePath === null ? {} : { sender: mail.reversePath }),
      mta: mail.hostname,
      resolver: dns.resolve,
      strict: true,
    })
    const result = spfResult.safeParse(found.status.result)
    return {
      result: result.success ? result.data : 'temperror',
      domain: found.domain === '' || found.domain === '-' ? null : found.domain.slice(0, 255),
      // The domain's own words where it publishes some (exp=), else what the evaluation says.
      explanation: explanation(found.explanation) ?? explanation(found.status.comment?.replace(/^[^:]*: /, '')),
    }
  } catch (error) {
    return { result: 'temperror', domain: null, explanation: explanationOf(error) }
  }
}

/** Of the HELO name beside that of the envelope sender (2.3). undefined: it is no name, or was looked at instead of a null reverse path. */
export const evaluateHelo = async (mail: SpfMail, dns: MethodDns): Promise<Spf['helo']> => {
  const name = mail.helo === null ? null : parseDomainName(mail.helo)
  if (name === null || !name.includes('.') || mail.reversePath === null) return undefined
  const { result } = await evaluateSpf({ ...mail, reversePath: null }, dns)
  return { result, domain: name }
}
