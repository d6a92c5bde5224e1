import { isDeclined } from '#domain/kernel/decider'
import type { Approval } from '#domain/approval/state'
import { approvalStream } from '#domain/approval/events'
import type { ApprovalRow } from '#projections/approvals/projection'
import { aggregates } from '#infra/commands/aggregates'
import type { StewardParts } from './steward-parts.ts'

/** What was approved by a second person, or has waited long enough where there is but one administrator, takes effect. */
export const carryOutApprovals = async (parts: StewardParts): Promise<void> => {
  const { clock, views } = parts
  const waiting = views.select<ApprovalRow>(
    'approvals',
    `SELECT * FROM {approvals} WHERE kind IN ('roles', 'password') AND (state = 'approved' OR (state = 'waiting' AND dueAt <= :now)) LIMIT 100`,
    { now: clock() },
  )
  for (const { id } of waiting) await carryOutApproval(parts, id)
}

/** The change first, then the record that it was made: both are idempotent, so a crash in between is only a repeat. */
export const carryOutApproval = async (
  { clock, commands, logger, states }: Pick<StewardParts, 'clock' | 'commands' | 'logger' | 'states'>,
  id: string,
): Promise<void> => {
  const { state } = await states.loadNewest(aggregates.approval, approvalStream(id))
  const now = clock()
  if (state === null || !isEffective(state, now)) return
  const asked = (step: string) => ({
    actor: { kind: 'system', part: 'steward' } as const,
    now,
    commandId: `${id}/${step}`,
    correlationId: id,
  })
  const { subject } = state
  if (subject.kind !== 'roles' && subject.kind !== 'password') return
  const asker = { kind: 'system' } as const
  const changed = await commands.account(
    subject.account,
    subject.kind === 'roles'
      ? { kind: 'change-roles', roles: subject.roles, asker, approved: true }
      : { kind: 'set-password', hash: subject.hash, asker, approved: true },
    asked('carry-out'),
  )
  if (isDeclined(changed))
    logger.error({ approval: id, reason: changed.reason }, 'what was approved could not be carried out')
  const applied = await commands.approval(id, { kind: 'apply', now }, asked('apply'))
  if (isDeclined(applied)) logger.error({ approval: id, reason: applied.reason }, 'an approval could not be closed')
}

const isEffective = (approval: Approval, now: number): boolean =>
  approval.state === 'approved' || (approval.state === 'waiting' && approval.dueAt !== null && approval.dueAt <= now)
