import { randomUUID } from 'node:crypto'
import type { ClientDuplexStream } from '@grpc/grpc-js'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js'
import rpc from '@eventstore/db-client/generated/streams_grpc_pb.js'
import empty from 'google-protobuf/google/protobuf/empty_pb.js'
import timestamp from 'google-protobuf/google/protobuf/timestamp_pb.js'
import { LogUnavailable } from '../port.ts'
import type { Connection } from './connection.ts'
import { Away } from './failure.ts'
import { streamIdentifier, uuid, uuidText } from './messages.ts'

/** `any` is for the adapter's own records in system streams only. */
export type Expectation = 'any' | 'noStream' | number

export interface Proposed {
  readonly id: string
  readonly type: string
  readonly contentType: 'application/json' | 'application/octet-stream'
  readonly data: Uint8Array
  readonly metadata: Uint8Array
}

export type BatchOutcome =
  /** `position` is null when the server doesn't say: some do so for a repeat. */
  | { readonly kind: 'appended'; readonly revision: number; readonly position: string | null }
  | { readonly kind: 'wrong'; readonly actual: number | null }

interface Pending {
  readonly resolve: (outcome: BatchOutcome) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

interface Line {
  readonly call: ClientDuplexStream<BatchAppendReq, BatchAppendResp>
  readonly pending: Map<string, Pending>
}

const ANSWER_WITHIN_MS = 10_000
const MAX_WAITING = 10_000

/** `BatchAppend`: one call for all appends, answered in any order. When it ends, what was not answered has failed with `Away`: it may be there or not. */
export class BatchAppends {
  readonly #connection: Connection
  #line: Promise<Line> | undefined
  #newest: Line['pending'] | undefined

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async append(stream: string, expected: Expectation, events: readonly Proposed[]): Promise<BatchOutcome> {
    if ((this.#newest?.size ?? 0) >= MAX_WAITING)
      throw new LogUnavailable(
        'other',
        `${MAX_WAITING} appends wait for EventStoreDB: it is too slow for what comes in`,
      )
    const { call, pending } = await this.#open()
    const correlation = randomUUID()
    return new Promise<BatchOutcome>((resolve, reject) => {
      const timer = setTimeout(() => {
        call.cancel()
        reject(new Away(`no answer to an append within ${ANSWER_WITHIN_MS} ms`))
      }, ANSWER_WITHIN_MS)
      pending.set(correlation, { resolve, reject, timer })
      if (call.destroyed || call.writableEnded) fail(pending, new Away('the connection ended before an append'))
      else call.write(request(correlation, stream, expected, events))
    })
  }

  #open(): Promise<Line> {
    if (this.#line !== undefined) return this.#line
    const line = this.#begin()
    this.#line = line
    line.catch(() => {
      if (this.#line === line) this.#line = undefined
    })
    return line
  }

  async #begin(): Promise<Line> {
    const pending = new Map<string, Pending>()
    this.#newest = pending
    const call = await this.#connection.open(rpc.StreamsClient, (client, metadata, options) =>
      client.batchAppend(metadata, options),
    )
    const end = (error: Error) => {
      if (this.#newest === pending) this.#line = undefined
      fail(pending, error)
    }
    call.on('data', (answer: BatchAppendResp) => settle(pending, answer))
    call.on('error', (error) => end(new Away(error.message, { cause: error })))
    call.on('close', () => end(new Away('the connection ended')))
    call.on('end', () => end(new Away('the server ended the appends')))
    return { call, pending }
  }
}

const fail = (pending: Map<string, Pending>, error: Error): void => {
  for (const { reject, timer } of pending.values()) {
    clearTimeout(timer)
    reject(error)
  }
  pending.clear()
}

const settle = (pending: Map<string, Pending>, answer: BatchAppendResp): void => {
  const correlation = uuidText(answer.getCorrelationId())
  const waiting = pending.get(correlation)
  if (waiting === undefined) return
  pending.delete(correlation)
  clearTimeout(waiting.timer)
  const success = answer.getSuccess()
  if (success !== undefined) {
    const position = success.getPosition()
    waiting.resolve({
      kind: 'appended',
      revision: Number(success.getCurrentRevision()),
      position: position === undefined ? null : position.getCommitPosition(),
    })
    return
  }
  const details = answer.getError()?.getDetails()
  const name = details?.getTypeName() ?? ''
  const wrong = details?.unpack(
    shared.WrongExpectedVersion.deserializeBinary,
    'event_store.client.WrongExpectedVersion',
  )
  if (wrong !== undefined && wrong !== null) {
    const actual = wrong.hasCurrentStreamRevision() ? Number(wrong.getCurrentStreamRevision()) : null
    waiting.resolve({ kind: 'wrong', actual })
  } else waiting.reject(refusal(name.replace('event_store.client.', ''), answer.getError()?.getMessage() ?? ''))
}

/** `Timeout` and `Unknown` say nothing about whether it was written: asked again with the same ids, the server knows. */
const refusal = (name: string, message: string): Error =>
  name === 'Timeout' || name === 'Unknown' || name === ''
    ? new Away(`EventStoreDB answered ${name} ${message}`)
    : new LogUnavailable('other', `EventStoreDB refuses the append: ${name} ${message}`)

const request = (
  correlation: string,
  stream: string,
  expected: Expectation,
  events: readonly Proposed[],
): BatchAppendReq => {
  const options = new streams.BatchAppendReq.Options()
  options.setStreamIdentifier(streamIdentifier(stream))
  options.setDeadline(timestamp.Timestamp.fromDate(new Date(Date.now() + ANSWER_WITHIN_MS)))
  if (expected === 'noStream') options.setNoStream(new empty.Empty())
  else if (expected === 'any') options.setAny(new empty.Empty())
  else options.setStreamPosition(String(expected))
  const message = new streams.BatchAppendReq()
  message.setCorrelationId(uuid(correlation))
  message.setOptions(options)
  message.setIsFinal(true)
  message.setProposedMessagesList(
    events.map((event) => {
      const proposed = new streams.BatchAppendReq.ProposedMessage()
      proposed.setId(uuid(event.id))
      proposed.getMetadataMap().set('type', event.type)
      proposed.getMetadataMap().set('content-type', event.contentType)
      proposed.setData(event.data)
      proposed.setCustomMetadata(event.metadata)
      return proposed
    }),
  )
  return message
}
