import { isAdministrator, type Asker } from '../account/asker.ts'
import { Declined, type Decider } from '../kernel/decider.ts'
import type { ArchiveCommand } from './commands.ts'
import { ArchiveQuotaSet, HoldPlaced, MOST_PURGED, RetentionSet, type ArchiveEvent } from './events.ts'
import { isHeld } from './holds.ts'
import { retainedUntil } from './retention.ts'
import { MAXIMUM_HOLDS, ownRetention, untouchedArchive, type ArchiveAccount } from './state.ts'

type Command<Kind extends ArchiveCommand['kind']> = Extract<ArchiveCommand, { kind: Kind }>
type Answer = readonly ArchiveEvent[] | Declined

const decide = (command: ArchiveCommand, archive: ArchiveAccount): Answer => {
  switch (command.kind) {
    case 'set-subscription':
      return subscribe(archive, command)
    case 'set-archive-quota':
      return setQuota(archive, command)
    case 'set-retention':
      return setRetention(archive, command)
    case 'place-hold':
      return placeHold(archive, command)
    case 'lift-hold':
      return liftHold(archive, command)
    case 'purge':
      return purge(archive, command)
  }
}

const subscribe = (archive: ArchiveAccount, { subscribed, asker }: Command<'set-subscription'>): Answer => {
  if (!isAdministrator(asker)) return byAdministrator
  if (subscribed === archive.subscribed) return []
  if (subscribed === null) return [{ type: 'SubscriptionReverted', data: {} }]
  return [{ type: subscribed ? 'Subscribed' : 'Unsubscribed', data: {} }]
}

const setQuota = (archive: ArchiveAccount, { bytes, asker }: Command<'set-archive-quota'>): Answer => {
  if (!isAdministrator(asker)) return byAdministrator
  if (bytes === archive.quota) return []
  if (bytes === 'policy') return [{ type: 'ArchiveQuotaReverted', data: {} }]
  return ArchiveQuotaSet.schema.safeParse({ bytes }).success
    ? [{ type: 'ArchiveQuotaSet', data: { bytes } }]
    : new Declined('invalid', 'quotaBytes: a number of bytes, null for no bound, or "policy"')
}

const setRetention = (archive: ArchiveAccount, { days, now, asker }: Command<'set-retention'>): Answer => {
  if (!isAdministrator(asker)) return byAdministrator
  if (days === ownRetention(archive)) return []
  if (days === 'policy') return [{ type: 'RetentionReverted', data: { at: now } }]
  const data = { days, at: now }
  return RetentionSet.schema.safeParse(data).success
    ? [{ type: 'RetentionSet', data }]
    : new Declined('invalid', 'retentionDays: 1 to 36500 days, null for ever, or "policy"')
}

/** An officer's, whoever else may administer. */
const placeHold = (archive: ArchiveAccount, { wanted, asker, now }: Command<'place-hold'>): Answer => {
  if (!isOfficer(asker)) return byOfficer
  const same = archive.holds.find(
    ({ hold, name, from, until, query }) =>
      hold === wanted.hold ||
      (name === wanted.name && from === wanted.from && until === wanted.until && query === wanted.query),
  )
  if (same !== undefined)
    return same.name === wanted.name &&
      same.from === wanted.from &&
      same.until === wanted.until &&
      same.query === wanted.query
      ? []
      : new Declined('conflict', 'another hold has this id')
  if (wanted.from !== null && wanted.until !== null && wanted.until <= wanted.from)
    return new Declined('invalid', 'until: later than from')
  const data = { ...wanted, by: asker.address, at: now }
  const parsed = HoldPlaced.schema.safeParse(data)
  if (!parsed.success)
    return new Declined(
      'invalid',
      parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; '),
    )
  return archive.holds.length >= MAXIMUM_HOLDS
    ? new Declined('over-limit', `an account has at most ${MAXIMUM_HOLDS} holds at a time`)
    : [{ type: 'HoldPlaced', data }]
}

const liftHold = (archive: ArchiveAccount, { hold, reason, now, asker }: Command<'lift-hold'>): Answer => {
  if (!isOfficer(asker)) return byOfficer
  if (!archive.holds.some((each) => each.hold === hold)) return new Declined('not-found', `there is no hold ${hold}`)
  return reason.trim() === '' || reason.length > 1_000
    ? new Declined('invalid', 'reason: why it is lifted, at most 1000 characters')
    : [{ type: 'HoldLifted', data: { hold, reason, by: asker.address, at: now } }]
}

/** Of the candidates those whose time is over and that nothing holds. A hold that is in place by now wins, whatever had begun before. */
const purge = (archive: ArchiveAccount, command: Command<'purge'>): Answer => {
  const { after, because, candidates, now, policyRetention, policyVersion } = command
  if (candidates.length > MOST_PURGED) return new Declined('over-limit', `at most ${MOST_PURGED} copies at a time`)
  if (after !== (archive.purged?.batch ?? 0))
    return new Declined('conflict', `batch ${archive.purged?.batch ?? 0} was purged meanwhile`)
  const named = new Set<string>()
  const copies = candidates.flatMap(({ acceptedAt, retainUntil, ...copy }) => {
    const until = retainedUntil({ dueAt: copy.dueAt, retainUntil }, archive.retention, policyRetention)
    const key = `${copy.role} ${copy.mail}`
    if (until === null || until > now || named.has(key)) return []
    if (isHeld(archive.holds, { acceptedAt, dueAt: copy.dueAt })) return []
    named.add(key)
    return [{ ...copy, retainedUntil: until }]
  })
  return copies.length === 0
    ? []
    : [{ type: 'Purged', data: { batch: after + 1, because, policyVersion, copies, at: now } }]
}

const isOfficer = (asker: Asker): asker is Extract<Asker, { kind: 'account' }> =>
  asker.kind === 'account' && asker.roles.includes('compliance')

const byAdministrator = new Declined('forbidden', 'what the archive keeps is for an administrator to say')
const byOfficer = new Declined('forbidden', 'holds are placed and lifted by a compliance officer')

const evolve = (archive: ArchiveAccount, event: ArchiveEvent): ArchiveAccount => {
  switch (event.type) {
    case 'Subscribed':
      return { ...archive, subscribed: true }
    case 'Unsubscribed':
      return { ...archive, subscribed: false }
    case 'SubscriptionReverted':
      return { ...archive, subscribed: null }
    case 'ArchiveQuotaSet':
      return { ...archive, quota: event.data.bytes }
    case 'ArchiveQuotaReverted':
      return { ...archive, quota: 'policy' }
    case 'RetentionSet':
      return { ...archive, retention: [...archive.retention, { since: event.data.at, days: event.data.days }] }
    case 'RetentionReverted':
      return { ...archive, retention: [...archive.retention, { since: event.data.at, days: 'policy' }] }
    case 'HoldPlaced':
      return { ...archive, holds: [...archive.holds, event.data] }
    case 'HoldLifted':
      return { ...archive, holds: archive.holds.filter(({ hold }) => hold !== event.data.hold) }
    case 'Purged':
      return { ...archive, purged: event.data }
    default:
      event satisfies never
      return archive
  }
}

export const archiveDecider: Decider<ArchiveCommand, ArchiveEvent, ArchiveAccount> = {
  initial: untouchedArchive,
  evolve,
  decide,
}
