import { randomUUID } from 'node:crypto'
import persistent from '@eventstore/db-client/generated/persistent_pb.js'
import type {
  CreateReq,
  CreateResp,
  DeleteReq,
  DeleteResp,
  GetInfoReq,
  GetInfoResp,
  ListReq,
  ListResp,
  ReadReq,
  ReadResp,
  ReplayParkedReq,
  ReplayParkedResp,
  SubscriptionInfo,
  UpdateReq,
  UpdateResp,
} from '@eventstore/db-client/generated/persistent_pb.js'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import type { IPersistentSubscriptionsServer } from '@eventstore/db-client/generated/persistent_grpc_pb.js'
import type { sendUnaryData, ServerDuplexStream, ServerUnaryCall } from '@grpc/grpc-js'
import type { Consumer, GroupSettings, OutstandingMessage } from './consumer-group.ts'
import { ConsumerGroup } from './consumer-group.ts'
import { filterOf } from './filter.ts'
import { failure, record, status, uuidText } from './messages.ts'
import type { MemoryLog } from './records.ts'

const STRATEGIES = ['DispatchToSingle', 'RoundRobin', 'Pinned']
const ACTIONS = { 1: 'park', 2: 'retry', 3: 'skip' } as const

/** Persistent subscriptions to `$all`. */
export class Groups {
  readonly #log: MemoryLog
  readonly #groups = new Map<string, ConsumerGroup>()

  constructor(log: MemoryLog) {
    this.#log = log
  }

  readonly service: IPersistentSubscriptionsServer = {
    create: (call: ServerUnaryCall<CreateReq, CreateResp>, answer: sendUnaryData<CreateResp>) => {
      const options = call.request.getOptions()
      const all = options?.getAll()
      const settings = options?.getSettings()
      if (options === undefined || all === undefined || settings === undefined) {
        answer(failure(status.UNIMPLEMENTED, 'the double has groups on $all only'))
        return
      }
      const name = options.getGroupName()
      if (this.#groups.has(name)) {
        answer(failure(status.ALREADY_EXISTS, 'persistent-subscription-exists', at(name)))
        return
      }
      const start = all.hasEnd() ? this.#log.records.length : 0
      const from = all.hasPosition() ? this.#log.indexAt(BigInt(all.getPosition()?.getCommitPosition() ?? 0)) : start
      const filter = filterOf(all.getFilter())
      const strategy = STRATEGIES[settings.getNamedConsumerStrategy()] ?? 'RoundRobin'
      this.#groups.set(name, new ConsumerGroup(this.#log, name, filter, settingsOf(settings, strategy), from))
      answer(null, new persistent.CreateResp())
    },
    update: (call: ServerUnaryCall<UpdateReq, UpdateResp>, answer: sendUnaryData<UpdateResp>) => {
      const options = call.request.getOptions()
      const settings = options?.getSettings()
      const group = this.#groups.get(options?.getGroupName() ?? '')
      if (group === undefined || settings === undefined) {
        answer(missing(options?.getGroupName()))
        return
      }
      group.settings = settingsOf(settings, STRATEGIES[settings.getNamedConsumerStrategy()] ?? 'RoundRobin')
      for (const consumer of group.consumers.slice()) consumer.drop()
      answer(null, new persistent.UpdateResp())
    },
    delete: (call: ServerUnaryCall<DeleteReq, DeleteResp>, answer: sendUnaryData<DeleteResp>) => {
      const name = call.request.getOptions()?.getGroupName() ?? ''
      const group = this.#groups.get(name)
      if (group === undefined) {
        answer(missing(name))
        return
      }
      group.close()
      this.#groups.delete(name)
      answer(null, new persistent.DeleteResp())
    },
    getInfo: (call: ServerUnaryCall<GetInfoReq, GetInfoResp>, answer: sendUnaryData<GetInfoResp>) => {
      const name = call.request.getOptions()?.getGroupName()
      const group = this.#groups.get(name ?? '')
      if (group === undefined) {
        answer(missing(name))
        return
      }
      const response = new persistent.GetInfoResp()
      response.setSubscriptionInfo(infoOf(group))
      answer(null, response)
    },
    replayParked: (
      call: ServerUnaryCall<ReplayParkedReq, ReplayParkedResp>,
      answer: sendUnaryData<ReplayParkedResp>,
    ) => {
      const options = call.request.getOptions()
      const group = this.#groups.get(options?.getGroupName() ?? '')
      if (options === undefined || group === undefined) {
        answer(missing(options?.getGroupName()))
        return
      }
      group.replay(options.hasStopAt() ? Number(options.getStopAt()) : undefined)
      answer(null, new persistent.ReplayParkedResp())
    },
    list: (_call: ServerUnaryCall<ListReq, ListResp>, answer: sendUnaryData<ListResp>) => {
      const response = new persistent.ListResp()
      response.setSubscriptionsList([...this.#groups.values()].map(infoOf))
      answer(null, response)
    },
    restartSubsystem: (_call, answer) => answer(null, new shared.Empty()),
    read: (call: ServerDuplexStream<ReadReq, ReadResp>) => this.#read(call),
  }

  close(): void {
    for (const group of this.#groups.values()) group.close()
  }

  #read(call: ServerDuplexStream<ReadReq, ReadResp>): void {
    let joined: { group: ConsumerGroup; consumer: Consumer } | undefined
    const leave = () => {
      if (joined !== undefined) joined.group.leave(joined.consumer)
      joined = undefined
    }
    call.on('data', (message: ReadReq) => {
      const options = message.getOptions()
      if (options !== undefined) {
        const group = this.#groups.get(options.getGroupName())
        if (group === undefined) {
          call.emit('error', missing(options.getGroupName()))
          return
        }
        const full = group.settings.maxSubscriberCount
        if (full > 0 && group.consumers.length >= full) {
          call.emit('error', failure(status.FAILED_PRECONDITION, 'maximum-subscribers-reached', at(group.name)))
          return
        }
        const consumer: Consumer = {
          name: String(call.metadata.get('connection-name')[0] ?? ''),
          bufferSize: options.getBufferSize(),
          send: (sent) => call.write(deliveryOf(sent)),
          drop: () => {
            leave()
            call.emit('error', failure(status.CANCELLED, 'persistent-subscription-dropped', at(group.name)))
          },
        }
        const confirmation = new persistent.ReadResp.SubscriptionConfirmation()
        confirmation.setSubscriptionId(randomUUID())
        const answer = new persistent.ReadResp()
        answer.setSubscriptionConfirmation(confirmation)
        call.write(answer)
        joined = { group, consumer }
        group.join(consumer)
      }
      for (const id of message.getAck()?.getIdsList() ?? []) joined?.group.ack(uuidText(id))
      const nack = message.getNack()
      const action = ACTIONS[(nack?.getAction() ?? 0) as keyof typeof ACTIONS]
      for (const id of nack?.getIdsList() ?? []) joined?.group.nack(uuidText(id), action, nack?.getReason() ?? '')
    })
    call.on('cancelled', leave)
    call.on('close', leave)
    call.on('error', leave)
  }
}

const at = (group: string) => ({ 'stream-name': '$all', 'group-name': group })
const missing = (group: string | undefined) =>
  failure(status.NOT_FOUND, 'persistent-subscription-does-not-exist', at(group ?? ''))

const deliveryOf = ({ record: from, link, retryCount }: OutstandingMessage): ReadResp => {
  const event = new persistent.ReadResp.ReadEvent()
  event.setEvent(record(new persistent.ReadResp.ReadEvent.RecordedEvent(), from))
  if (link !== undefined) event.setLink(record(new persistent.ReadResp.ReadEvent.RecordedEvent(), link))
  event.setCommitPosition(String(from.position))
  event.setRetryCount(retryCount)
  const answer = new persistent.ReadResp()
  answer.setEvent(event)
  return answer
}

const settingsOf = (message: CreateReq.Settings | UpdateReq.Settings, strategy: string): GroupSettings => ({
  messageTimeoutMs: message.getMessageTimeoutMs(),
  maxRetryCount: message.getMaxRetryCount(),
  checkpointAfterMs: message.getCheckpointAfterMs(),
  minCheckpointCount: message.getMinCheckpointCount(),
  maxCheckpointCount: message.getMaxCheckpointCount(),
  maxSubscriberCount: message.getMaxSubscriberCount(),
  liveBufferSize: message.getLiveBufferSize(),
  readBatchSize: message.getReadBatchSize(),
  historyBufferSize: message.getHistoryBufferSize(),
  resolveLinks: message.getResolveLinks(),
  extraStatistics: message.getExtraStatistics(),
  strategy,
})

const positionText = (position: number | null): string => (position === null ? '' : `C:${position}/P:${position}`)

const infoOf = (group: ConsumerGroup): SubscriptionInfo => {
  const info = new persistent.SubscriptionInfo()
  const { settings, status } = group
  info.setEventSource('$all')
  info.setGroupName(group.name)
  info.setStatus('Live')
  for (const consumer of group.consumers) {
    const connection = new persistent.SubscriptionInfo.ConnectionInfo()
    const inFlight = group.inFlightOf(consumer)
    connection.setConnectionName(consumer.name)
    connection.setInFlightMessages(inFlight)
    connection.setAvailableSlots(consumer.bufferSize - inFlight)
    connection.setTotalItems('0')
    connection.setCountSinceLastMeasurement('0')
    info.addConnections(connection)
  }
  info.setTotalItems('0')
  info.setCountSinceLastMeasurement('0')
  info.setLastCheckpointedEventPosition(positionText(status.checkpoint))
  info.setLastKnownEventPosition(positionText(status.lastKnown))
  info.setStartFrom('C:0/P:0')
  info.setResolveLinkTos(settings.resolveLinks)
  info.setExtraStatistics(settings.extraStatistics)
  info.setMessageTimeoutMilliseconds(settings.messageTimeoutMs)
  info.setMaxRetryCount(settings.maxRetryCount)
  info.setLiveBufferSize(settings.liveBufferSize)
  info.setBufferSize(settings.historyBufferSize)
  info.setReadBatchSize(settings.readBatchSize)
  info.setCheckPointAfterMilliseconds(settings.checkpointAfterMs)
  info.setMinCheckPointCount(settings.minCheckpointCount)
  info.setMaxCheckPointCount(settings.maxCheckpointCount)
  info.setMaxSubscriberCount(settings.maxSubscriberCount)
  info.setNamedConsumerStrategy(settings.strategy)
  info.setReadBufferCount(status.unread)
  info.setLiveBufferCount('0')
  info.setRetryBufferCount(status.retries)
  info.setTotalInFlightMessages(status.inFlight)
  info.setOutstandingMessagesCount(status.outstanding)
  info.setParkedMessageCount(String(group.parkedCount))
  return info
}
