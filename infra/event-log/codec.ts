import type { EventType } from '#domain/kernel/event-type'
import type { NewEvent, Position } from './port.ts'
import { UnreadableEvent } from './port.ts'

/**
 * Between events as the domain sees them and what is stored. Writing validates by the declared schema; reading trusts what was
 * validated when it was written, so it only parses, and validates again only what an upcast made.
 */
export interface EventCodec {
  /** Throws `InvalidEvent`. `data` is JSON. */
  encode(stream: string, event: Pick<NewEvent, 'type' | 'data'>): EncodedEvent
  /** Data at the declared version. Throws `UnreadableEvent`. */
  decode(stored: StoredEvent): DecodedData
}

export interface EncodedEvent {
  readonly version: number
  readonly data: string
}

export interface StoredEvent extends EncodedEvent {
  readonly stream: string
  readonly revision: number
  readonly position: Position
  readonly type: string
}

export interface DecodedData {
  readonly version: number
  readonly data: unknown
}

/** An event that its own declaration refuses: a mistake of the writer, found before anything is stored. */
export class InvalidEvent extends Error {
  readonly stream: string
  readonly type: string
  /** Where in the data, `recipients.0.mailbox`; empty for the data as a whole. */
  readonly path: string

  constructor(at: { stream: string; type: string; path: string }, why: string, options?: ErrorOptions) {
    super(`event ${at.type} for ${at.stream}: ${at.path === '' ? '' : `${at.path}: `}${why}`, options)
    this.name = 'InvalidEvent'
    this.stream = at.stream
    this.type = at.type
    this.path = at.path
  }
}

/** Throws when two declarations share a wire name or an upcast is missing: then the build is wrong, not the log. */
export const createCodec = (declared: readonly EventType[]): EventCodec => {
  const types = registry(declared)
  return {
    encode: (stream, event) => encode(types, stream, event),
    decode: (stored) => decode(types, stored),
  }
}

type Registry = ReadonlyMap<string, EventType>

const registry = (declared: readonly EventType[]): Registry => {
  const types = new Map<string, EventType>()
  for (const type of declared) {
    const known = types.get(type.type)
    if (known !== undefined && known !== type)
      throw new TypeError(`two events are declared with the wire name ${type.type}`)
    for (let version = 1; version < type.version; version++) {
      if (type.upcasts[version] === undefined)
        throw new TypeError(`event ${type.type}: no upcast from version ${version}`)
    }
    types.set(type.type, type)
  }
  return types
}

const encode = (types: Registry, stream: string, event: Pick<NewEvent, 'type' | 'data'>): EncodedEvent => {
  const declared = types.get(event.type)
  if (declared === undefined)
    throw new InvalidEvent({ stream, type: event.type, path: '' }, 'no such event is declared')
  const parsed = declared.schema.safeParse(event.data)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const path = (issue?.path ?? []).map(String).join('.')
    throw new InvalidEvent({ stream, type: event.type, path }, issue?.message ?? 'invalid', { cause: parsed.error })
  }
  const data = JSON.stringify(parsed.data)
  if (data === undefined) throw new InvalidEvent({ stream, type: event.type, path: '' }, 'the data has no JSON form')
  return { version: declared.version, data }
}

const decode = (types: Registry, stored: StoredEvent): DecodedData => {
  const declared = types.get(stored.type)
  if (declared === undefined)
    throw new UnreadableEvent(stored, `unknown event ${stored.type}: was the log written by a newer Mailkeep?`)
  const data = parse(stored)
  if (stored.version === declared.version) return { version: declared.version, data }
  if (stored.version > declared.version) {
    throw new UnreadableEvent(
      stored,
      `${stored.type} has version ${stored.version}, this build knows ${declared.version}: the log was written by a newer Mailkeep`,
    )
  }
  return { version: declared.version, data: upcast(declared, stored, data) }
}

const parse = (stored: StoredEvent): unknown => {
  try {
    return JSON.parse(stored.data)
  } catch (cause) {
    throw new UnreadableEvent(stored, `the data of ${stored.type} is not JSON`, { cause })
  }
}

const upcast = (declared: EventType, stored: StoredEvent, data: unknown): unknown => {
  let current = data
  for (let version = stored.version; version < declared.version; version++) {
    const step = declared.upcasts[version]
    if (step === undefined) throw new UnreadableEvent(stored, `${stored.type}: no upcast from version ${version}`)
    try {
      current = step(current)
    } catch (cause) {
      throw new UnreadableEvent(stored, `${stored.type}: the upcast from version ${version} failed`, { cause })
    }
  }
  const parsed = declared.schema.safeParse(current)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const where = (issue?.path ?? []).map(String).join('.')
  throw new UnreadableEvent(
    stored,
    `${stored.type}: version ${stored.version} upcast to ${declared.version} is invalid at "${where}": ${issue?.message ?? ''}`,
    { cause: parsed.error },
  )
}
