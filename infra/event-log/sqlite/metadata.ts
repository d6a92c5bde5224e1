import type { Actor } from '#domain/kernel/actor'
import type { EventMetadata } from '../port.ts'

/** The stored form but for `occurredAt`, which has a column: `[actor kind, actor name, correlation id, causation id]`, short on purpose. */
export const writeMetadata = ({ actor, correlationId, causationId }: EventMetadata): string =>
  JSON.stringify([actor.kind, nameOf(actor), correlationId, causationId])

/** Throws a sentence when it is none. */
export const readMetadata = (occurredAt: number, stored: string): EventMetadata => {
  const fields: unknown = JSON.parse(stored)
  if (!Array.isArray(fields)) throw new TypeError('the metadata is no list')
  const [kind, name, correlationId, causationId]: unknown[] = fields
  if (typeof name !== 'string' || typeof correlationId !== 'string' || typeof causationId !== 'string') {
    throw new TypeError('the metadata lacks a field')
  }
  return { occurredAt, actor: actorOf(kind, name), correlationId, causationId }
}

const nameOf = (actor: Actor): string => {
  switch (actor.kind) {
    case 'account':
      return actor.address
    case 'system':
      return actor.part
    case 'operator':
      return actor.name
  }
}

const actorOf = (kind: unknown, name: string): Actor => {
  switch (kind) {
    case 'account':
      return { kind, address: name }
    case 'system':
      return { kind, part: name }
    case 'operator':
      return { kind, name }
    default:
      throw new TypeError(`the metadata has an unknown kind of actor, ${String(kind)}`)
  }
}
