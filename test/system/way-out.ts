import type { ExportedEvent } from './observing.ts'
import type { Acknowledged } from './load.ts'
import type { TakenMail } from './sink.ts'

/*
 * What the log says of mails that went out through many lives of a server, held against what its clients heard and its next hops took. Each
 * function answers what is wrong, in sentences.
 */

const ENDS = new Set(['Delivered', 'Bounced', 'QueueExpired'])

interface Ended {
  readonly type: string
  readonly at: number
}

export interface Submitted {
  readonly id: string
  readonly account: string | null
  readonly recipients: readonly string[]
  /** Per recipient every outcome that is final. */
  readonly ends: ReadonlyMap<string, readonly Ended[]>
}

/** Every mail that was accepted, reports too (of no account). */
export const submittedIn = (events: readonly ExportedEvent[]): ReadonlyMap<string, Submitted> => {
  const mails = new Map<string, Submitted & { readonly ends: Map<string, Ended[]> }>()
  for (const { stream, type, data, occurredAt } of events) {
    const id = stream.slice('mail-'.length)
    if (type === 'Accepted') {
      const { account, recipients } = data as { account: string | null; recipients: { mailbox: string }[] }
      mails.set(id, { id, account, recipients: recipients.map(({ mailbox }) => mailbox), ends: new Map() })
    } else if (ENDS.has(type)) {
      const ends = mails.get(id)?.ends
      const recipient = String(data['recipient'])
      ends?.set(recipient, [...(ends.get(recipient) ?? []), { type, at: Date.parse(occurredAt) }])
    }
  }
  return mails
}

/** Every mail has one outcome for each recipient, and what got a 250 is there with all its recipients. */
export const outcomeFaults = (
  mails: ReadonlyMap<string, Submitted>,
  acknowledged: readonly Acknowledged[],
  comesBack: string,
): string[] => [
  ...acknowledged.flatMap(({ id, recipients }) =>
    mails.get(id)?.recipients.toSorted().join() === recipients.toSorted().join()
      ? []
      : [`${id} got a 250, and is in the log as ${JSON.stringify(mails.get(id)?.recipients)}`],
  ),
  ...[...mails.values()].flatMap(({ id, recipients, ends }) =>
    recipients.flatMap((recipient) => {
      const ended = (ends.get(recipient) ?? []).map(({ type }) => type).join()
      const due = recipient === comesBack ? 'Bounced' : 'Delivered'
      return ended === due ? [] : [`${id} to ${recipient}: ${ended}, not ${due}`]
    }),
  ),
]

export interface Twice {
  readonly id: string
  readonly recipient: string
  /** In which lives it was taken. */
  readonly lives: readonly number[]
}

/** What next hops took more than once. */
export const takenTwice = (taken: readonly TakenMail[]): readonly Twice[] => {
  const lives = new Map<string, number[]>()
  for (const { id, recipients, life } of taken)
    for (const recipient of recipients) {
      const key = `${id} ${recipient}`
      lives.set(key, [...(lives.get(key) ?? []), life])
    }
  return [...lives].flatMap(([key, several]) => {
    const [id = '', recipient = ''] = key.split(' ')
    return several.length > 1 ? [{ id, recipient, lives: several }] : []
  })
}

/**
 * A copy too many is one whose record a kill came before: no life sent a recipient two of them, the log has the outcome from the life that sent the last one,
 * and no life left more mails so than it may have under way to a next hop. `begins`: when each life began.
 */
export const twiceFaults = (
  mails: ReadonlyMap<string, Submitted>,
  taken: readonly TakenMail[],
  begins: readonly number[],
  underWay: number,
): string[] => {
  const lifeAt = (at: number): number => begins.findLastIndex((begin) => begin <= at)
  const twice = takenTwice(taken)
  const last = new Map<string, number>()
  for (const { id, recipients, life } of taken) for (const recipient of recipients) last.set(`${id} ${recipient}`, life)
  const left = Map.groupBy(
    twice.flatMap(({ id, lives }) => lives.slice(0, -1).map((life) => ({ id, life }))),
    ({ life }) => life,
  )
  return [
    ...twice.flatMap(({ id, recipient, lives }) =>
      new Set(lives).size === lives.length ? [] : [`${id} to ${recipient} was sent in the lives ${lives.join()}`],
    ),
    ...[...last].flatMap(([key, life]) => {
      const [id = '', recipient = ''] = key.split(' ')
      const [end] = mails.get(id)?.ends.get(recipient) ?? []
      return end !== undefined && lifeAt(end.at) === life
        ? []
        : [`${key} was taken last in life ${life}, and recorded in ${end === undefined ? 'none' : lifeAt(end.at)}`]
    }),
    ...[...left].flatMap(([life, copies]) => {
      const different = new Set(copies.map(({ id }) => id)).size
      return different <= underWay ? [] : [`life ${life} left ${different} mails that were taken and not recorded`]
    }),
  ]
}

/** What was delivered outside, and nobody there has it. */
export const lostOutside = (
  mails: ReadonlyMap<string, Submitted>,
  taken: readonly TakenMail[],
  isOutside: (address: string) => boolean,
): string[] => {
  const there = new Set(taken.flatMap(({ id, recipients }) => recipients.map((recipient) => `${id} ${recipient}`)))
  return [...mails.values()].flatMap(({ id, ends }) =>
    [...ends].flatMap(([recipient, [end]]) =>
      end?.type === 'Delivered' && isOutside(recipient) && !there.has(`${id} ${recipient}`)
        ? [`${id} to ${recipient}`]
        : [],
    ),
  )
}

export interface Reserved {
  readonly mails: number
  readonly recipients: number
  /** Those that have no mail: when they were made. */
  readonly left: readonly number[]
}

/** The places that an account has in its quota, those given back not among them. */
export const reservedBy = (
  account: string,
  events: readonly ExportedEvent[],
  mails: ReadonlyMap<string, Submitted>,
): Reserved => {
  const places = new Map<string, { recipients: number; at: number }>()
  for (const { stream, type, data } of events) {
    if (!stream.startsWith(`sending-${account}-`)) continue
    const { mail, recipients, at } = data as { mail: string; recipients: number; at: number }
    if (type === 'SendingReserved') places.set(mail, { recipients, at })
    if (type === 'SendingReturned') places.delete(mail)
  }
  return {
    mails: places.size,
    recipients: [...places.values()].reduce((sum, { recipients }) => sum + recipients, 0),
    left: [...places].flatMap(([mail, { at }]) => (mails.has(mail) ? [] : [at])),
  }
}
