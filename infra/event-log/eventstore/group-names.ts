import { createHash } from 'node:crypto'
import type { PersistentSubscriptionToAllInfo } from '@eventstore/db-client'
import type { EventFilter } from '../port.ts'
import type { Connection } from './connection.ts'
import { isMissing } from './failure.ts'
import { compile } from './filter.ts'

/**
 * The server's filter of a group can't be changed. So a group is kept by the server under its name and its filter: a build that asks for more gets
 * a group of its own, which begins where the one before it was.
 */
export const nameOnServer = (name: string, filter: EventFilter): string =>
  `${name}.${createHash('sha256')
    .update(JSON.stringify(compile(filter).server))
    .digest('hex')
    .slice(0, 8)}`

/** Everything the server keeps under that name, with whatever filter. */
export const onServer = async (
  connection: Connection,
  name: string,
): Promise<readonly PersistentSubscriptionToAllInfo[]> => {
  try {
    const all = await connection.client.listPersistentSubscriptionsToAll({ requiresLeader: true })
    return all.filter(
      ({ groupName }) => groupName.startsWith(`${name}.`) && /^\.[0-9a-f]{8}$/u.test(groupName.slice(name.length)),
    )
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
