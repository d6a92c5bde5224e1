import shared from '@eventstore/db-client/generated/shared_pb.js'
import statusMessages from '@eventstore/db-client/generated/status_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
} from '@eventstore/db-client/generated/streams_pb.js'
import type { Status } from '@eventstore/db-client/generated/status_pb.js'
import type { sendUnaryData, ServerDuplexStream, ServerReadableStream } from '@grpc/grpc-js'
import any from 'google-protobuf/google/protobuf/any_pb.js'
import empty from 'google-protobuf/google/protobuf/empty_pb.js'
import { failure, status, streamIdentifier, streamName, uuidText } from './messages.ts'
import type { AppendOutcome, Expectation, MemoryLog, Proposed } from './records.ts'
import { MAX_APPEND_SIZE } from './records.ts'

type ProposedMessage = AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage

interface Pending {
  readonly stream: string
  readonly expected: Expectation
  readonly events: Proposed[]
}

/** `Append`: one call per append; the first message says where, the others what. */
export const append =
  (log: MemoryLog) =>
  (call: ServerReadableStream<AppendReq, AppendResp>, answer: sendUnaryData<AppendResp>): void => {
    let pending: Pending = { stream: '', expected: 'any', events: [] }
    call.on('data', (message: AppendReq) => {
      const options = message.getOptions()
      const proposed = message.getProposedMessage()
      if (options !== undefined) {
        const expected = expectationOf(options, options.hasRevision() ? options.getRevision() : undefined)
        pending = { stream: streamName(options.getStreamIdentifier()), expected, events: [] }
      } else if (proposed !== undefined) pending.events.push(proposedOf(proposed))
    })
    call.on('end', () => {
      const outcome = log.append(pending.stream, pending.expected, pending.events)
      if (outcome.kind === 'tooLarge') {
        answer(
          failure(status.INVALID_ARGUMENT, 'maximum-append-size-exceeded', {
            'maximum-append-size': String(MAX_APPEND_SIZE),
          }),
        )
      } else answer(null, appendAnswer(outcome, pending.expected))
    })
  }

const appendAnswer = (outcome: Exclude<AppendOutcome, { kind: 'tooLarge' }>, expected: Expectation): AppendResp => {
  const answer = new streams.AppendResp()
  if (outcome.kind === 'appended') {
    const success = new streams.AppendResp.Success()
    const position = new streams.AppendResp.Position()
    position.setCommitPosition(String(outcome.position))
    position.setPreparePosition(String(outcome.position))
    success.setCurrentRevision(String(outcome.revision))
    success.setPosition(position)
    answer.setSuccess(success)
    return answer
  }
  const wrong = new streams.AppendResp.WrongExpectedVersion()
  if (outcome.current === null) wrong.setCurrentNoStream(new shared.Empty())
  else wrong.setCurrentRevision(String(outcome.current))
  if (expected === 'noStream') wrong.setExpectedNoStream(new shared.Empty())
  else if (expected === 'streamExists') wrong.setExpectedStreamExists(new shared.Empty())
  else if (expected === 'any') wrong.setExpectedAny(new shared.Empty())
  else wrong.setExpectedRevision(String(expected))
  answer.setWrongExpectedVersion(wrong)
  return answer
}

/** `BatchAppend`: many appends over one call, told apart by their correlation id. */
export const batchAppend =
  (log: MemoryLog) =>
  (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void => {
    const begun = new Map<string, Pending>()
    call.on('data', (message: BatchAppendReq) => {
      const correlation = uuidText(message.getCorrelationId())
      const options = message.getOptions()
      let pending = begun.get(correlation)
      if (options !== undefined) {
        const expected = expectationOf(options, options.hasStreamPosition() ? options.getStreamPosition() : undefined)
        pending = { stream: streamName(options.getStreamIdentifier()), expected, events: [] }
        begun.set(correlation, pending)
      }
      if (pending === undefined) return
      for (const proposed of message.getProposedMessagesList()) pending.events.push(proposedOf(proposed))
      if (!message.getIsFinal()) return
      begun.delete(correlation)
      const outcome = log.append(pending.stream, pending.expected, pending.events)
      const answer = batchAnswer(outcome, pending)
      answer.setCorrelationId(message.getCorrelationId())
      if (!call.cancelled) call.write(answer)
    })
    call.on('end', () => call.end())
    call.on('error', () => begun.clear())
  }

const batchAnswer = (outcome: AppendOutcome, { stream, expected }: Pending): BatchAppendResp => {
  const answer = new streams.BatchAppendResp()
  answer.setStreamIdentifier(streamIdentifier(stream))
  if (outcome.kind === 'appended') {
    const success = new streams.BatchAppendResp.Success()
    const position = new shared.AllStreamPosition()
    position.setCommitPosition(String(outcome.position))
    position.setPreparePosition(String(outcome.position))
    success.setCurrentRevision(String(outcome.revision))
    success.setPosition(position)
    answer.setSuccess(success)
  } else answer.setError(outcome.kind === 'wrong' ? wrongVersion(outcome.current, expected) : tooLarge())
  return answer
}

const wrongVersion = (current: number | null, expected: Expectation): Status => {
  const details = new shared.WrongExpectedVersion()
  if (current === null) details.setCurrentNoStream(new empty.Empty())
  else details.setCurrentStreamRevision(String(current))
  if (expected === 'noStream') details.setExpectedNoStream(new empty.Empty())
  else if (expected === 'streamExists') details.setExpectedStreamExists(new empty.Empty())
  else if (expected === 'any') details.setExpectedAny(new empty.Empty())
  else details.setExpectedStreamPosition(String(expected))
  return packed('WrongExpectedVersion', details.serializeBinary())
}

const tooLarge = (): Status => {
  const details = new shared.MaximumAppendSizeExceeded()
  details.setMaxappendsize(MAX_APPEND_SIZE)
  return packed('MaximumAppendSizeExceeded', details.serializeBinary())
}

const packed = (name: string, details: Uint8Array): Status => {
  const message = new statusMessages.Status()
  message.setMessage(name)
  const packing = new any.Any()
  packing.pack(details, `event_store.client.${name}`)
  message.setDetails(packing)
  return message
}

interface ExpectationMessage {
  hasNoStream(): boolean
  hasStreamExists(): boolean
}

const expectationOf = (options: ExpectationMessage, revision: string | undefined): Expectation => {
  if (revision !== undefined) return Number(revision)
  if (options.hasNoStream()) return 'noStream'
  return options.hasStreamExists() ? 'streamExists' : 'any'
}

const proposedOf = (message: ProposedMessage): Proposed => ({
  id: uuidText(message.getId()),
  type: message.getMetadataMap().get('type') ?? '',
  contentType: message.getMetadataMap().get('content-type') ?? '',
  metadata: message.getCustomMetadata_asU8(),
  data: message.getData_asU8(),
})
