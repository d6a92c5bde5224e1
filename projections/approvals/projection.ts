import { idOf, put, set } from '#domain/kernel/projection'
import type { Projection } from '#domain/kernel/projection'
import type { Instant } from '#domain/kernel/instant'
import type { ApprovalEvent, ApprovalSubject } from '#domain/approval/events'

/** What waits, or waited, for a second person. Newest first by (requestedAt, id). The password's hash is not kept here. */
export type ApprovalRow = {
  readonly id: string
  readonly kind: ApprovalSubject['kind']
  readonly account: string
  /** JSON: [role]. */
  readonly roles: string | null
  /** JSON: what an officer wants to look for in the archive; the accounts, the query, why, until when. */
  readonly archive: string | null
  readonly requestedBy: string
  readonly requestedAt: Instant
  /** Takes effect by itself then; null: never. */
  readonly dueAt: Instant | null
  readonly state: 'waiting' | 'approved' | 'refused' | 'applied'
  readonly decidedBy: string | null
  readonly decidedAt: Instant | null
  readonly reason: string | null
  readonly appliedAt: Instant | null
}

export const approvals: Projection<ApprovalEvent> = {
  name: 'approvals',
  version: 2,
  tables: [
    {
      name: 'approvals',
      key: ['id'],
      columns: {
        id: 'text',
        kind: 'text',
        account: 'text',
        roles: 'text',
        archive: 'text',
        requestedBy: 'text',
        requestedAt: 'integer',
        dueAt: 'integer',
        state: 'text',
        decidedBy: 'text',
        decidedAt: 'integer',
        reason: 'text',
        appliedAt: 'integer',
      },
      indexes: [
        ['requestedAt', 'id'],
        ['state', 'dueAt'],
      ],
    },
  ],
  types: ['ApprovalRequested', 'Approved', 'ApprovalRefused', 'ApprovalApplied'],
  project: (event) => {
    const id = idOf(event.stream)
    const at = event.occurredAt
    switch (event.type) {
      case 'ApprovalRequested': {
        const { subject, by, dueAt } = event.data
        const row: ApprovalRow = {
          id,
          kind: subject.kind,
          account: subject.account.toLowerCase(),
          roles: subject.kind === 'roles' ? JSON.stringify(subject.roles) : null,
          archive: archiveAccess(subject),
          requestedBy: by,
          requestedAt: at,
          dueAt,
          state: 'waiting',
          decidedBy: null,
          decidedAt: null,
          reason: null,
          appliedAt: null,
        }
        return [put('approvals', row)]
      }
      case 'Approved':
        return [set('approvals', [id], { state: 'approved', decidedBy: event.data.by, decidedAt: at, dueAt: null })]
      case 'ApprovalRefused':
        return [
          set('approvals', [id], {
            state: 'refused',
            decidedBy: event.data.by,
            decidedAt: at,
            reason: event.data.reason,
            dueAt: null,
          }),
        ]
      case 'ApprovalApplied':
        return [set('approvals', [id], { state: 'applied', appliedAt: at, dueAt: null })]
    }
  },
}

const archiveAccess = (subject: ApprovalSubject): string | null => {
  if (subject.kind !== 'archive-search' && subject.kind !== 'archive-export') return null
  const { accounts, query, reason, until } = subject
  return JSON.stringify({ accounts, query, reason, until })
}
