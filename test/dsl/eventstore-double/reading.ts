import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js'
import type { ServerWritableStream } from '@grpc/grpc-js'
import { filterOf } from './filter.ts'
import { failure, linkTarget, record, status, streamIdentifier, streamName } from './messages.ts'
import type { LogRecord, MemoryLog } from './records.ts'

type Call = ServerWritableStream<ReadReq, ReadResp>

const FORWARDS = 0
/** Records handed out before the event loop has its turn. */
const BREATH = 128

/** `Read`: one stream or `$all`, forwards or backwards, once or as a subscription. `caughtUpMessages`: as servers from 23.10 on do. */
export const read =
  (log: MemoryLog, { caughtUpMessages }: { readonly caughtUpMessages: boolean }) =>
  (call: Call): void => {
    const stop = new AbortController()
    call.on('cancelled', () => stop.abort())
    call.on('close', () => stop.abort())
    const options = call.request.getOptions()
    const work =
      options === undefined
        ? Promise.resolve()
        : options.hasSubscription()
          ? subscribe(log, call, options, stop.signal, caughtUpMessages)
          : readOnce(log, call, options, stop.signal)
    work.then(
      () => call.end(),
      (error: unknown) => {
        if (!stop.signal.aborted) call.emit('error', failure(status.INTERNAL, String(error)))
      },
    )
  }

const readOnce = async (log: MemoryLog, call: Call, options: ReadReq.Options, signal: AbortSignal): Promise<void> => {
  const stream = options.getStream()
  const backwards = options.getReadDirection() !== FORWARDS
  let left = BigInt(options.getCount())
  if (stream !== undefined) {
    const name = streamName(stream.getStreamIdentifier())
    const there = log.stream(name)
    if (there === undefined) {
      const notFound = new streams.ReadResp.StreamNotFound()
      notFound.setStreamIdentifier(streamIdentifier(name))
      const answer = new streams.ReadResp()
      answer.setStreamNotFound(notFound)
      await write(call, answer, signal)
      return
    }
    const kept = there.slice(log.firstKept(name))
    const from = stream.hasRevision() ? BigInt(stream.getRevision()) : null
    const chosen = backwards
      ? kept.filter(({ revision }) => from === null || BigInt(revision) <= from).toReversed()
      : kept.filter(({ revision }) => from === null || BigInt(revision) >= from)
    for (const one of chosen) {
      if (left-- <= 0n || signal.aborted) return
      await write(call, eventOf(log, one, options.getResolveLinks()), signal)
    }
    return
  }
  const all = options.getAll()
  const filter = filterOf(options.getFilter())
  const end = log.records.length
  const at = all?.hasPosition() === true ? log.indexAt(BigInt(all.getPosition()?.getCommitPosition() ?? 0)) : null
  let index = backwards
    ? (at === null || all?.hasEnd() === true ? end : at) - 1
    : all?.hasEnd() === true
      ? end
      : (at ?? 0)
  for (let looked = 1; index >= 0 && index < end && left > 0n && !signal.aborted; looked++) {
    const one = log.records[index]
    index += backwards ? -1 : 1
    if (looked % (BREATH * 8) === 0) await new Promise(setImmediate)
    if (one === undefined || filter?.matches(one) === false) continue
    left--
    await write(call, eventOf(log, one, options.getResolveLinks()), signal)
  }
}

/** After the position given, then live; checkpoints only with a filter, one per window of records looked at. */
const subscribe = async (
  log: MemoryLog,
  call: Call,
  options: ReadReq.Options,
  signal: AbortSignal,
  caughtUpMessages: boolean,
): Promise<void> => {
  const all = options.getAll()
  if (all === undefined) {
    call.emit('error', failure(status.UNIMPLEMENTED, 'the double subscribes to $all only'))
    return
  }
  const confirmation = new streams.ReadResp.SubscriptionConfirmation()
  confirmation.setSubscriptionId(randomUUID())
  const confirmed = new streams.ReadResp()
  confirmed.setConfirmation(confirmation)
  await write(call, confirmed, signal)
  const filter = filterOf(options.getFilter())
  let index = all.hasEnd() ? log.records.length : 0
  if (all.hasPosition()) index = log.indexAt(BigInt(all.getPosition()?.getCommitPosition() ?? 0) + 1n)
  let sinceCheckpoint = 0
  let caughtUp = false
  while (!signal.aborted) {
    const one = log.records[index]
    if (one === undefined) {
      if (caughtUpMessages && !caughtUp) {
        const answer = new streams.ReadResp()
        answer.setCaughtUp(new streams.ReadResp.CaughtUp())
        await write(call, answer, signal)
      }
      caughtUp = true
      await log.grown(index, signal)
      continue
    }
    index++
    if (filter === undefined || filter.matches(one))
      await write(call, eventOf(log, one, options.getResolveLinks()), signal)
    else if (index % (BREATH * 8) === 0) await new Promise(setImmediate)
    if (filter !== undefined && ++sinceCheckpoint >= filter.checkpointEvery) {
      sinceCheckpoint = 0
      const checkpoint = new streams.ReadResp.Checkpoint()
      checkpoint.setCommitPosition(String(one.position))
      checkpoint.setPreparePosition(String(one.position))
      const answer = new streams.ReadResp()
      answer.setCheckpoint(checkpoint)
      await write(call, answer, signal)
    }
  }
}

const eventOf = (log: MemoryLog, one: LogRecord, resolveLinks: boolean): ReadResp => {
  const event = new streams.ReadResp.ReadEvent()
  if (resolveLinks && one.type === '$>') {
    event.setLink(record(new streams.ReadResp.ReadEvent.RecordedEvent(), one))
    const target = linkTarget(one, (stream) => log.stream(stream))
    if (target !== undefined) event.setEvent(record(new streams.ReadResp.ReadEvent.RecordedEvent(), target))
  } else event.setEvent(record(new streams.ReadResp.ReadEvent.RecordedEvent(), one))
  event.setCommitPosition(String(one.position))
  const answer = new streams.ReadResp()
  answer.setEvent(event)
  return answer
}

/** Waits while the reader doesn't read. */
const write = async (call: Call, answer: ReadResp, signal: AbortSignal): Promise<void> => {
  if (signal.aborted || call.write(answer)) return
  await once(call, 'drain', { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}
