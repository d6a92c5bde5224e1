import { randomUUID } from 'node:crypto'
import { isDeclined } from '#domain/kernel/decider'
import { HOUR, MINUTE, type Instant } from '#domain/kernel/instant'
import { type DkimCommand, type DkimKey, dkimRecord, isOverlapOver } from '#domain/hosted-domain/dkim'
import { ensureDkimKeys } from '#infra/commands/dkim-keys'
import type { DnsResolver } from '#infra/dns/port'
import { seenDkimRecord } from '#infra/mail-auth/dkim-record'
import { inLanes } from './in-lanes.ts'
import type { StewardParts } from './steward-parts.ts'
import { settleAlarms } from './tell-alarm.ts'
import type { Trouble } from './trouble.ts'

type WatchParts = Pick<
  StewardParts,
  'clock' | 'commands' | 'demo' | 'dkimKeys' | 'freshDns' | 'hostedDomains' | 'logger' | 'secrets' | 'views'
>

/**
 * WhenDomainAddedThenMakeDkimKeys, also for domains that were there before; keys that wait sign when their records are seen (in a demo at
 * once), replaced ones retire when the overlap is over, and a record that is gone while mail is signed with its key is an alarm.
 */
export const dkimWatch = (stopping: AbortSignal): ((parts: WatchParts) => Promise<void>) => {
  /** When each record was looked up last. Kept nowhere else: a look too many does no harm. */
  const lookedAt = new Map<string, Instant>()
  return async (parts) => {
    const { clock, dkimKeys, freshDns, hostedDomains } = parts
    await Promise.all([hostedDomains.fresh(), dkimKeys.fresh()])
    const now = clock()
    const names = hostedDomains.names()
    for (const domain of names) {
      if (stopping.aborted) return
      await settle(parts, domain, now)
    }
    const watched = names.flatMap((domain) =>
      dkimKeys
        .of(domain)
        .filter((key) => key.state === 'waiting' || (key.state === 'signing' && key.because === 'published'))
        .map((key) => ({ domain, key, id: `${domain} ${key.selector}` })),
    )
    const looked = new Map<string, 'unknown' | Trouble | null>()
    const due = watched.filter(({ id, key }) => now >= (lookedAt.get(id) ?? 0) + interval(key, now))
    if (due.length > 0) {
      const dns = freshDns()
      await inLanes(due, stopping, async ({ domain, key, id }) => {
        looked.set(id, await lookAt(parts, dns, domain, key))
      })
    }
    const ids = new Set(watched.map(({ id }) => id))
    for (const id of lookedAt.keys()) if (!ids.has(id)) lookedAt.delete(id)
    if (stopping.aborted) return
    const found = [...looked.values()].filter((fault) => fault !== null && fault !== 'unknown')
    // What was not looked at now is as it was, also where another node found it.
    const stays = (id: string): boolean => ids.has(id) && (!looked.has(id) || looked.get(id) === 'unknown')
    await settleAlarms(parts, 'dkim-record', found, stays)
    for (const id of looked.keys()) lookedAt.set(id, now)
  }
}

/** A new key is published soon, or the administrator has other things to do. */
const interval = ({ addedAt, state }: DkimKey, now: Instant): number =>
  state === 'waiting' ? Math.min(HOUR, Math.max(MINUTE, (now - addedAt) / 10)) : HOUR

/** What takes no look into the DNS. */
const settle = async (parts: WatchParts, domain: string, now: Instant): Promise<void> => {
  const { demo, dkimKeys, logger } = parts
  const keys = dkimKeys.of(domain)
  if (keys.length === 0) {
    const asked = { actor: ACTOR, now, correlationId: `dkim/${domain}` }
    const made = await ensureDkimKeys(parts, domain, demo() ? { ...asked, signing: 'demo' } : asked)
    if (isDeclined(made)) logger.warn({ domain, reason: made.reason }, 'DKIM keys could not be made')
    return
  }
  for (const { selector } of keys.filter((key) => isOverlapOver(key, now)))
    await tell(parts, domain, { kind: 'retire-dkim-key', selector, force: false, now })
  const selectors = keys.filter(({ state }) => state === 'waiting').map(({ selector }) => selector)
  if (demo() && selectors.length > 0)
    await tell(parts, domain, { kind: 'start-dkim-signing', selectors, because: 'demo', now })
}

/** Begins to sign when the record is there; what is wrong with the record of a key that signs. */
const lookAt = async (
  parts: WatchParts,
  dns: DnsResolver,
  domain: string,
  key: DkimKey,
): Promise<Trouble | 'unknown' | null> => {
  const { state, problem } = await seenDkimRecord(dns, domain, key)
  const { selector } = key
  if (key.state === 'waiting') {
    if (state === 'published')
      await tell(parts, domain, {
        kind: 'start-dkim-signing',
        selectors: [selector],
        because: 'published',
        now: parts.clock(),
      })
    return null
  }
  if (state === 'unknown') return 'unknown'
  if (state === 'published') return null
  const { name } = dkimRecord(domain, key)
  return {
    kind: 'dkim-record',
    subject: `${domain} ${selector}`,
    detail: `Mail of ${domain} is signed with a key whose record ${name} ${state === 'missing' ? 'is gone' : `is another now: ${problem ?? 'it differs'}`}: others distrust it. Publish it again: mailkeep domain dkim ${domain}`,
  }
}

const ACTOR = { kind: 'system', part: 'steward' } as const

const tell = async ({ clock, commands, logger }: WatchParts, domain: string, command: DkimCommand): Promise<void> => {
  const outcome = await commands.hostedDomain(domain, command, {
    actor: ACTOR,
    now: clock(),
    commandId: `dkim/${domain}/${randomUUID()}`,
    correlationId: `dkim/${domain}`,
  })
  if (isDeclined(outcome)) logger.warn({ domain, reason: outcome.reason }, 'a step with a DKIM key was declined')
  else if (outcome.events.length > 0) logger.info({ domain, ...command }, 'DKIM')
}
