import { accountEventTypes } from './account/events.ts'
import { alarmEventTypes } from './alarm/events.ts'
import { approvalEventTypes } from './approval/events.ts'
import { digestEventTypes } from './digest/events.ts'
import { archiveEventTypes } from './archive/events.ts'
import { edgeEventTypes } from './edge/events.ts'
import { hostedDomainEventTypes } from './hosted-domain/events.ts'
import { mailEventTypes } from './mail/events.ts'
import { mailboxEventTypes } from './mailbox/events.ts'
import { policyEventTypes } from './policy/events.ts'
import { sendingDaysEventTypes, sendingEventTypes } from './sending/events.ts'
import { simulationEventTypes } from './simulation/events.ts'
import type { EventType } from './kernel/event-type.ts'

/** Every event that may be in the log. Wire names are unique over all aggregates. */
export const eventTypes: readonly EventType[] = [
  ...mailEventTypes,
  ...mailboxEventTypes,
  ...accountEventTypes,
  ...hostedDomainEventTypes,
  ...policyEventTypes,
  ...approvalEventTypes,
  ...alarmEventTypes,
  ...archiveEventTypes,
  ...edgeEventTypes,
  ...sendingDaysEventTypes,
  ...sendingEventTypes,
  ...digestEventTypes,
  ...simulationEventTypes,
]
