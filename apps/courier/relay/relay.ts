import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import type { Instant } from '#domain/kernel/instant'
import type { RelayPolicy } from '#domain/policy/documents'
import { keyOf, Waiting, type Candidate } from '#domain/relay/waiting'
import type { Policies } from '#infra/commands/policies'
import type { DestinationLimits, Destinations } from './destinations.ts'
import { DueRelays, fromTheFirst, type DuePlace, type DueRelay } from './due.ts'
import type { Route } from './route.ts'
import type { Routes } from './routes.ts'
import type { ViewReader } from '#infra/views/port'

/** What the scheduler stands on. */
export interface RelayParts {
  readonly views: Pick<ViewReader, 'select'>
  /** Calls back whenever the views may have changed; the answer ends it. */
  readonly onViews: (changed: () => void) => () => void
  readonly routes: Routes
  readonly destinations: Destinations
  readonly policies: Pick<Policies, 'current' | 'fresh'>
  /** What becomes of mails can't be recorded now: nothing more is begun. */
  readonly isHeldUp: () => boolean
  /** Relays a mail to what is due of its recipients at one destination. Answers the revision up to which it has seen to them. */
  readonly attempt: (candidate: Candidate, route: Route, suspended: boolean) => Promise<number>
  readonly clock: () => Instant
  readonly logger: Logger
}

const PAGE = 500
/** Candidates in memory, and of one sender to one domain. */
const BOUNDS = { total: 10_000, lane: 500 }
/** More than wait in a lane and are under way together: some of a page is news. */
const LANE_PAGE = 2 * BOUNDS.lane
/** Due times are looked at so often; what is new comes at once. */
const LOOK_MS = 500
/** Everything that is due is looked through from the first so often: for what was let go (another node's claim that ended, trouble of our own). */
const LOOK_THROUGH_MS = 60_000
const FINISHED = 10_000
/** Of so many domains is remembered when a person last asked for a try. */
const ASKED = 10_000
const STOP_WITHIN_MS = 20_000

/**
 * WhenClearedThenRelay: hands out what is due to be relayed. The queue is the log and its view `delivery-queue`: a bounded window of it is in
 * memory, and a restart reads it anew. What it costs goes by what is due, not by what waits.
 */
export class Relay {
  readonly #parts: RelayParts
  readonly #due: DueRelays
  readonly #waiting = new Waiting(BOUNDS)
  readonly #underWay = new Map<string, Promise<void>>()
  /** Up to which revision candidates were seen to, lately: the view may still show them as they were. */
  readonly #finished = new LRUCache<string, number>({ max: FINISHED })
  readonly #asked = new LRUCache<string, Instant>({ max: ASKED })
  #position = ''
  #place: DuePlace = fromTheFirst
  #lookedThroughAt = performance.now()
  #woken = false
  /** The views may show more than was looked at. */
  #unseen = true
  /** It is time to look whose due time has come. */
  #timely = true
  #stopped = false
  #ticking: NodeJS.Timeout | undefined
  #deaf: (() => void) | undefined

  constructor(parts: RelayParts) {
    this.#parts = parts
    this.#due = new DueRelays(parts.views, PAGE)
  }

  async start(): Promise<void> {
    await this.#parts.policies.fresh()
    // What is due already is found by its position; due times are looked at from now on.
    this.#place = { ...fromTheFirst, dueAt: this.#parts.clock() }
    this.#deaf = this.#parts.onViews(() => this.#look())
    this.#ticking = setInterval(() => this.#tick(), LOOK_MS)
    this.#look()
  }

  /** Begins nothing more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#ticking)
    this.#deaf?.()
    await Promise.race([
      Promise.allSettled(this.#underWay.values()),
      new Promise((resolve) => setTimeout(resolve, STOP_WITHIN_MS).unref()),
    ])
  }

  #tick(): void {
    this.#parts.policies.fresh().catch((error: unknown) => this.#troubled(error))
    this.#waiting.bringBack()
    const now = performance.now()
    const missed = this.#waiting.missed && this.#waiting.size < BOUNDS.total / 2
    if (missed || now - this.#lookedThroughAt > LOOK_THROUGH_MS) {
      this.#waiting.missed = false
      this.#lookedThroughAt = now
      this.#place = fromTheFirst
    }
    this.#timely = true
    this.#look()
  }

  #look(): void {
    this.#unseen = true
    this.#wake()
  }

  #wake(): void {
    if (this.#woken || this.#stopped) return
    this.#woken = true
    setImmediate(() => {
      this.#woken = false
      if (this.#stopped) return
      try {
        const now = this.#parts.clock()
        if (this.#unseen) this.#read(now)
        this.#handOut(now)
      } catch (error) {
        this.#troubled(error)
      }
    })
  }

  /** One page of each kind: others have their turn before the next one. */
  #read(now: Instant): void {
    this.#unseen = false
    const changed = this.#due.changed(this.#position, now)
    this.#position = changed.after
    for (const candidate of changed.due) this.#offer(candidate)
    if (changed.more) return this.#look()
    if (this.#timely) this.#readTimes(now)
    for (const lane of this.#waiting.toRefill()) {
      const due = this.#due.ofLane(lane, now, LANE_PAGE)
      for (const candidate of due) this.#offer(candidate)
      // All of them may be under way, or over and still in the view.
      if (due.length >= LANE_PAGE) this.#waiting.hasMore(lane)
    }
  }

  #readTimes(now: Instant): void {
    const { due, after, more } = this.#due.come(this.#place, now)
    this.#place = after
    this.#timely = more
    for (const candidate of due) this.#offer(candidate)
    if (more) this.#look()
  }

  #offer(candidate: DueRelay): void {
    const key = keyOf(candidate)
    if (this.#underWay.has(key) || (this.#finished.get(key) ?? -1) >= candidate.revision) return
    this.#heed(candidate)
    const { domain } = candidate
    const route = this.#parts.routes.known(domain)
    if (this.#waiting.offer(candidate, route?.key ?? unknownYet(domain)) && route === undefined)
      void this.#lookUp(domain)
  }

  /** A person asked to have it tried at once: that its destination failed a moment ago, or the DNS did, is no reason not to. */
  #heed({ domain, askedAt }: DueRelay): void {
    const { destinations, routes } = this.#parts
    if (askedAt === null || askedAt <= (this.#asked.get(domain) ?? -1)) return
    this.#asked.set(domain, askedAt)
    const route = routes.known(domain)
    if (route === undefined) return
    if (route.is === 'unroutable') routes.forget(domain)
    else destinations.askedFor(route.key, askedAt)
    this.#waiting.bringBack(route.key)
  }

  async #lookUp(domain: string): Promise<void> {
    const { destinations, routes } = this.#parts
    try {
      const { key } = await routes.of(domain)
      const askedAt = this.#asked.get(domain)
      if (askedAt !== undefined) destinations.askedFor(key, askedAt)
      this.#waiting.move(domain, key)
      this.#waiting.bringBack(key)
      this.#wake()
    } catch (error) {
      this.#troubled(error)
    }
  }

  #handOut(now: Instant): void {
    const { destinations, isHeldUp, policies, routes } = this.#parts
    const policy = policies.current('relay').document
    while (this.#underWay.size < policy.parallel && !isHeldUp()) {
      let suspended = false
      let found: Route | undefined
      const candidate = this.#waiting.take((_destination, { domain }) => {
        found = routes.known(domain)
        if (found === undefined) {
          void this.#lookUp(domain)
          return false
        }
        if (found.is === 'unroutable') return true
        const readiness = destinations.readiness(found.key, limitsOf(policy, domain), now)
        suspended = readiness === 'suspended'
        return readiness !== 'not-now'
      })
      if (candidate === null || found === undefined) return
      this.#begin(candidate, found, suspended)
    }
  }

  #begin(candidate: Candidate, route: Route, suspended: boolean): void {
    const { attempt, clock, destinations } = this.#parts
    const key = keyOf(candidate)
    const counts = route.is === 'hosts' && !suspended
    if (counts) destinations.begins(route.key, clock())
    const work = attempt(candidate, route, suspended)
      .then(
        (revision) => void this.#finished.set(key, revision),
        (error: unknown) => this.#troubled(error, candidate.mail),
      )
      .finally(() => {
        this.#underWay.delete(key)
        if (counts) destinations.ends(route.key)
        this.#waiting.bringBack(route.key)
        this.#wake()
      })
    this.#underWay.set(key, work)
  }

  #troubled(error: unknown, mail?: string): void {
    this.#parts.logger.error(
      { err: error, ...(mail === undefined ? {} : { mail }) },
      'relaying failed, it is tried again',
    )
  }
}

/** Until it is known where a domain's mail goes. */
const unknownYet = (domain: string): string => `? ${domain}`

const limitsOf = (policy: RelayPolicy, domain: string): DestinationLimits => {
  const own = policy.destinations[domain]
  return {
    perDestination: own?.perDestination ?? policy.perDestination,
    perMinute: own?.perMinute === undefined ? policy.perMinute : own.perMinute,
  }
}
