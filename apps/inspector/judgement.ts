import { blockedFiles, filesEvidence } from '#domain/scoring/blocked-files'
import type { AttachmentFact } from '#domain/scoring/attachments'
import { authenticationSymbols } from '#domain/scoring/authentication-symbols'
import { edgeSymbols, unscannableSymbols } from '#domain/scoring/edge-symbols'
import { dnsEvidence, formatEvidence, type Evidence } from '#domain/scoring/evidence'
import { symbolEntry, weightsVersion } from '#domain/scoring/weights'
import { contentFindings } from '#infra/content-scan/heuristics'
import { MAIL_BOUNDS, boundedResolver } from '#infra/dns/bounded-resolver'
import { recordingResolver } from '#infra/dns/recording-resolver'
import { trustingResolver } from '#infra/dns/trusting-resolver'
import type { DnsResolver, ValidatedResolver } from '#infra/dns/port'
import { MAX_LINK_DOMAINS, uriListSymbols } from '#infra/dns/uri-block-lists'
import { authenticateMail } from '#infra/mail-auth/authenticate-mail'
import type { Judgement, Judging } from './inspection.ts'

/** What speaks for and against a mail, and the evidence of it: every answer of the DNS that was used, and all that is not in the bytes. */
export const findJudgement = async (
  job: Judging,
  raw: Buffer,
  files: readonly AttachmentFact[],
  dns: DnsResolver & ValidatedResolver,
): Promise<Judgement> => {
  const asked = job.resolverIsTrusted ? trustingResolver(dns) : dns
  const recorded = recordingResolver(boundedResolver(asked, MAIL_BOUNDS))
  const { attachments, authentication, uriBlockLists } = job.policy
  const { results, header } = await authenticateMail({
    raw,
    ip: job.client.address,
    helo: job.client.helo,
    reversePath: job.reversePath,
    hostname: job.hostname,
    dns: recorded,
    now: job.acceptedAt,
    policy: authentication,
  })
  const content = contentFindings({ raw, acceptedAt: job.acceptedAt, reversePath: job.reversePath })
  const links = content.linkDomains.slice(0, MAX_LINK_DOMAINS)
  const symbols = [
    ...authenticationSymbols(results),
    ...content.symbols,
    ...(await uriListSymbols(recorded, uriBlockLists, links)),
    ...edgeSymbols(job.checks),
    ...unscannableSymbols(job.unscannable),
  ]
  const blocked = blockedFiles(files, attachments)
  return {
    results,
    header,
    symbols,
    blockedAttachments: blocked,
    evidence: formatEvidence({
      format: 2,
      clock: job.acceptedAt,
      client: job.client,
      reversePath: job.reversePath,
      hostname: job.hostname,
      dns: dnsEvidence(recorded.answers()),
      scanner: job.scanner,
      model: null,
      weights: weightsVersion,
      policyVersion: job.policyVersion,
      content: content.symbols,
      table: tableOf(symbols),
      links,
      files: filesEvidence(files),
      blocked,
      lists: job.lists.map(([owner, revision]) => [owner, revision]),
      features: content.features,
    }),
  }
}

const tableOf = (symbols: readonly string[]): Evidence['table'] =>
  [...new Set(symbols)].map((name) => {
    const entry = symbolEntry(name)
    return [name, entry?.weight ?? 0, entry?.decisive === true]
  })
