import shared from '@eventstore/db-client/generated/shared_pb.js'
import type { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb.js'
import { Metadata, status } from '@grpc/grpc-js'
import type { ServiceError } from '@grpc/grpc-js'
import type { LogRecord } from './records.ts'

const TICKS_PER_MILLISECOND = 10_000n

interface RecordMessage {
  setId(id: UUID): unknown
  setStreamIdentifier(stream: StreamIdentifier): unknown
  setStreamRevision(revision: string): unknown
  setPreparePosition(position: string): unknown
  setCommitPosition(position: string): unknown
  getMetadataMap(): { set(key: string, value: string): unknown }
  setCustomMetadata(metadata: Uint8Array): unknown
  setData(data: Uint8Array): unknown
}

/** Fills the message of one recorded event; reads and groups have a class of their own each. */
export const record = <Message extends RecordMessage>(message: Message, from: LogRecord): Message => {
  message.setId(uuid(from.id))
  message.setStreamIdentifier(streamIdentifier(from.stream))
  message.setStreamRevision(String(from.revision))
  message.setPreparePosition(String(from.position))
  message.setCommitPosition(String(from.position))
  const system = message.getMetadataMap()
  system.set('type', from.type)
  system.set('content-type', from.contentType)
  system.set('created', String(BigInt(from.created) * TICKS_PER_MILLISECOND))
  message.setCustomMetadata(from.metadata)
  message.setData(from.data)
  return message
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
  message.setStreamName(Buffer.from(name))
  return message
}

export const streamName = (message: StreamIdentifier | undefined): string =>
  Buffer.from(message?.getStreamName_asU8() ?? []).toString()

/** An error as the server sends it: what it is stands in the trailer `exception`. */
export const failure = (
  code: status,
  exception: string,
  details: Readonly<Record<string, string>> = {},
): ServiceError => {
  const metadata = new Metadata()
  metadata.set('exception', exception)
  for (const [key, value] of Object.entries(details)) metadata.set(key, value)
  return Object.assign(new Error(exception), { code, details: exception, metadata })
}

/** The record a link event points at (`<revision>@<stream>`). */
export const linkTarget = (link: LogRecord, find: (stream: string) => readonly LogRecord[] | undefined) => {
  const text = Buffer.from(link.data).toString()
  const at = text.indexOf('@')
  return find(text.slice(at + 1))?.[Number(text.slice(0, at))]
}

export { status }
