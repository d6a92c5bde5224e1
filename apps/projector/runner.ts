import { setTimeout } from 'node:timers/promises'
import type { Projection } from '#domain/kernel/projection'
import type { EventFilter, EventLog, Position, ReadAllPage } from '#infra/event-log/port'
import { UnreadableEvent } from '#infra/event-log/port'
import type { Build, Stopped } from '#infra/views/build'
import { snapshotOf } from '#infra/views/digest'
import type { ViewStore } from '#infra/views/store'
import type { FromProjector, Rebuilt, Verified, ViewStatus } from './protocol.ts'
import { earliest, isBeyond, latest } from './positions.ts'
import { summary, viewEvent } from './shapes.ts'
import { statusOf } from './status.ts'
import type { View } from './status.ts'

export interface RunnerParts {
  readonly log: Pick<EventLog, 'readAll' | 'subscribeAll' | 'lastPosition'>
  readonly store: ViewStore
  /** The store's file, for snapshots of it. */
  readonly path: string
  readonly projections: readonly Projection[]
  /** All there are: views of none of them are forgotten. */
  readonly known: readonly Projection[]
  readonly post: (message: FromProjector) => void
  readonly now: () => number
}

/** Events per transaction while catching up. */
const BATCH = 1_000
/** What is built beside can take more at a time: its rows lie all over the tables, and each transaction writes whole pages. */
const BATCH_BESIDE = 2_000
/** Views that read more types than this read nearly all there is: looking at every event is quicker than asking for each type. */
const FEW_TYPES = 8
/**
 * When batch follows batch, the next is let grow for so many milliseconds: a transaction costs much the same for one event as for
 * fifty. What comes after a pause is taken at once.
 */
const GATHER = 25
/** Batches in quick succession before that. */
const SUCCESSION = 3
/** Milliseconds between two tries while the log or the disk has no answer. */
const FIRST_WAIT = 100
const LONGEST_WAIT = 5_000

/**
 * Runs the projections: one pass over the log feeds all views that are at the same place, decoding each event once. Views that are
 * behind, or built anew, are read up to that place beside it and then join.
 */
export class Runner {
  readonly #parts: RunnerParts
  readonly #views: readonly View[]
  readonly #stopping = new AbortController()
  /** How far the common pass has read. */
  #front: Position | null = null
  #unreadable: Stopped | null = null
  #head: Position | null = null
  /** occurredAt of the newest event the common pass has read; null when it has read all. */
  #behindSince: number | null = null
  #tasks: Promise<unknown> = Promise.resolve()
  #running: Promise<void> = Promise.resolve()

  constructor(parts: RunnerParts) {
    this.#parts = parts
    this.#views = parts.projections.map((projection): View => ({
      projection,
      live: undefined,
      beside: undefined,
      joined: false,
      caughtUp: false,
    }))
  }

  /** Opens every view; resolves when the pass has begun. */
  async start(): Promise<void> {
    const { store, log, known, post } = this.#parts
    store.forgetOthers(known)
    this.#head = await log.lastPosition()
    const anew: View[] = []
    for (const view of this.#views) {
      const live = store.live(view.projection)
      live?.resume()
      view.live = live
      if (live === undefined || isBeyond(live.checkpoint, this.#head)) anew.push(view)
    }
    const healthy = this.#views.filter((view) => !anew.includes(view))
    this.#front = healthy.length === 0 ? this.#head : latest(healthy.map((view) => view.live?.checkpoint ?? null))
    const late: View[] = []
    for (const view of healthy) {
      if ((view.live?.checkpoint ?? null) === this.#front) this.#join(view)
      else late.push(view)
    }
    for (const view of anew) view.beside = store.begin(view.projection, 'rebuild')
    post({ kind: 'opened', discarded: store.discarded, views: this.status() })
    this.#running = Promise.all([
      this.#pass(),
      this.#enqueue(() => this.#persist(() => this.#catchUp(late))),
      this.#enqueue(() => this.#persist(() => this.#replace(anew))),
    ]).then(() => undefined)
    // A failure of these ends the thread; a stop is none.
    this.#running.catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) throw error
    })
  }

  status(): readonly ViewStatus[] {
    const at = {
      head: this.#head,
      behindSince: this.#behindSince,
      unreadable: this.#unreadable,
      now: this.#parts.now(),
    }
    return this.#views.map((view) => statusOf(view, at))
  }

  /** Builds a view anew beside the live one and swaps. One at a time. */
  rebuild(name: string): Promise<Rebuilt> {
    return this.#enqueue(async () => {
      const began = this.#parts.now()
      const view = this.#view(name)
      view.beside ??= this.#parts.store.begin(view.projection, 'rebuild')
      const failure = await this.#replace([view])
      if (failure !== null) {
        const at = `${failure.stream}@${failure.revision} (${failure.type})`
        throw new Error(`event ${at} stopped the rebuild: ${failure.reason}`)
      }
      return { view: name, events: view.live?.events ?? 0, ms: this.#parts.now() - began }
    })
  }

  /** Builds a view beside the live one up to the same place and compares every row. */
  verify(name: string): Promise<Verified> {
    return this.#enqueue(async () => {
      const began = this.#parts.now()
      const view = this.#view(name)
      const { live } = view
      if (live === undefined) throw new Error(`the view ${name} is being built`)
      if (live.stopped !== null) throw new Error(`the view ${name} has stopped: ${live.stopped.reason}`)
      const { store, path } = this.#parts
      const build = store.begin(view.projection, 'verify')
      try {
        const snapshot = await this.#readUpTo(
          [build],
          () => live.checkpoint,
          () => {
            if (build.stopped !== null) throw new Error(`the rebuilt view stopped: ${build.stopped.reason}`)
            const comparing = snapshotOf(path, view.projection, live.generation, build.generation)
            return { comparing, position: live.checkpoint }
          },
        )
        const comparison = await snapshot.comparing.compare(this.#stopping.signal)
        const { position } = snapshot
        return { ...comparison, view: name, position, events: build.events, ms: this.#parts.now() - began }
      } finally {
        store.drop(build)
      }
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.allSettled([this.#running, this.#tasks])
    this.#parts.store.close()
  }

  async #pass(): Promise<void> {
    const { signal } = this.#stopping
    let last = Number.NEGATIVE_INFINITY
    let succession = 0
    for (let wait = FIRST_WAIT; !signal.aborted; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      try {
        for await (const batch of this.#batches()) {
          succession = performance.now() - last < 2 * GATHER ? succession + 1 : 0
          await this.#take(batch)
          last = performance.now()
          if (batch.caughtUp && succession >= SUCCESSION) {
            await setTimeout(GATHER, undefined, { signal }).catch(() => undefined)
          }
          if (wait !== FIRST_WAIT) this.#parts.post({ kind: 'trouble', reason: null })
          wait = FIRST_WAIT
        }
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof UnreadableEvent) return this.#stopReading(error)
        await this.#trouble(error, wait)
      }
    }
  }

  async *#batches(): AsyncGenerator<ReadAllPage, void, undefined> {
    const { log } = this.#parts
    const { signal } = this.#stopping
    for (let caughtUp = false; !caughtUp;) {
      const page = await log.readAll(this.#front, {}, BATCH)
      if (signal.aborted) return
      caughtUp = page.caughtUp
      yield page
    }
    yield* log.subscribeAll(this.#front, {}, signal)
  }

  async #take({ events, position, caughtUp }: ReadAllPage): Promise<void> {
    const { store, log, post } = this.#parts
    if (position === null) return
    const joined = this.#views.filter((view) => view.joined)
    const builds = joined.flatMap((view) => view.live ?? [])
    const running = builds.filter((build) => build.stopped === null)
    store.apply(running, events.map(viewEvent), position)
    this.#front = position
    this.#behindSince = caughtUp ? null : (events.at(-1)?.metadata.occurredAt ?? this.#behindSince)
    this.#head = caughtUp ? position : await log.lastPosition()
    if (this.#head === position) for (const view of joined) view.caughtUp = true
    for (const build of running) this.#tellStopped(build)
    post({ kind: 'progress', views: this.status(), events: caughtUp ? events.map(summary) : [] })
  }

  #tellStopped(build: Build): void {
    if (build.stopped !== null) {
      this.#parts.post({ kind: 'stopped', view: build.projection.name, stopped: build.stopped })
    }
  }

  #stopReading(error: UnreadableEvent): void {
    const { position, stream, revision, message: reason } = error
    this.#unreadable = { position, stream, revision, id: '', type: 'unreadable', occurredAt: this.#parts.now(), reason }
    for (const { projection } of this.#views) {
      this.#parts.post({ kind: 'stopped', view: projection.name, stopped: this.#unreadable })
    }
    this.#parts.post({ kind: 'progress', views: this.status(), events: [] })
  }

  /** Views that stopped earlier than the others: up to the common pass, then with it. */
  async #catchUp(views: readonly View[]): Promise<void> {
    const builds = views.flatMap((view) => view.live ?? [])
    if (builds.length === 0) return
    await this.#readUpTo(
      builds,
      () => this.#front,
      () => {
        for (const view of views) this.#join(view)
      },
    )
    for (const build of builds) this.#tellStopped(build)
    this.#parts.post({ kind: 'progress', views: this.status(), events: [] })
  }

  #join(view: View): void {
    view.joined = true
    view.caughtUp = this.#front === this.#head
  }

  /** Reads what is being built up to the common pass and swaps. Answers the event that stopped a build, if one did. */
  async #replace(views: readonly View[]): Promise<Stopped | null> {
    const builds = views.flatMap((view) => view.beside ?? [])
    if (builds.length === 0) return null
    const target = () => latest([this.#front, this.#head])
    await this.#readUpTo(builds, target, () => undefined)
    for (const build of builds) if (build.stopped === null) await this.#parts.store.index(build)
    await this.#readUpTo(builds, target, () => {
      for (const view of views) this.#swap(view)
    })
    let failure: Stopped | null = null
    for (const view of views) {
      const { beside } = view
      if (beside === undefined || beside.stopped === null) continue
      failure = beside.stopped
      this.#tellStopped(beside)
      // A live view of this version goes on as it was; without one, what stopped is what there is to show.
      if (view.live !== undefined) {
        view.beside = undefined
        this.#parts.store.drop(beside)
      }
    }
    this.#parts.post({ kind: 'progress', views: this.status(), events: [] })
    return failure
  }

  #swap(view: View): void {
    const { beside } = view
    if (beside === undefined || beside.stopped !== null) return
    this.#parts.store.swap(beside)
    view.live = beside
    view.beside = undefined
    this.#join(view)
  }

  /** The log or the disk may have no answer for a while. */
  async #persist(task: () => Promise<unknown>): Promise<void> {
    const { signal } = this.#stopping
    for (let wait = FIRST_WAIT; !signal.aborted; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      try {
        await task()
        return
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof UnreadableEvent) return this.#stopReading(error)
        await this.#trouble(error, wait)
      }
    }
  }

  async #trouble(cause: unknown, wait: number): Promise<void> {
    this.#parts.post({ kind: 'trouble', reason: cause instanceof Error ? cause.message : String(cause) })
    await setTimeout(wait, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
  }

  /** Feeds builds until they are where `target` is then (or past it), and does `there` before anything else can move. */
  async #readUpTo<Result>(
    builds: readonly Build[],
    target: () => Position | null,
    there: () => Result,
  ): Promise<Result> {
    const { log, store, post } = this.#parts
    const { signal } = this.#stopping
    const filter = filterOf(builds)
    for (;;) {
      const running = builds.filter((build) => build.stopped === null)
      if (running.length === 0) return there()
      const from = earliest(running.map((build) => build.checkpoint))
      const until = target()
      if (until === null || (from !== null && from >= until)) return there()
      const page = await log.readAll(from, filter, BATCH_BESIDE)
      signal.throwIfAborted()
      if (page.position === null) return there()
      // A verification ends where the live view is, which may have moved while the page was read.
      const end = target() ?? until
      const upTo = page.position > end ? end : page.position
      const events = page.events.filter((event) => event.position <= upTo)
      store.apply(running, events.map(viewEvent), upTo)
      post({ kind: 'progress', views: this.status(), events: [] })
    }
  }

  /** One task after the other: each is as much work as the disk takes. */
  #enqueue<Result>(task: () => Promise<Result>): Promise<Result> {
    const done = this.#tasks.then(() => {
      this.#stopping.signal.throwIfAborted()
      return task()
    })
    this.#tasks = done.catch(() => undefined)
    return done
  }

  #view(name: string): View {
    const view = this.#views.find(({ projection }) => projection.name === name)
    if (view === undefined) throw new Error(`there is no view ${name}`)
    return view
  }
}

function filterOf(builds: readonly Build[]): EventFilter {
  const types = [...new Set(builds.flatMap((build) => build.projection.types))]
  return types.length > FEW_TYPES ? {} : { types }
}
