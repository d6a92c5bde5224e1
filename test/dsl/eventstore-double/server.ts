import { once } from 'node:events'
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net'
import features from '@eventstore/db-client/generated/serverfeatures_pb.js'
import featuresRpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js'
import gossip from '@eventstore/db-client/generated/gossip_pb.js'
import gossipRpc from '@eventstore/db-client/generated/gossip_grpc_pb.js'
import persistentRpc from '@eventstore/db-client/generated/persistent_grpc_pb.js'
import streamsRpc from '@eventstore/db-client/generated/streams_grpc_pb.js'
import type { IStreamsServer } from '@eventstore/db-client/generated/streams_grpc_pb.js'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import type { Metadata, UntypedServiceImplementation } from '@grpc/grpc-js'
import { append, batchAppend } from './appending.ts'
import { Groups } from './groups.ts'
import { failure, status, uuid } from './messages.ts'
import { read } from './reading.ts'
import { MemoryLog } from './records.ts'

export interface DoubleOptions {
  /** Begins with events of its own, as a server does; without, the first event appended has position 0. Default true. */
  readonly systemEvents?: boolean
  /** `CaughtUp` in subscriptions, as servers from 23.10 on send. Default false. */
  readonly caughtUpMessages?: boolean
  /** PEM. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Who may call; without, anybody. */
  readonly credentials?: { readonly username: string; readonly password: string }
}

/** Serves the client's own gRPC definitions over a log in memory, as EventStoreDB 22.10 does where it matters to a client. */
export class EventStoreDouble {
  readonly log = new MemoryLog()
  readonly #groups = new Groups(this.log)
  readonly #grpc: Server
  readonly #credentials: ServerCredentials
  readonly #sockets = new Set<Socket>()
  readonly #options: DoubleOptions
  #listening: NetServer | undefined
  #port = 0

  constructor(options: DoubleOptions = {}) {
    this.#options = options
    if (options.systemEvents !== false) {
      this.log.writeSystem('$users', '$UserCreated', { loginName: 'admin' })
      this.log.writeSystem('$stats-127.0.0.1:2113', '$statsCollected', { 'proc-cpu': 1 })
    }
    this.#grpc = new Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 })
    this.#credentials =
      options.tls === undefined
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(null, [
            { private_key: Buffer.from(options.tls.key), cert_chain: Buffer.from(options.tls.cert) },
          ])
    const streams: IStreamsServer = {
      append: append(this.log),
      batchAppend: batchAppend(this.log),
      read: read(this.log, { caughtUpMessages: options.caughtUpMessages ?? false }),
      delete: (_call, answer) => answer(failure(status.UNIMPLEMENTED, 'the double deletes nothing')),
      tombstone: (_call, answer) => answer(failure(status.UNIMPLEMENTED, 'the double deletes nothing')),
    }
    this.#grpc.addService(streamsRpc.StreamsService, this.#guarded(streams))
    this.#grpc.addService(persistentRpc.PersistentSubscriptionsService, this.#guarded(this.#groups.service))
    this.#grpc.addService(featuresRpc.ServerFeaturesService, {
      getSupportedMethods: (_call: unknown, answer: (error: null, methods: unknown) => void) =>
        answer(null, supportedMethods()),
    })
    this.#grpc.addService(gossipRpc.GossipService, {
      read: (_call: unknown, answer: (error: null, cluster: unknown) => void) => answer(null, this.#cluster()),
    })
  }

  get port(): number {
    return this.#port
  }

  get connectionString(): string {
    const { credentials, tls } = this.#options
    const user = credentials === undefined ? '' : `${credentials.username}:${credentials.password}@`
    return `esdb://${user}127.0.0.1:${this.#port}?tls=${String(tls !== undefined)}`
  }

  /** Connections now. */
  get connections(): number {
    return this.#sockets.size
  }

  /** Begins to listen; again on the same port after `goAway`. */
  async listen(): Promise<this> {
    const injector = this.#grpc.createConnectionInjector(this.#credentials)
    const server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => socket.destroy())
      injector.injectConnection(socket)
    })
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    this.#port = (server.address() as AddressInfo).port
    this.#listening = server
    return this
  }

  /** Cuts every connection now, in the middle of whatever is on it; answers how many. */
  cut(): number {
    const cut = this.#sockets.size
    for (const socket of this.#sockets) socket.resetAndDestroy()
    return cut
  }

  /** Takes no connections any more until `listen`; what was written is kept. */
  async goAway(): Promise<void> {
    const server = this.#listening
    this.#listening = undefined
    if (server === undefined) return
    const closed = once(server, 'close')
    server.close()
    this.cut()
    await closed
  }

  async close(): Promise<void> {
    await this.goAway()
    this.#groups.close()
    this.#grpc.forceShutdown()
  }

  /** Refuses who doesn't give the credentials, if there are any. */
  #guarded(service: UntypedServiceImplementation): UntypedServiceImplementation {
    const { credentials } = this.#options
    if (credentials === undefined) return service
    const wanted = `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
    return Object.fromEntries(
      Object.entries(service).map(([name, implementation]) => [
        name,
        (call: { metadata: Metadata; emit?(event: 'error', error: Error): void }, answer?: (error: Error) => void) => {
          if (call.metadata.get('authorization')[0] === wanted) {
            Reflect.apply(implementation, undefined, answer === undefined ? [call] : [call, answer])
            return
          }
          const refused = failure(status.UNAUTHENTICATED, 'access-denied')
          if (answer === undefined) call.emit?.('error', refused)
          else answer(refused)
        },
      ]),
    )
  }

  #cluster() {
    const endPoint = new gossip.EndPoint()
    endPoint.setAddress('127.0.0.1')
    endPoint.setPort(this.#port)
    const member = new gossip.MemberInfo()
    member.setInstanceId(uuid('00000000-0000-4000-8000-000000000001'))
    member.setState(gossip.MemberInfo.VNodeState.LEADER)
    member.setIsAlive(true)
    member.setTimeStamp('0')
    member.setHttpEndPoint(endPoint)
    const cluster = new gossip.ClusterInfo()
    cluster.setMembersList([member])
    return cluster
  }
}

const supportedMethods = () => {
  const methods = [
    ...['append', 'batchappend', 'read'].map((name) => ['event_store.client.streams.streams', name, []] as const),
    ...['create', 'update', 'delete', 'read', 'getinfo', 'replayparked', 'list'].map(
      (name) =>
        ['event_store.client.persistent_subscriptions.persistentsubscriptions', name, ['stream', 'all']] as const,
    ),
  ]
  const supported = new features.SupportedMethods()
  supported.setEventStoreServerVersion('22.10.5.0')
  supported.setMethodsList(
    methods.map(([service, name, list]) => {
      const method = new features.SupportedMethod()
      method.setServiceName(service)
      method.setMethodName(name)
      method.setFeaturesList([...list])
      return method
    }),
  )
  return supported
}
