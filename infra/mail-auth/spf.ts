import { spf as checkHost } from 'mailauth'
import { spfResult, type AuthenticationResults } from '#domain/message/authentication-results'
import { explanation, explanationOf } from './explanation.ts'
import type { MethodDns } from './mailauth-resolver.ts'

type Spf = Omit<AuthenticationResults['spf'], 'aligned'>

/** Questions one evaluation may ask: RFC 7208 4.6.4 allows 10 terms, `mx` and `ptr` of them up to 10 addresses each. */
export const SPF_QUESTIONS = 150

/**
 * SPF (RFC 7208) of the envelope sender; of the HELO name where the reverse path is null (2.4). Never rejects: what goes wrong is
 * a temperror with its reason.
 */
export const evaluateSpf = async (
  mail: {
    readonly ip: string
    readonly helo: string | null
    readonly reversePath: string | null
    readonly hostname: string
  },
  dns: MethodDns,
): Promise<Spf> => {
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
