import shared from '@eventstore/db-client/generated/shared_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js'
import type { ServerFilter } from './filter.ts'
import { streamIdentifier } from './messages.ts'

const FORWARDS = 0
const BACKWARDS = 1
/** Records the server looks at before it says how far it is. */
const WINDOW = 500

export interface StreamRead {
  readonly stream: string
  /** Null: from its beginning, backwards from its end. */
  readonly from: string | null
  readonly backwards: boolean
  readonly limit: number
  readonly resolveLinks?: boolean
}

export const readStream = ({ stream, from, backwards, limit, resolveLinks = false }: StreamRead): ReadReq => {
  const where = new streams.ReadReq.Options.StreamOptions()
  where.setStreamIdentifier(streamIdentifier(stream))
  if (from !== null) where.setRevision(from)
  else if (backwards) where.setEnd(new shared.Empty())
  else where.setStart(new shared.Empty())
  const options = new streams.ReadReq.Options()
  options.setStream(where)
  options.setNoFilter(new shared.Empty())
  options.setCount(String(limit))
  return request(options, backwards, resolveLinks)
}

export interface AllRead {
  /** Commit position, inclusive; null: from the beginning, backwards from the end. */
  readonly from: string | null
  readonly backwards: boolean
  readonly limit: number
  readonly filter: ServerFilter | null
}

export const readAll = ({ from, backwards, limit, filter }: AllRead): ReadReq => {
  const options = allOptions(from, backwards, filter)
  options.setCount(String(limit))
  return request(options, backwards, false)
}

/** Live too; `after` is exclusive. */
export const subscribeAll = (after: string | null, filter: ServerFilter): ReadReq => {
  const options = allOptions(after, false, filter)
  options.setSubscription(new streams.ReadReq.Options.SubscriptionOptions())
  return request(options, false, false)
}

const allOptions = (from: string | null, backwards: boolean, filter: ServerFilter | null): ReadReq.Options => {
  const where = new streams.ReadReq.Options.AllOptions()
  if (from !== null) {
    const position = new streams.ReadReq.Options.Position()
    position.setCommitPosition(from)
    position.setPreparePosition(from)
    where.setPosition(position)
  } else if (backwards) where.setEnd(new shared.Empty())
  else where.setStart(new shared.Empty())
  const options = new streams.ReadReq.Options()
  options.setAll(where)
  if (filter === null) options.setNoFilter(new shared.Empty())
  else options.setFilter(filterOptions(filter))
  return options
}

const filterOptions = (filter: ServerFilter): ReadReq.Options.FilterOptions => {
  const expression = new streams.ReadReq.Options.FilterOptions.Expression()
  const options = new streams.ReadReq.Options.FilterOptions()
  if (filter.on === 'stream') {
    expression.setPrefixList([...filter.prefixes])
    options.setStreamIdentifier(expression)
  } else {
    expression.setRegex(filter.regex)
    options.setEventType(expression)
  }
  options.setMax(WINDOW)
  options.setCheckpointintervalmultiplier(1)
  return options
}

const request = (options: ReadReq.Options, backwards: boolean, resolveLinks: boolean): ReadReq => {
  const ids = new streams.ReadReq.Options.UUIDOption()
  ids.setString(new shared.Empty())
  options.setUuidOption(ids)
  options.setResolveLinks(resolveLinks)
  options.setReadDirection(backwards ? BACKWARDS : FORWARDS)
  const message = new streams.ReadReq()
  message.setOptions(options)
  return message
}
