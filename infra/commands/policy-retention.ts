import type { PolicyRetention } from '#domain/archive/retention'
import { policyDocument } from '#domain/policy/documents'
import { policyStream, type PolicyEvent } from '#domain/policy/events'
import type { EventLog } from '#infra/event-log/port'
import { asDomainEvent } from './stream-states.ts'

const PAGE = 1_000

/** What policy ever said about how long the archive keeps, oldest first, beginning with what it says by itself. */
export const policyRetention = async (log: Pick<EventLog, 'readStream'>): Promise<readonly PolicyRetention[]> => {
  const said: PolicyRetention[] = [{ since: 0, days: policyDocument('archive', {}).retentionDays }]
  for (let from = 0; ; from += PAGE) {
    const page = await log.readStream(policyStream('archive'), { from, limit: PAGE })
    for (const event of page) {
      const { document } = asDomainEvent<PolicyEvent>(event).data
      said.push({ since: event.metadata.occurredAt, days: policyDocument('archive', document).retentionDays })
    }
    if (page.length < PAGE) return said
  }
}
