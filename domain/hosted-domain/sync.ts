import { Declined } from '../kernel/decider.ts'
import type { HostedDomainCommand } from './commands.ts'
import type { HostedDomainEvent } from './events.ts'
import type { HostedDomain } from './state.ts'

type SyncCommand = Extract<HostedDomainCommand, { kind: 'request-sync' | 'start-sync' | 'finish-sync' | 'fail-sync' }>

/** A full sync is asked for, claimed by one node with a lease, and ends with what was done or why not. */
export const decideSync = (
  command: SyncCommand,
  { name, settings, sync }: HostedDomain,
): readonly HostedDomainEvent[] | Declined => {
  switch (command.kind) {
    case 'request-sync': {
      if (typeof settings.recipientSource === 'string')
        return new Declined('conflict', `${name} has no LDAP directory to copy from: set recipientSource first`)
      const { acceptRemovals } = command
      return sync.requested?.acceptRemovals === acceptRemovals
        ? []
        : [{ type: 'DirectorySyncRequested', data: { acceptRemovals } }]
    }
    case 'start-sync':
      if (typeof settings.recipientSource === 'string')
        return new Declined('conflict', `${name} has no LDAP directory any more`)
      return sync.leaseUntil !== null && sync.leaseUntil > command.now
        ? new Declined('conflict', `${name} is being copied already`)
        : [{ type: 'DirectorySyncStarted', data: { leaseUntil: command.leaseUntil } }]
    case 'finish-sync':
      return sync.leaseUntil === null
        ? notStarted
        : [{ type: 'DirectorySynced', data: { ...command.done, nextAt: command.nextAt } }]
    case 'fail-sync':
      return sync.leaseUntil === null
        ? notStarted
        : [{ type: 'DirectorySyncFailed', data: { reason: command.reason.slice(0, 1_000), nextAt: command.nextAt } }]
  }
}

const notStarted = new Declined('conflict', 'no sync is under way')
