import type { Account } from '#domain/account/state'
import { isDeclined } from '#domain/kernel/decider'
import type { MailCommand } from '#domain/mail/commands'
import { BY_SUSPENSION } from '#domain/mail/suspension'
import { aggregates } from '#infra/commands/aggregates'
import type { RecordedEvent } from '#infra/event-log/port'
import type { QueueRow } from '#projections/delivery-queue/projection'
import type { AccountRow } from '#projections/directory/tables'
import type { StewardParts } from './steward-parts.ts'

type Entry = Pick<QueueRow, 'mail' | 'recipient'>
type QueueParts = Pick<StewardParts, 'clock' | 'commands' | 'states' | 'views'>

export const SUSPENSION_EVENTS = ['AccountSuspended', 'AccountReinstated']
/** So many mails at once; what is left is found by the next look. */
const BATCH = 1_000

/**
 * WhenAccountSuspendedThenHoldQueue, and the other way round when it is reinstated. Decides by the account as it is now: an event that comes late,
 * or a second time, undoes nothing that came after it.
 */
export const holdQueue = async (parts: QueueParts, event: RecordedEvent): Promise<void> => {
  await parts.views.caughtUp('delivery-queue', event.position)
  const account = await accountOf(parts, event.stream.slice('account-'.length))
  if (account === null) return
  if (account.suspended === null) await letGo(parts, account, event)
  else if (event.type === 'AccountSuspended')
    await hold(parts, account.address, 'held = 0', event.metadata.correlationId)
}

/**
 * A mail whose sender was signed in when the suspension came may be accepted after it: it is held, too. Only what nobody has held yet: an administrator
 * who lets one go means it.
 */
export const holdLateMails = async (parts: QueueParts): Promise<void> => {
  const suspended = parts.views.select<Pick<AccountRow, 'address'>>(
    'directory',
    'SELECT address FROM {accounts} WHERE suspended = 1',
  )
  for (const { address } of suspended) {
    if (entriesOf(parts, address, 'held = 0 AND heldBy IS NULL', 1).length === 0) continue
    const account = await accountOf(parts, address)
    if (account?.suspended) await hold(parts, address, 'held = 0 AND heldBy IS NULL', address)
  }
}

const hold = async (parts: QueueParts, account: string, which: string, correlationId: string): Promise<void> => {
  const asked = (entry: Entry): MailCommand => ({ kind: 'hold', recipient: entry.recipient, by: BY_SUSPENSION })
  await forEach(parts, account, which, asked, correlationId)
}

const letGo = async (parts: QueueParts, { address, heldMails }: Account, event: RecordedEvent): Promise<void> => {
  if (heldMails === null || heldMails === 'keep') return
  const now = parts.clock()
  const asked = ({ recipient }: Entry): MailCommand =>
    heldMails === 'release'
      ? { kind: 'unhold', recipient, by: BY_SUSPENSION }
      : { kind: 'bounce', recipient, by: BY_SUSPENSION, now }
  await forEach(parts, address, `held = 1 AND heldBy = '${BY_SUSPENSION}'`, asked, event.metadata.correlationId)
}

/** Through all of them by key. Where one is not in the queue any more, there is nothing to do. */
const forEach = async (
  parts: QueueParts,
  account: string,
  which: string,
  command: (entry: Entry) => MailCommand,
  correlationId: string,
): Promise<void> => {
  for (let after: Entry = { mail: '', recipient: '' }; ;) {
    const entries = entriesOf(parts, account, which, BATCH, after)
    for (const entry of entries) {
      const outcome = await parts.commands.mail(entry.mail, command(entry), {
        actor: { kind: 'system', part: 'steward' },
        now: parts.clock(),
        commandId: crypto.randomUUID(),
        correlationId,
      })
      if (isDeclined(outcome) && outcome.code !== 'conflict') throw new Error(`${entry.mail}: ${outcome.reason}`)
    }
    const last = entries.at(-1)
    if (last === undefined || entries.length < BATCH) return
    after = last
  }
}

const entriesOf = (
  { views }: Pick<QueueParts, 'views'>,
  account: string,
  which: string,
  limit: number,
  after: Entry = { mail: '', recipient: '' },
): readonly Entry[] =>
  views.select<Entry>(
    'delivery-queue',
    `SELECT mail, recipient FROM {entries}
      WHERE account = :account AND state <> 'undeliverable' AND ${which}
        AND (mail > :mail OR (mail = :mail AND recipient > :recipient))
      ORDER BY mail, recipient LIMIT :limit`,
    { account, limit, ...after },
  )

const accountOf = async ({ states }: Pick<QueueParts, 'states'>, address: string): Promise<Account | null> =>
  (await states.loadNewest(aggregates.account, aggregates.account.stream(address))).state
