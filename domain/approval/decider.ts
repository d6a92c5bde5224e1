import { isAdministrator, isAsker, type Asker } from '../account/asker.ts'
import { Declined, type Decider } from '../kernel/decider.ts'
import type { ApprovalCommand } from './commands.ts'
import type { ApprovalEvent, ApprovalSubject } from './events.ts'
import { isEffective, type Approval, type ApprovalState } from './state.ts'

type Command<Kind extends ApprovalCommand['kind']> = Extract<ApprovalCommand, { kind: Kind }>
type Answer = readonly ApprovalEvent[] | Declined

const decide = (command: ApprovalCommand, approval: ApprovalState): Answer => {
  if (command.kind === 'request-approval') return request(approval, command)
  if (approval === null) return new Declined('not-found', 'there is no such approval')
  switch (command.kind) {
    case 'approve':
      return approve(approval, command)
    case 'refuse':
      return refuse(approval, command)
    case 'apply':
      return apply(approval, command)
  }
}

/** An administrator asks; for their own password, and for what they want to look for in the archive, officers ask themselves. */
const request = (approval: ApprovalState, command: Command<'request-approval'>): Answer => {
  const { subject, asker, now, numberOfAdmins, delay } = command
  const own = isAsker(asker, subject.account)
  if (subject.kind === 'roles' && own) return new Declined('forbidden', 'nobody asks for their own roles')
  if (isArchiveAccess(subject)) {
    if (!own || !isOfficer(asker)) return new Declined('forbidden', 'an officer asks for this, for themselves')
  } else if (!isAdministrator(asker) && !own) return new Declined('forbidden', 'an administrator asks for this')
  const by = nameOf(asker)
  if (approval !== null) {
    return approval.by === by && JSON.stringify(approval.subject) === JSON.stringify(subject)
      ? []
      : new Declined('conflict', 'another request has this id')
  }
  const dueAt = numberOfAdmins <= 1 && !isArchiveAccess(subject) ? now + delay : null
  return [{ type: 'ApprovalRequested', data: { subject, by, dueAt } }]
}

/** By a second person: neither who asked nor whom it is about. What the archive is asked is for officers alone to know. */
const approve = (approval: Approval, { asker }: Command<'approve'>): Answer => {
  if (isArchiveAccess(approval.subject) && !isOfficer(asker))
    return new Declined('forbidden', 'another officer approves this')
  if (asker.kind !== 'account' || !(asker.roles.includes('admin') || asker.roles.includes('compliance'))) {
    return new Declined('forbidden', 'an administrator or an officer approves this')
  }
  if (asker.address === approval.by) return new Declined('forbidden', 'who asked can not approve it')
  if (asker.address === approval.subject.account)
    return new Declined('forbidden', 'whom it is about can not approve it')
  switch (approval.state) {
    case 'waiting':
      return [{ type: 'Approved', data: { by: asker.address } }]
    case 'approved':
    case 'applied':
      return []
    case 'refused':
      return new Declined('conflict', 'it was refused')
  }
}

/** Anybody concerned may stop it: administrators, officers, who asked, whom it is about. */
const refuse = (approval: Approval, { asker, reason }: Command<'refuse'>): Answer => {
  const concerned =
    isAdministrator(asker) ||
    (asker.kind === 'account' && asker.roles.includes('compliance')) ||
    isAsker(asker, approval.by) ||
    isAsker(asker, approval.subject.account)
  if (!concerned) return new Declined('forbidden', 'this does not concern you')
  switch (approval.state) {
    case 'waiting':
      return [{ type: 'ApprovalRefused', data: { by: nameOf(asker), reason } }]
    case 'refused':
      return []
    case 'approved':
    case 'applied':
      return new Declined('conflict', 'it was approved already')
  }
}

const apply = (approval: Approval, { now }: Command<'apply'>): Answer => {
  if (approval.state === 'applied') return []
  if (isArchiveAccess(approval.subject))
    return new Declined('conflict', 'it allows something; nothing is to be changed')
  if (isEffective(approval, now)) return [{ type: 'ApprovalApplied', data: {} }]
  return new Declined('conflict', approval.state === 'refused' ? 'it was refused' : 'it waits for a second person')
}

const isOfficer = (asker: Asker): boolean => asker.kind === 'account' && asker.roles.includes('compliance')

const isArchiveAccess = ({ kind }: ApprovalSubject): boolean => kind === 'archive-search' || kind === 'archive-export'

const nameOf = (asker: Asker): string => (asker.kind === 'account' ? asker.address : asker.kind)

const evolve = (state: ApprovalState, event: ApprovalEvent): ApprovalState => {
  if (event.type === 'ApprovalRequested') return { ...event.data, state: 'waiting' }
  if (state === null) return null
  switch (event.type) {
    case 'Approved':
      return { ...state, state: 'approved' }
    case 'ApprovalRefused':
      return { ...state, state: 'refused' }
    case 'ApprovalApplied':
      return { ...state, state: 'applied' }
    default:
      event satisfies never
      return state
  }
}

export const approvalDecider: Decider<ApprovalCommand, ApprovalEvent, ApprovalState> = {
  initial: null,
  evolve,
  decide,
}
