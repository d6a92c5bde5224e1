import { isDeclined } from '#domain/kernel/decider'
import type { Instant } from '#domain/kernel/instant'
import type { MailCommand } from '#domain/mail/commands'
import type { Asked } from '#infra/commands/execute'
import type { Position } from '#infra/event-log/port'
import type { ApiParts } from '../parts.ts'
import { countMatching, entriesMatching, type EntryKey, type QueueFilter } from './queue-filter.ts'

export const queueActs = ['retry', 'bounce', 'hold', 'unhold'] as const
export type QueueAct = (typeof queueActs)[number]

export const queueCommand = (act: QueueAct, recipient: string, by: string, now: Instant): MailCommand => {
  switch (act) {
    case 'retry':
      return { kind: 'retry-now', recipient, by, now }
    case 'bounce':
      return { kind: 'bounce', recipient, by, now }
    case 'hold':
    case 'unhold':
      return { kind: act, recipient, by }
  }
}

/** Entries that an act changes; of the others there is nothing to do. What is on hold is not tried: it is to be let go first. */
const CHANGES: Readonly<Record<QueueAct, string>> = {
  retry: "held = 0 AND (state = 'undeliverable' OR dueAt > :now)",
  bounce: 'TRUE',
  hold: "held = 0 AND state <> 'undeliverable'",
  unhold: 'held = 1',
}

export interface ActOnMany {
  readonly act: QueueAct
  readonly filter: QueueFilter
  /** Where an earlier call of the same act ended. */
  readonly after: EntryKey | null
  readonly limit: number
  readonly by: string
  readonly now: Instant
  /** The metadata of one entry's command. */
  asked(part: string): Asked
}

/** `done` false: nothing was to be done any more, `why` says why where the log knows more than the view did. */
export interface ActedOn extends EntryKey {
  readonly done: boolean
  readonly why: string | null
}

export interface ActedOnMany {
  /** In the order of mail and recipient. */
  readonly entries: readonly ActedOn[]
  /** There are more after this one. */
  readonly next: EntryKey | null
  readonly position: Position | null
}

/** How many entries an act would change; more than `most` are not counted. */
export const countForAct = (
  views: ApiParts['views'],
  act: QueueAct,
  filter: QueueFilter,
  { now, most }: { readonly now: Instant; readonly most: number },
): number => countMatching(views, filter, most, { condition: CHANGES[act], now })

/** Mails at a time. */
const AT_ONCE = 8

/** Acts on what matches and is not so already, in the order of mail and recipient, up to `limit`. Each stands alone. */
export const actOnMany = async (
  { commands, views }: Pick<ApiParts, 'commands' | 'views'>,
  { act, filter, after, limit, by, now, asked }: ActOnMany,
): Promise<ActedOnMany> => {
  const found = entriesMatching(views, filter, { after, limit: limit + 1 }, { condition: CHANGES[act], now })
  const entries = found.slice(0, limit).map(({ mail, recipient }) => ({ mail, recipient }))
  const acted = new Map<string, ActedOn>()
  let position: Position | null = null
  const actOn = async ({ mail, recipient }: EntryKey): Promise<void> => {
    const outcome = await commands.mail(mail, queueCommand(act, recipient, by, now), asked(`${mail} ${recipient}`))
    const declined = isDeclined(outcome)
    const done = !declined && outcome.events.length > 0
    acted.set(keyOf({ mail, recipient }), { mail, recipient, done, why: declined ? outcome.reason : null })
    if (done && outcome.position !== null && (position === null || outcome.position > position))
      position = outcome.position
  }
  // Recipients of one mail one after the other: they are one stream.
  const mails = [...Map.groupBy(entries, ({ mail }) => mail).values()].values()
  const lane = async (): Promise<void> => {
    for (const ofMail of mails) for (const entry of ofMail) await actOn(entry)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return {
    entries: entries.flatMap((entry) => acted.get(keyOf(entry)) ?? []),
    next: found.length > limit ? (entries.at(-1) ?? null) : null,
    position,
  }
}

const keyOf = ({ mail, recipient }: EntryKey): string => `${mail} ${recipient}`
