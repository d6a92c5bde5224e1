import { checkChange } from '#infra/views/row-check'
import type { Change, Key, Projection, Row, RowReader } from '#domain/kernel/projection'
import type { ViewEvent } from '#infra/views/build'

/** Tables in memory, by the same rules as the store: what a spec's projection puts is what SQLite would hold. */
export class MemoryView implements RowReader {
  readonly #projection: Projection
  readonly #tables: ReadonlyMap<string, Map<string, Row>>

  constructor(projection: Projection) {
    this.#projection = projection
    this.#tables = new Map(projection.tables.map((table) => [table.name, new Map<string, Row>()]))
  }

  take(event: ViewEvent): void {
    if (!this.#projection.types.includes(event.type)) return
    const changes = this.#projection.project(event, this)
    for (const change of changes) checkChange(this.#table(change.table), change)
    for (const change of changes) this.#apply(change)
  }

  get(table: string, key: Key): Row | undefined {
    return this.#rows(table).get(JSON.stringify(key))
  }

  /** All rows of a table in the order of their keys. */
  rows(table: string): readonly Row[] {
    return [...this.#rows(table)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
  }

  #apply(change: Change): void {
    const table = this.#table(change.table)
    const rows = this.#rows(change.table)
    if (change.change === 'put') {
      rows.set(JSON.stringify(table.key.map((column) => change.row[column])), change.row)
      return
    }
    const id = JSON.stringify(change.key)
    const row = rows.get(id)
    switch (change.change) {
      case 'set':
        if (row !== undefined) rows.set(id, { ...row, ...change.values })
        return
      case 'add': {
        const before = row ?? {
          ...Object.fromEntries(
            Object.entries(table.columns).map(([column, type]) => [column, type === 'text' ? null : 0]),
          ),
          ...Object.fromEntries(table.key.map((column, index) => [column, change.key[index] ?? null])),
        }
        const sums = Object.entries(change.values).map(([column, more]) => [column, Number(before[column]) + more])
        rows.set(id, { ...before, ...Object.fromEntries(sums) })
        return
      }
      case 'remove':
        rows.delete(id)
    }
  }

  #table(name: string) {
    const table = this.#projection.tables.find((candidate) => candidate.name === name)
    if (table === undefined) throw new TypeError(`the projection ${this.#projection.name} has no table ${name}`)
    return table
  }

  #rows(table: string): Map<string, Row> {
    const rows = this.#tables.get(table)
    if (rows === undefined) throw new TypeError(`the projection ${this.#projection.name} has no table ${table}`)
    return rows
  }
}

/** What happened, in order: `happened('mail-01', 'Cleared', {...}, at)`. Revisions and positions follow from the order. */
export interface Happened {
  readonly stream: string
  readonly type: string
  readonly data: unknown
  readonly at?: number
}

export const happened = (stream: string, type: string, data: unknown, at?: number): Happened => ({
  stream,
  type,
  data,
  ...(at === undefined ? {} : { at }),
})

/** 2025-03-01T12:00:00Z */
export const NOON = 1_740_830_400_000

export function recorded(events: readonly Happened[]): readonly ViewEvent[] {
  const revisions = new Map<string, number>()
  return events.map(({ stream, type, data, at }, index) => {
    const revision = (revisions.get(stream) ?? -1) + 1
    revisions.set(stream, revision)
    return {
      id: `00000000-0000-0000-0000-${String(index + 1).padStart(12, '0')}`,
      stream,
      type,
      data,
      revision,
      position: String(index + 1).padStart(20, '0'),
      occurredAt: at ?? NOON + index,
      actor: { kind: 'system', part: 'spec' },
    }
  })
}

/** Given events, then rows: `given(quarantine, [...]).rows('items')`. */
export function given(projection: Projection, events: readonly Happened[]): MemoryView {
  const view = new MemoryView(projection)
  for (const event of recorded(events)) view.take(event)
  return view
}

/** A mail as it comes in; what a spec is about is given. */
export function accepted(
  mail: string,
  given: Partial<AcceptedMail> & { readonly to?: readonly string[] } = {},
): Happened {
  const { to = ['ann@example.org'], ...rest } = given
  const data: AcceptedMail = {
    flow: 'inbound',
    acceptedAt: NOON,
    client: { address: '192.0.2.1', name: 'mx.example.com', helo: 'mx.example.com' },
    reversePath: 'Bob@example.com',
    recipients: to.map((address) => ({ address, mailbox: address.toLowerCase(), route: 'mailbox' })),
    contentHash: 'a'.repeat(64),
    size: 1_000,
    headerFrom: { address: 'Bob@example.com', name: 'Bob' },
    headerAddresses: ['Bob@example.com'],
    subject: 'Lunch?',
    messageId: '<1@example.com>',
    protocol: 'ESMTP',
    tls: null,
    hostname: 'mail.example.org',
    smtputf8: false,
    account: null,
    checks: [],
    ...rest,
  }
  return happened(`mail-${mail}`, 'Accepted', data, data.acceptedAt)
}

interface AcceptedMail {
  readonly flow: 'inbound' | 'submission' | 'system'
  readonly acceptedAt: number
  readonly client: { readonly address: string; readonly name: string | null; readonly helo: string | null }
  readonly reversePath: string | null
  readonly recipients: readonly { readonly address: string; readonly mailbox: string; readonly route: string }[]
  readonly contentHash: string
  readonly size: number
  readonly headerFrom: { readonly address: string; readonly name: string | null } | null
  readonly headerAddresses: readonly string[]
  readonly subject: string | null
  readonly messageId: string | null
  readonly protocol: string
  readonly tls: string | null
  readonly hostname: string
  readonly smtputf8: boolean
  readonly account: string | null
  readonly checks: readonly unknown[]
}
