import persistent from '@eventstore/db-client/generated/persistent_pb.js'
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/persistent_pb.js'
import rpc from '@eventstore/db-client/generated/persistent_grpc_pb.js'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import type { ClientDuplexStream } from '@grpc/grpc-js'
import type { Connection } from './connection.ts'
import { Away } from './failure.ts'
import { uuid, uuidText } from './messages.ts'

export type NackAction = 'park' | 'retry' | 'skip'

/** What the server handed out. */
export interface Handed {
  readonly record: ReadResp.ReadEvent.RecordedEvent
  /** What answers name: the link's id when it was parked before. */
  readonly messageId: string
  readonly replayed: boolean
  readonly retryCount: number
}

type Call = ClientDuplexStream<ReadReq, ReadResp>

/** One call that takes a group's events from the server and brings the answers back. When it ends, the server hands out again what was not answered. */
export class GroupLine {
  /** Under this name the server lists it. */
  readonly name: string
  readonly #call: Call

  private constructor(name: string, call: Call) {
    this.name = name
    this.#call = call
    call.on('error', nobody)
  }

  /** `bufferSize`: deliveries that may be unanswered at once. */
  static async open(connection: Connection, group: string, name: string, bufferSize: number): Promise<GroupLine> {
    const call = await connection.open(rpc.PersistentSubscriptionsClient, (client, metadata, options) => {
      metadata.set('connection-name', name)
      return client.read(metadata, options)
    })
    call.write(joining(group, bufferSize))
    return new GroupLine(name, call)
  }

  async *handed(): AsyncGenerator<Handed, void, undefined> {
    try {
      for await (const answer of this.#call as Call & AsyncIterable<ReadResp>) {
        const event = answer.getEvent()
        const record = event?.getEvent()
        if (event === undefined) continue
        const link = event.getLink()
        const messageId = uuidText((link ?? record)?.getId())
        // A link to nothing: what it pointed at is deleted.
        if (record === undefined) this.nack(messageId, 'skip', 'the event is no longer there')
        else {
          const retryCount = event.hasRetryCount() ? event.getRetryCount() : 0
          yield { record, messageId, replayed: link !== undefined, retryCount }
        }
      }
    } catch (error) {
      throw error instanceof Error && error.message.includes('Premature close')
        ? new Away('the connection of a group ended', { cause: error })
        : error
    }
  }

  ack(messageId: string): void {
    const ack = new persistent.ReadReq.Ack()
    ack.addIds(uuid(messageId))
    const message = new persistent.ReadReq()
    message.setAck(ack)
    this.#write(message)
  }

  nack(messageId: string, action: NackAction, reason: string): void {
    const { Action } = persistent.ReadReq.Nack
    const nack = new persistent.ReadReq.Nack()
    nack.addIds(uuid(messageId))
    nack.setAction({ park: Action.PARK, retry: Action.RETRY, skip: Action.SKIP }[action])
    nack.setReason(reason)
    const message = new persistent.ReadReq()
    message.setNack(nack)
    this.#write(message)
  }

  close(): void {
    this.#call.cancel()
  }

  /** Bounded by what is unanswered. On a dead line it goes nowhere: the server hands out again. */
  #write(message: ReadReq): void {
    if (!this.#call.destroyed && !this.#call.writableEnded) this.#call.write(message)
  }
}

const joining = (group: string, bufferSize: number): ReadReq => {
  const ids = new persistent.ReadReq.Options.UUIDOption()
  ids.setString(new shared.Empty())
  const options = new persistent.ReadReq.Options()
  options.setAll(new shared.Empty())
  options.setGroupName(group)
  options.setBufferSize(bufferSize)
  options.setUuidOption(ids)
  const message = new persistent.ReadReq()
  message.setOptions(options)
  return message
}

/** After a reader has gone the call still tells that it was cancelled. */
const nobody = (): void => undefined
