import type { Mail } from '#domain/mail/state'
import type { AuthenticationResults } from '#domain/message/authentication-results'
import type { UriBlockList } from '#domain/policy/authentication-policy'
import { authenticationSymbols } from '#domain/scoring/authentication-symbols'
import { edgeSymbols, unscannableSymbols } from '#domain/scoring/edge-symbols'
import { answersOf, type Evidence } from '#domain/scoring/evidence'
import type { ScoringPolicy } from '#domain/scoring/score'
import { ContentMissing, type ContentReader } from '#infra/content-store/port'
import type { DnsAnswer, DnsResolver } from '#infra/dns/port'
import { replayResolver } from '#infra/dns/replay-resolver'
import { uriListSymbols } from '#infra/dns/uri-block-lists'
import { authenticateMail, type Authentication, type AuthenticationPolicy } from '#infra/mail-auth/authenticate-mail'

/* What a verdict goes by, made again from its evidence. Nothing here asks the network: what was not recorded is `NotRecorded`. */

export const recordedDns = (evidence: Evidence): DnsResolver => replayResolver(answersOf(evidence) as DnsAnswer[])

/** The built-in weights as they were then. */
export const tableOf = ({ table }: Evidence): NonNullable<ScoringPolicy['recorded']> =>
  new Map(table.map(([name, weight, decisive]) => [name, { weight, decisive }]))

/** null: the bytes are no longer kept. */
export const contentOf = async (
  content: Pick<ContentReader, 'read'>,
  { accepted, contentHash }: Mail,
): Promise<Buffer | null> => {
  try {
    return await content.read(contentHash, accepted.size)
  } catch (error) {
    if (error instanceof ContentMissing) return null
    throw error
  }
}

export const authenticatedAgain = (
  raw: Buffer,
  { client, reversePath, hostname, clock }: Evidence,
  dns: DnsResolver,
  policy: AuthenticationPolicy,
): Promise<Authentication> =>
  authenticateMail({ raw, ip: client.address, helo: client.helo, reversePath, hostname, dns, now: clock, policy })

export const symbolsAgain = async ({
  mail,
  evidence,
  results,
  dns,
  lists,
}: {
  readonly mail: Mail
  readonly evidence: Evidence
  readonly results: AuthenticationResults
  readonly dns: DnsResolver
  readonly lists: readonly UriBlockList[]
}): Promise<string[]> => [
  ...authenticationSymbols(results),
  ...evidence.content,
  ...(await uriListSymbols(dns, lists, evidence.links)),
  ...edgeSymbols(mail.accepted.checks),
  ...(mail.scan.is === 'scored' ? unscannableSymbols(mail.scan.kinds) : []),
]
