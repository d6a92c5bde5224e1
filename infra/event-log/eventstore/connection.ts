import { setTimeout as sleep } from 'node:timers/promises'
import type { Duplex, Readable } from 'node:stream'
import { EventStoreDBClient } from '@eventstore/db-client'
import type { CallOptions, Client, Metadata } from '@grpc/grpc-js'
import { closed, isPassing, unavailable } from './failure.ts'

/** Milliseconds before the nth try: doubled each time, with a fifth of chance so that nodes don't come all at once. */
const FIRST_DELAY = 20
const MAX_DELAY = 2_000

/**
 * What the client's own commands are made of. They are not public, but the public commands can't do what the port promises: `readAll`
 * takes no filter, every event's JSON is parsed on the way, and `batchAppend` keeps the appends of all clients of a process in one table, which
 * the end of one connection empties for all.
 */
interface Calls {
  GRPCStreamCreator<Rpc extends Client, Stream extends Readable | Duplex>(
    rpc: new (...arguments_: never[]) => Rpc,
    name: string,
    create: (client: Rpc) => Stream,
  ): () => Promise<Stream>
  callArguments(options: { requiresLeader?: boolean }, call?: CallOptions): [Metadata, CallOptions]
}

export interface ConnectionOptions {
  /** `esdb://user:password@host:2113,...?tls=...` or `esdb+discover://...`; `kurrentdb` is the same by its new name. */
  readonly connectionString: string
  /** Milliseconds that a call keeps trying while the server is away. */
  readonly patienceMs: number
}

/** One client, its reconnecting, and the rule by which calls are tried again. */
export class Connection {
  readonly client: EventStoreDBClient
  readonly #calls: Calls
  readonly #patienceMs: number
  readonly #closing = new AbortController()
  #channel: ReturnType<Client['getChannel']> | undefined

  /** Throws when the connection string is none. Connects at the first call. */
  constructor({ connectionString, patienceMs }: ConnectionOptions) {
    this.client = EventStoreDBClient.connectionString(connectionString.replace(/^kurrentdb/u, 'esdb'))
    this.#calls = this.client as unknown as Calls
    this.#patienceMs = patienceMs
  }

  get closed(): AbortSignal {
    return this.#closing.signal
  }

  get name(): string {
    return this.client.connectionName
  }

  checkOpen(): void {
    if (this.#closing.signal.aborted) throw closed()
  }

  /** Opens a streaming call. Its end ends the connection when it says so. */
  open<Rpc extends Client, Stream extends Readable | Duplex>(
    rpc: new (...arguments_: never[]) => Rpc,
    create: (client: Rpc, metadata: Metadata, options: CallOptions) => Stream,
  ): Promise<Stream> {
    this.checkOpen()
    return this.#calls.GRPCStreamCreator(rpc, rpc.name, (client: Rpc) => {
      this.#channel = client.getChannel()
      const [metadata, options] = this.#calls.callArguments({ requiresLeader: true }, { deadline: Infinity })
      return create(client, metadata, options)
    })()
  }

  /** Tries again while the server is away: until patience ends (`LogUnavailable`, `unreachable`), or for ever with `patient`. */
  async retry<Result>(what: string, attempt: () => Promise<Result>, patient = false): Promise<Result> {
    const deadline = performance.now() + this.#patienceMs
    for (let failures = 0; ; failures++) {
      this.checkOpen()
      try {
        return await attempt()
      } catch (error) {
        this.checkOpen()
        const late = !patient && performance.now() >= deadline
        if (late || !isPassing(error)) throw unavailable(error, what)
        await this.pause(failures)
      }
    }
  }

  /** Before the next try after so many failures; shorter when the log is closed. */
  async pause(failures: number): Promise<void> {
    const delay = Math.min(MAX_DELAY, FIRST_DELAY * 2 ** Math.min(failures, 16)) * (0.9 + Math.random() * 0.2)
    await sleep(delay, undefined, { signal: this.#closing.signal }).catch((error: unknown) => {
      if (!this.#closing.signal.aborted) throw error
    })
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    await this.client.dispose()
    // The client has no way to let its channel go.
    this.#channel?.close()
  }
}
