import { isDeepStrictEqual } from 'node:util'
import { isDeclined } from '#domain/kernel/decider'
import { mailDecider } from '#domain/mail/decider'
import type { MailEvent } from '#domain/mail/events'
import { blockedFiles, filesOf } from '#domain/scoring/blocked-files'
import type { Evidence } from '#domain/scoring/evidence'
import { judgeMail } from '#domain/scoring/judge-mail'
import type { HostedDomains } from '#infra/commands/hosted-domains'
import type { Policies } from '#infra/commands/policies'
import type { ContentReader } from '#infra/content-store/port'
import { NotRecorded } from '#infra/dns/replay-resolver'
import type { EventLog } from '#infra/event-log/port'
import type { Authentication } from '#infra/mail-auth/authenticate-mail'
import { circumstancesAsOf } from './circumstances.ts'
import { authenticatedAgain, contentOf, recordedDns, symbolsAgain, tableOf } from './from-evidence.ts'
import { NoJudgement, recordedJudgement, type RecordedJudgement } from './recorded-judgement.ts'

export interface ReplayParts {
  readonly log: EventLog
  readonly content: Pick<ContentReader, 'read'>
  readonly domains: HostedDomains
  readonly policies: Policies
}

/** A verdict made again from what was recorded, compared with the one that was made. */
export interface Replay {
  readonly same: boolean
  /** SPF, DKIM, DMARC and ARC were made again, or taken as they were recorded: the bytes are no longer kept. */
  readonly authentication: 'recomputed' | 'content-gone'
  readonly policyVersion: number
  /** Version of the built-in weight table it was judged with. */
  readonly weights: number
  /** Answers of the DNS in the evidence. */
  readonly answers: number
  /** What came out otherwise: the kind of event, and what it says. */
  readonly differences: readonly { readonly what: string; readonly recorded: unknown; readonly replayed: unknown }[]
}

/**
 * Recomputes authentication (while the content is kept), symbols and dispositions of a mail from its evidence, with the lists and the policy as of
 * its acceptance. Asks nobody. @throws NoJudgement when there was no verdict
 */
export const replayMail = async (parts: ReplayParts, mailId: string): Promise<Replay> => {
  const recorded = await recordedJudgement(parts, mailId)
  const { evidence } = recorded
  if (evidence.format !== 2)
    throw new NoJudgement('Its evidence is of the first build, which did not keep what the content showed.')
  await Promise.all([parts.policies.fresh(), parts.domains.fresh()])
  const found = { policyVersion: evidence.policyVersion, weights: evidence.weights, answers: evidence.dns.length }
  const raw = await contentOf(parts.content, recorded.mail)
  const authentication = raw === null ? 'content-gone' : 'recomputed'
  try {
    const replayed = await judgedAgain(parts, recorded, evidence, raw)
    const differences = compared(recorded.events, replayed)
    return { same: differences.length === 0, authentication, ...found, differences }
  } catch (error) {
    if (!(error instanceof NotRecorded)) throw error
    const differences = [{ what: 'evidence', recorded: null, replayed: error.message }]
    return { same: false, authentication, ...found, differences }
  }
}

const judgedAgain = async (
  { log, domains, policies }: ReplayParts,
  { mail, position, events, judgedAt }: RecordedJudgement,
  evidence: Evidence,
  raw: Buffer | null,
): Promise<readonly MailEvent[]> => {
  const policy = policies.asOf('inspection', position)
  const { accepted } = mail
  const dns = recordedDns(evidence)
  const [authenticated] = events
  if (authenticated?.type !== 'Authenticated') throw new Error('a verdict begins with Authenticated')
  const { results, header }: Authentication =
    raw === null ? authenticated.data : await authenticatedAgain(raw, evidence, dns, policy.document.authentication)
  const symbols = await symbolsAgain({ mail, evidence, results, dns, lists: policy.document.uriBlockLists })
  const { lists: _, ...circumstances } = await circumstancesAsOf({ log, domains }, mail.recipients, position)
  const { verdicts, symbols: weighed } = judgeMail(
    {
      ...accepted,
      ...circumstances,
      results,
      symbols,
      blocked:
        evidence.files === null ? evidence.blocked : blockedFiles(filesOf(evidence.files), policy.document.attachments),
    },
    policy.document,
    tableOf(evidence),
  )
  const decided = mailDecider.decide(
    {
      kind: 'judge',
      authentication: { results, header, evidence: authenticated.data.evidence },
      symbols: weighed,
      policyVersion: policy.version,
      evidence: authenticated.data.evidence,
      verdicts,
      now: judgedAt,
      expiresAt: judgedAt + policy.document.quarantineFor,
    },
    mail,
  )
  if (isDeclined(decided)) throw new Error(`the verdict is declined now: ${decided.reason}`)
  return decided
}

const compared = (recorded: readonly MailEvent[], replayed: readonly MailEvent[]): Replay['differences'] =>
  Array.from({ length: Math.max(recorded.length, replayed.length) }, (_, at) => [recorded[at], replayed[at]] as const)
    .filter(([before, again]) => !isDeepStrictEqual(comparable(before), comparable(again)))
    .map(([before, again]) => ({
      what: (before ?? again)?.type ?? '',
      recorded: before?.data ?? null,
      replayed: again?.data ?? null,
    }))

/** Without the sentences for people, which later builds may word otherwise, and without times that differ by how long an append took. */
const comparable = (event: MailEvent | undefined): unknown => {
  if (event === undefined) return null
  const { type } = event
  switch (type) {
    case 'Scored': {
      const { symbols, ...data } = event.data
      return { type, data, symbols: symbols.map(({ name, weight }) => [name, weight]) }
    }
    case 'Quarantined':
      return { type, ...event.data, expiresAt: null }
    case 'Cleared':
      return { type, ...event.data, at: null }
    default:
      return { type, data: event.data }
  }
}
