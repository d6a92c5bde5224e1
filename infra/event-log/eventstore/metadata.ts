import type { Actor } from '#domain/kernel/actor'
import type { EventMetadata } from '../port.ts'

/** Metadata as stored. `$correlationId` and `$causationId` are EventStoreDB's own names: its projections by correlation find them. */
interface StoredMetadata {
  readonly $correlationId: string
  readonly $causationId: string
  readonly occurredAt: number
  readonly actor: Actor
  readonly schemaVersion: number
}

export const writeMetadata = (metadata: EventMetadata, schemaVersion: number): Buffer => {
  const stored: StoredMetadata = {
    $correlationId: metadata.correlationId,
    $causationId: metadata.causationId,
    occurredAt: metadata.occurredAt,
    actor: metadata.actor,
    schemaVersion,
  }
  return Buffer.from(JSON.stringify(stored))
}

/** Throws a sentence when it is not ours. */
export const readMetadata = (stored: Uint8Array): { readonly metadata: EventMetadata; readonly version: number } => {
  const fields: unknown = JSON.parse(Buffer.from(stored).toString('utf8'))
  if (typeof fields !== 'object' || fields === null) throw new TypeError('the metadata is no object')
  const { $correlationId, $causationId, occurredAt, actor, schemaVersion } = fields as Partial<
    Record<keyof StoredMetadata, unknown>
  >
  if (
    typeof $correlationId !== 'string' ||
    typeof $causationId !== 'string' ||
    typeof occurredAt !== 'number' ||
    typeof schemaVersion !== 'number'
  ) {
    throw new TypeError('the metadata lacks a field: was the event written by Mailkeep?')
  }
  return {
    metadata: { occurredAt, actor: actorOf(actor), correlationId: $correlationId, causationId: $causationId },
    version: schemaVersion,
  }
}

const actorOf = (stored: unknown): Actor => {
  const { kind, address, part, name } = (stored ?? {}) as Partial<Record<string, unknown>>
  if (kind === 'account' && typeof address === 'string') return { kind, address }
  if (kind === 'system' && typeof part === 'string') return { kind, part }
  if (kind === 'operator' && typeof name === 'string') return { kind, name }
  throw new TypeError(`the metadata has an unknown actor, ${JSON.stringify(stored)}`)
}
