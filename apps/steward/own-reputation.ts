import { DAY, HOUR, type Instant } from '#domain/kernel/instant'
import { lookUpListing } from '#infra/dns/block-list'
import { isTemporary, type DnsResolver } from '#infra/dns/port'
import { inLanes } from './in-lanes.ts'
import type { StewardParts } from './steward-parts.ts'
import { settleAlarms } from './tell-alarm.ts'
import type { Trouble } from './trouble.ts'

type ReputationParts = Pick<
  StewardParts,
  'clock' | 'commands' | 'freshDns' | 'hostedDomains' | 'hostname' | 'logger' | 'policies' | 'views'
>

/**
 * Looks up our own addresses and domains in the block lists of policy: once a day, when the policy changes, after a start, and after an
 * hour where a list gave no answer. A listing is an alarm until it is gone. When it looks is no promise to anybody: a look too
 * many does no harm, so nothing of it is kept.
 */
export const ownReputation = (stopping: AbortSignal): ((parts: ReputationParts) => Promise<void>) => {
  let next: { readonly at: Instant; readonly policy: number } | null = null
  return async (parts) => {
    const { clock, hostedDomains, policies } = parts
    await Promise.all([policies.fresh(), hostedDomains.fresh()])
    const { version, document } = policies.current('relay')
    const now = clock()
    if (next !== null && next.policy === version && now < next.at) return
    const complete = await look(parts, document.ownBlockLists, stopping)
    if (!stopping.aborted) next = { at: now + (complete ? DAY : HOUR), policy: version }
  }
}

/** Answers whether every list has answered. */
const look = async (
  parts: ReputationParts,
  lists: { readonly addresses: readonly string[]; readonly domains: readonly string[] },
  stopping: AbortSignal,
): Promise<boolean> => {
  const { freshDns, hostedDomains, logger } = parts
  const dns = freshDns()
  const names = hostedDomains.names()
  const own = lists.addresses.length === 0 ? { addresses: [], complete: true } : await ownAddresses(parts, dns)
  const questions = [
    ...lists.addresses.flatMap((zone) => own.addresses.map((subject) => ({ subject, zone }))),
    ...lists.domains.flatMap((zone) => names.map((subject) => ({ subject, zone }))),
  ]
  const found: Trouble[] = []
  const unknown = new Set<string>()
  await inLanes(questions, stopping, async ({ subject, zone }) => {
    const listing = await lookUpListing(dns, subject, zone)
    const about = `${subject}@${zone}`
    if (listing.state === 'unknown') {
      unknown.add(about)
      logger.warn({ subject, list: zone, why: listing.why }, 'a block list does not say whether we are on it')
    } else if (listing.state === 'listed')
      found.push({
        kind: 'own-listing',
        subject: about,
        detail: `${subject} is on the block list ${zone} (${listing.codes.join(', ')}${listing.reason === null ? '' : `: ${listing.reason}`}): others refuse mail from it. Find out what was sent, end it, then ask the list to remove it.`,
      })
  })
  if (stopping.aborted) return false
  // While our name's addresses are not known, neither is what became of those that were listed.
  await settleAlarms(parts, 'own-listing', found, (about) => unknown.has(about) || !own.complete)
  return unknown.size === 0 && own.complete
}

/** Those that domains are set to send from, and those of our name. */
const ownAddresses = async (
  { hostedDomains, hostname }: ReputationParts,
  dns: DnsResolver,
): Promise<{ readonly addresses: readonly string[]; readonly complete: boolean }> => {
  const answers = await Promise.all([dns.query(hostname, 'A'), dns.query(hostname, 'AAAA')])
  const set = hostedDomains.names().flatMap((name) => hostedDomains.current(name)?.sendingAddresses ?? [])
  return {
    addresses: [...new Set([...set, ...answers.flatMap(({ records }) => records.map(String))])],
    complete: !answers.some(({ outcome }) => isTemporary(outcome)),
  }
}
