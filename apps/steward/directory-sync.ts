import { randomUUID } from 'node:crypto'
import { isDeclined } from '#domain/kernel/decider'
import { HOUR, MINUTE, type Instant } from '#domain/kernel/instant'
import type { HostedDomainCommand } from '#domain/hosted-domain/commands'
import { planDirectory, tooMuchVanishes } from '#domain/hosted-domain/directory-plan'
import { domainStream, type DirectorySyncedCounts } from '#domain/hosted-domain/events'
import type { HostedDomain } from '#domain/hosted-domain/state'
import { DIRECTORY_EVENTS } from '#projections/directory/follows'
import type { AccountRow, DomainRow } from '#projections/directory/tables'
import { aggregates } from '#infra/commands/aggregates'
import { DirectoryAway } from '#infra/directory-source/port'
import { carryOutPlan } from './carry-out-plan.ts'
import type { StewardParts } from './steward-parts.ts'

const LEASE = 30 * MINUTE
const AGAIN_AFTER = 15 * MINUTE
export type SyncParts = Pick<
  StewardParts,
  'clock' | 'commands' | 'hostedDomains' | 'log' | 'logger' | 'policies' | 'sources' | 'states' | 'views'
>

/** The nightly copies of LDAP directories, and those that somebody asked for. */
export const syncDirectories = async (parts: SyncParts, signal: AbortSignal): Promise<void> => {
  const due = parts.views.select<DomainRow>(
    'directory',
    `SELECT * FROM {domains} WHERE syncDueAt <= :now AND (syncLeaseUntil IS NULL OR syncLeaseUntil <= :now)
      ORDER BY syncDueAt LIMIT 10`,
    { now: parts.clock() },
  )
  for (const { name } of due) {
    if (signal.aborted) return
    await syncDirectory(parts, name, signal)
  }
}

/** Claims the work, reads the whole directory, compares, does what differs, and says how it went. */
const syncDirectory = async (parts: SyncParts, name: string, signal: AbortSignal): Promise<void> => {
  const { clock, commands, logger, policies } = parts
  await policies.fresh()
  const began = clock()
  // Two nodes that begin in the same millisecond are two: the same event ids would let both of them win.
  const attempt = randomUUID()
  const tell = (command: HostedDomainCommand) =>
    commands.hostedDomain(name, command, {
      actor: { kind: 'system', part: 'steward' },
      now: clock(),
      commandId: `directory/${name}/${attempt}/${command.kind}`,
      correlationId: `directory/${name}`,
    })
  const started = await tell({ kind: 'start-sync', now: began, leaseUntil: began + LEASE })
  if (isDeclined(started) || started.state === null) return
  try {
    const outcome = await copied(parts, started.state, attempt, signal)
    const nextAt = nextNight(clock(), policies.current('edge').document.recipientVerification.syncHour)
    if (typeof outcome === 'string') {
      logger.error({ domain: name, reason: outcome }, 'the copy of an LDAP directory was stopped')
      await tell({ kind: 'fail-sync', reason: outcome, nextAt })
    } else {
      logger.info({ domain: name, ...outcome }, 'LDAP directory copied')
      await tell({ kind: 'finish-sync', done: outcome, nextAt })
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const expected = error instanceof DirectoryAway
    logger.error({ domain: name, ...(expected ? { reason } : { err: error }) }, 'an LDAP directory could not be copied')
    await tell({ kind: 'fail-sync', reason, nextAt: signal.aborted ? clock() : clock() + AGAIN_AFTER })
  }
}

/** What was done; or, as a sentence, why nothing was. */
const copied = async (
  parts: SyncParts,
  { name, settings, sync }: HostedDomain,
  attempt: string,
  signal: AbortSignal,
): Promise<DirectorySyncedCounts | string> => {
  const source = parts.sources.directory(name, settings)
  if (source === null) throw new DirectoryAway('the domain has no LDAP directory any more')
  const entries = await source.everything(signal)
  // Compared with what is ours after the directory was read: what a sender brought in meanwhile is no stranger.
  const newest = await parts.log.lastPosition(DIRECTORY_EVENTS)
  if (newest !== null) await parts.views.caughtUp('directory', newest, MINUTE)
  const { state } = await parts.states.loadNewest(aggregates.hostedDomain, domainStream(name))
  if (state === null) throw new DirectoryAway('the domain is not hosted any more')
  const accounts = parts.views.select<AccountRow>('directory', 'SELECT * FROM {accounts} WHERE domain = :name', {
    name,
  })
  const plan = planDirectory(
    {
      domain: name,
      addresses: state.addresses,
      accounts: new Map(
        accounts.map(({ address, displayName, source: from }) => [address, { displayName, source: from }]),
      ),
    },
    entries,
  )
  const { vanishAtMost } = parts.policies.current('edge').document.recipientVerification
  const problem = sync.requested?.acceptRemovals === true ? null : tooMuchVanishes(name, plan, vanishAtMost)
  return problem ?? (await carryOutPlan(parts, name, plan, attempt, signal))
}

const nextNight = (now: Instant, hour: number): Instant => {
  const day = 24 * HOUR
  const tonight = Math.floor(now / day) * day + hour * HOUR
  return tonight > now ? tonight : tonight + day
}
