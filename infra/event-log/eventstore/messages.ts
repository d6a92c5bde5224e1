import shared from '@eventstore/db-client/generated/shared_pb.js'
import type { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb.js'
import type { EventCodec } from '../codec.ts'
import type { EventMetadata, RecordedEvent, StreamName } from '../port.ts'
import { UnreadableEvent } from '../port.ts'
import { readMetadata } from './metadata.ts'
import { toPosition } from './position.ts'

/** A recorded event in any of the client's messages: reads and groups have a class of their own each. */
export interface RecordMessage {
  getId(): UUID | undefined
  getStreamIdentifier(): StreamIdentifier | undefined
  getStreamRevision(): string
  getCommitPosition(): string
  getMetadataMap(): { get(key: string): string | undefined }
  getCustomMetadata_asU8(): Uint8Array
  getData_asU8(): Uint8Array
}

export const uuid = (id: string): UUID => {
  const message = new shared.UUID()
  message.setString(id)
  return message
}

export const uuidText = (message: UUID | undefined): string => {
  const structured = message?.getStructured()
  if (structured === undefined) return message?.getString() ?? ''
  const half = (bits: string) => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0')
  const hex = half(structured.getMostSignificantBits()) + half(structured.getLeastSignificantBits())
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/u, '$1-$2-$3-$4-')
}

export const streamIdentifier = (name: string): StreamIdentifier => {
  const message = new shared.StreamIdentifier()
  message.setStreamName(Buffer.from(name, 'utf8'))
  return message
}

export const streamOf = (message: RecordMessage): string =>
  Buffer.from(message.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8')

export const typeOf = (message: RecordMessage): string => message.getMetadataMap().get('type') ?? ''

/** As the domain sees it. Throws `UnreadableEvent`. */
export const recordedEvent = (message: RecordMessage, codec: EventCodec): RecordedEvent => {
  const at = {
    stream: streamOf(message) as StreamName,
    revision: Number(message.getStreamRevision()),
    position: toPosition(message.getCommitPosition()),
  }
  const type = typeOf(message)
  const { metadata, version } = metadataOf(message, at)
  const data = Buffer.from(message.getData_asU8()).toString('utf8')
  const decoded = codec.decode({ ...at, type, version, data })
  return { ...at, id: uuidText(message.getId()), type, data: decoded.data, metadata, schemaVersion: decoded.version }
}

const metadataOf = (
  message: RecordMessage,
  at: Pick<RecordedEvent, 'stream' | 'revision' | 'position'>,
): { readonly metadata: EventMetadata; readonly version: number } => {
  try {
    return readMetadata(message.getCustomMetadata_asU8())
  } catch (cause) {
    throw new UnreadableEvent(at, cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
