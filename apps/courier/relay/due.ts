import type { Instant } from '#domain/kernel/instant'
import type { Candidate } from '#domain/relay/waiting'
import type { ViewReader } from '#infra/views/port'

/** A place in the order of due times. */
export interface DuePlace {
  readonly dueAt: Instant
  readonly mail: string
  readonly recipient: string
}

export const fromTheFirst: DuePlace = { dueAt: -1, mail: '', recipient: '' }

/** `askedAt`: when a person asked to have it tried at once; null: nobody did since its last attempt. */
export interface DueRelay extends Candidate {
  readonly askedAt: Instant | null
}

type DueRow = DueRelay & DuePlace & { readonly held: 0 | 1; readonly position: string }

/**
 * What is to be relayed, from the delivery-queue view, in pages that cost what they hold however long the queue is: every change of a row once,
 * by the position of its event; every due time once, when it comes; and one sender's mail to one domain, oldest first.
 */
export class DueRelays {
  readonly #views: Pick<ViewReader, 'select'>
  readonly #page: number

  constructor(views: Pick<ViewReader, 'select'>, page: number) {
    this.#views = views
    this.#page = page
  }

  /** `due`: those that may go now; what is due later is found when its time comes. */
  changed(
    after: string,
    now: Instant,
  ): { readonly due: readonly DueRelay[]; readonly after: string; readonly more: boolean } {
    const rows = this.#select(`${COLUMNS} WHERE route = 'relay' AND position > :after ORDER BY position LIMIT :page`, {
      after,
    })
    return {
      due: rows.filter(({ held, dueAt }) => held === 0 && dueAt !== null && dueAt <= now),
      after: rows.at(-1)?.position ?? after,
      more: rows.length >= this.#page,
    }
  }

  come(
    after: DuePlace,
    now: Instant,
  ): { readonly due: readonly DueRelay[]; readonly after: DuePlace; readonly more: boolean } {
    const { dueAt, mail, recipient } = after
    const due = this.#select(
      `${COLUMNS} WHERE route = 'relay' AND held = 0 AND dueAt >= :dueAt AND dueAt <= :now AND (dueAt, mail, recipient) > (:dueAt, :mail, :recipient)
        ORDER BY dueAt, mail, recipient LIMIT :page`,
      { dueAt, mail, recipient, now },
    )
    const last = due.at(-1)
    return { due, after: last ?? after, more: due.length >= this.#page }
  }

  ofLane({ domain, sender }: Pick<Candidate, 'domain' | 'sender'>, now: Instant, limit: number): readonly DueRelay[] {
    return this.#views.select<DueRow>(
      VIEW,
      `${COLUMNS} WHERE domain = :domain AND sender = :sender AND dueAt <= :now AND +route = 'relay' AND +held = 0 ORDER BY dueAt LIMIT :limit`,
      { domain, sender, now, limit },
    )
  }

  #select(sql: string, parameters: Record<string, string | number>): DueRow[] {
    return this.#views.select<DueRow>(VIEW, sql, { ...parameters, page: this.#page })
  }
}

const VIEW = 'delivery-queue'
const COLUMNS = 'SELECT mail, recipient, domain, sender, held, dueAt, askedAt, position, revision FROM {entries}'
