import { encodeTime } from 'ulid'
import { MOST_SHOWN, type DigestContent } from '#domain/digest/events'
import { DAY, type Instant } from '#domain/kernel/instant'
import type { ViewReader } from '#infra/views/port'

/** A window of an account's digest: from the last one's end (exclusive) to this one's. */
export interface DigestWindow {
  readonly address: string
  readonly from: Instant | null
  readonly to: Instant
  /** Position of the last held mail that a digest looked at. */
  readonly through: string | null
}

/** A mail may be delivered so long after it was accepted and still be counted. */
const LONGEST_WAY = 7 * DAY

const NEW_HELD = `FROM {items} WHERE recipient = :address AND heldPosition > :through AND reason <> 'virus'`
const SHOWN = `SELECT mail ${NEW_HELD} ORDER BY mail DESC LIMIT :limit`
const COUNTED = `SELECT count(*) AS count ${NEW_HELD}`
const LAST = 'SELECT max(heldPosition) AS last FROM {items} WHERE recipient = :address'
const INFECTED = `SELECT count(*) AS count FROM {items}
  WHERE recipient = :address AND heldPosition > :through AND reason = 'virus'`
const RECEIVED = `SELECT
    coalesce(sum(r.deliveredAt > :from AND r.deliveredAt <= :to), 0) AS delivered,
    coalesce(sum(r.listed = 'allow' AND m.acceptedAt > :from AND m.acceptedAt <= :to), 0) AS allowed,
    coalesce(sum(r.listed = 'block' AND m.acceptedAt > :from AND m.acceptedAt <= :to), 0) AS blocked
  FROM {participants} p JOIN {mails} m ON m.mail = p.mail JOIN {recipients} r ON r.mail = p.mail AND r.mailbox = p.address
  WHERE p.address = :address AND p.mail >= :first AND p.asRecipient = 1 AND m.flow <> 'system'`
const SENT = `SELECT count(*) AS count FROM {participants} p JOIN {mails} m ON m.mail = p.mail
  WHERE p.address = :address AND p.mail >= :first AND p.asAccount = 1 AND m.acceptedAt > :from AND m.acceptedAt <= :to`
const REFUSED = `SELECT coalesce(sum(count), 0) AS count FROM {items}
  WHERE recipientKey = :address AND day >= :day AND at > :from AND at <= :to`

/** What there is to tell of a window, from the views as they are, and up to which held mail it looked. */
export const gather = (
  views: Pick<ViewReader, 'select'>,
  { address, from, to, through }: DigestWindow,
): { readonly tells: DigestContent; readonly through: string | null } => {
  const after = from ?? to - DAY
  const held = { address, through: through ?? '' }
  const first = mailIdAt(after - LONGEST_WAY)
  const window = { address, from: after, to }
  const one = <Row>(view: string, sql: string, values: Record<string, string | number | null>): Row => {
    const [row] = views.select<Row>(view, sql, values)
    if (row === undefined) throw new Error(`the view ${view} answers a count with no row`)
    return row
  }
  const { last } = one<{ last: string | null }>('quarantine', LAST, { address })
  const received = one<{ delivered: number; allowed: number; blocked: number }>('mail-trace', RECEIVED, {
    ...window,
    first,
  })
  return {
    tells: {
      held: views.select<{ mail: string }>('quarantine', SHOWN, { ...held, limit: MOST_SHOWN }).map(({ mail }) => mail),
      heldCount: one<{ count: number }>('quarantine', COUNTED, held).count,
      counts: {
        delivered: received.delivered,
        sent: one<{ count: number }>('mail-trace', SENT, { ...window, first }).count,
        refused: one<{ count: number }>('refusals', REFUSED, { ...window, day: after - (after % DAY) }).count,
        infected: one<{ count: number }>('quarantine', INFECTED, held).count,
        allowed: received.allowed,
        blocked: received.blocked,
      },
    },
    // Mails that are gone from quarantine are told no more; a later one has a greater position.
    through: last !== null && last > (through ?? '') ? last : through,
  }
}

export const isEmpty = ({ heldCount, counts }: DigestContent): boolean =>
  heldCount === 0 && Object.values(counts).every((count) => count === 0)

/** Before every mail id of that time (ULIDs sort by time). */
const mailIdAt = (at: Instant): string => encodeTime(Math.max(0, at))
