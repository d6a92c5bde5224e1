import { isDeepStrictEqual } from 'node:util'
import type { MailEvent } from '#domain/mail/events'
import { matchSender } from '#domain/mailbox/sender-pattern'
import type { AuthenticationResults } from '#domain/message/authentication-results'
import type { InspectionPolicy } from '#domain/policy/documents'
import { blockedFiles, filesOf } from '#domain/scoring/blocked-files'
import type { RecordedCheck } from '#domain/scoring/edge-symbols'
import type { Evidence } from '#domain/scoring/evidence'
import { judgeMail } from '#domain/scoring/judge-mail'
import type { CandidatePolicies } from '#domain/simulation/candidate'
import type { Compared, Outcome } from '#domain/simulation/tally'
import { listsAsOf } from '#infra/commands/lists'
import type { DnsResolver } from '#infra/dns/port'
import { NotRecorded } from '#infra/dns/replay-resolver'
import type { Position } from '#infra/event-log/port'
import { circumstancesAsOf, type Circumstances } from './circumstances.ts'
import { authenticatedAgain, contentOf, recordedDns, symbolsAgain, tableOf } from './from-evidence.ts'
import { NoJudgement, recordedJudgement, type RecordedJudgement } from './recorded-judgement.ts'
import type { ReplayParts } from './replay.ts'

/** What was recorded does not tell: a sentence. */
class Untold extends Error {}

/**
 * What other policies would have made of a mail, recipient by recipient: from its evidence alone, with the lists and settings of domains as of its
 * acceptance. Asks nobody.
 */
export const whatIf = async (
  parts: ReplayParts,
  mailId: string,
  candidate: CandidatePolicies,
): Promise<readonly Compared[]> => {
  let recorded: RecordedJudgement
  try {
    recorded = await recordedJudgement(parts, mailId)
  } catch (error) {
    if (error instanceof NoJudgement) return neverJudged(parts, error, candidate)
    throw error
  }
  const { mail, events, after, position } = recorded
  const circumstances = await circumstancesAsOf(parts, mail.recipients, position)
  const outcomes = await outcomesUnder(parts, recorded, circumstances, candidate)
  return Promise.all(
    mail.recipients.map(async ({ mailbox }) => ({
      recipient: mailbox,
      before: outcomeIn(events, mailbox),
      under: outcomes(mailbox),
      released: after.some(({ type, data }) => type === 'Released' && data.recipient === mailbox),
      reported: await isReported(parts, recorded, circumstances, mailbox),
    })),
  )
}

const outcomeIn = (events: readonly MailEvent[], mailbox: string): Compared['before'] =>
  events.some(({ type, data }) => type === 'Quarantined' && data.recipient === mailbox) ? 'held' : 'delivered'

/** A virus that gets in is held under every policy; what could not be scanned and was held is only known to stay so. */
const neverJudged = (
  parts: ReplayParts,
  { message, events, position }: NoJudgement,
  candidate: CandidatePolicies,
): readonly Compared[] => {
  const [accepted] = events
  if (accepted?.type !== 'Accepted' || position === null) return []
  const { unscannable } = candidate.inspection
  const hasVirus = events.some(({ type }) => type === 'VirusDetected')
  const kinds = events.flatMap(({ type, data }) =>
    type === 'FoundUnscannable' ? data.findings.map(({ kind }) => kind) : [],
  )
  const stays = hasVirus || kinds.some((kind) => kind === 'unavailable' || unscannable[kind] !== 'score')
  const under = underEdge(parts, { checks: accepted.data.checks, position }, candidate)
  return accepted.data.recipients.map(({ mailbox }) => ({
    recipient: mailbox,
    before: outcomeIn(events, mailbox),
    under: under ?? (stays ? 'held' : { unknown: message }),
    released: events.some(({ type, data }) => type === 'Released' && data.recipient === mailbox),
    reported: false,
  }))
}

const outcomesUnder = async (
  parts: ReplayParts,
  recorded: RecordedJudgement,
  circumstances: Circumstances,
  candidate: CandidatePolicies,
): Promise<(mailbox: string) => Compared['under']> => {
  const { mail } = recorded
  try {
    const under = underEdge(parts, { checks: mail.accepted.checks, position: recorded.position }, candidate)
    if (under !== null) return () => under
    const { scan } = mail
    if (
      scan.is === 'scored' &&
      scan.kinds.some((kind) => kind !== 'unavailable' && candidate.inspection.unscannable[kind] !== 'score')
    )
      return () => 'held'
    const { verdicts } = await judgedUnder(parts, recorded, circumstances, candidate.inspection)
    const outcomes = new Map(
      verdicts.map((verdict): [string, Outcome] => {
        switch (verdict.verdict) {
          case 'whitelisted':
          case 'exempt':
            return [verdict.recipient, 'delivered']
          case 'blacklisted':
          case 'attachment':
            return [verdict.recipient, 'held']
          case 'scored':
            return [verdict.recipient, verdict.score >= verdict.threshold ? 'held' : 'delivered']
        }
      }),
    )
    return (mailbox) => outcomes.get(mailbox) ?? { unknown: 'It is no recipient of this mail.' }
  } catch (error) {
    const why =
      error instanceof Untold
        ? error.message
        : error instanceof NotRecorded
          ? 'The DNS was not asked then what this policy would ask.'
          : null
    if (why === null) throw error
    return () => ({ unknown: why })
  }
}

/** What the checks of the edge would have made of it; null: it gets in. What was not checked then is not known now. */
const underEdge = (
  { policies }: ReplayParts,
  { checks, position }: { readonly checks: readonly RecordedCheck[]; readonly position: Position },
  { edge }: CandidatePolicies,
): Compared['under'] | null => {
  const then = modesOf(policies.asOf('edge', position).document.checks)
  const results = new Map(checks.map(({ check, result }) => [check, result]))
  const rejecting = [...modesOf(edge.checks)].flatMap(([check, mode]) => (mode === 'reject' ? [check] : []))
  if (rejecting.some((check) => results.get(check) === 'fail')) return 'refused'
  // Who is exempt from checks is exempt of all; else a result was recorded unless the check was off.
  const isExempt = results.size === 0 && [...then.values()].some((mode) => mode !== 'off')
  return !isExempt && rejecting.some((check) => !results.has(check) && then.get(check) === 'off')
    ? { unknown: 'It skipped a check of the edge that this policy makes.' }
    : null
}

/** Check as results name it (`reverse-dns`) -> what policy says of it. */
const modesOf = (checks: object): ReadonlyMap<string, unknown> =>
  new Map(
    Object.entries(checks).map(([name, mode]: [string, unknown]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      mode,
    ]),
  )

const judgedUnder = async (
  parts: ReplayParts,
  recorded: RecordedJudgement,
  circumstances: Circumstances,
  policy: InspectionPolicy,
): Promise<ReturnType<typeof judgeMail>> => {
  const { mail, position, evidence } = recorded
  if (evidence.format !== 2) throw new Untold('Its evidence is of a build that did not keep what the content showed.')
  const before = parts.policies.asOf('inspection', position).document
  const dns = recordedDns(evidence)
  const results = isDeepStrictEqual(before.authentication, policy.authentication)
    ? resultsIn(recorded)
    : await resultsUnder(parts, recorded, evidence, dns, policy)
  const symbols = await symbolsAgain({ mail, evidence, results, dns, lists: policy.uriBlockLists })
  return judgeMail(
    { ...mail.accepted, ...circumstances, results, symbols, blocked: blockedUnder(evidence, before, policy) },
    policy,
    tableOf(evidence),
  )
}

const resultsIn = ({ events: [authenticated] }: RecordedJudgement): AuthenticationResults => {
  if (authenticated?.type !== 'Authenticated') throw new Error('a verdict begins with Authenticated')
  return authenticated.data.results
}

const resultsUnder = async (
  { content }: ReplayParts,
  { mail }: RecordedJudgement,
  evidence: Evidence,
  dns: DnsResolver,
  policy: InspectionPolicy,
): Promise<AuthenticationResults> => {
  const raw = await contentOf(content, mail)
  if (raw === null) throw new Untold('Its content is no longer kept, so that it can not be authenticated another way.')
  return (await authenticatedAgain(raw, evidence, dns, policy.authentication)).results
}

const blockedUnder = (
  { files, blocked }: Evidence,
  before: InspectionPolicy,
  policy: InspectionPolicy,
): readonly string[] => {
  if (isDeepStrictEqual(before.attachments, policy.attachments)) return blocked
  if (files === null) throw new Untold('It has more files than were kept in its evidence.')
  return blockedFiles(filesOf(files), policy.attachments)
}

/** Its user has put the sender on their block list since: that is how one says that it should not have come. */
const isReported = async (
  { log }: ReplayParts,
  { mail }: RecordedJudgement,
  { recipients }: Circumstances,
  mailbox: string,
): Promise<boolean> => {
  const newest = await log.lastPosition({ categories: ['mailbox'] })
  if (newest === null) return false
  const { reversePath, headerAddresses } = mail.accepted
  const blocks = (lists: Parameters<typeof matchSender>[0]): boolean =>
    matchSender(lists, { reversePath, headerAddresses })?.list === 'block'
  const then = recipients.find(({ recipient }) => recipient.mailbox === mailbox)
  return then !== undefined && !blocks(then.own) && blocks((await listsAsOf(log, mailbox, newest)).lists)
}
