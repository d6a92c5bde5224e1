/** What waits to be relayed: a mail's recipients in one domain. */
export interface Candidate {
  readonly mail: string
  readonly domain: string
  /** Whose turn it takes: the account that submitted it, else the reverse-path. */
  readonly sender: string
  /** Of the mail's stream, when it was seen to be due. */
  readonly revision: number
}

export interface Bounds {
  /** Candidates in memory. */
  readonly total: number
  /** Of those, of one sender to one domain; fewer as memory fills up. */
  readonly lane: number
}

interface Lane {
  readonly domain: string
  readonly sender: string
  count: number
}

/**
 * A bounded window on what is due: the rest stays in the view. Destinations take turns, and within a destination senders do; one that can't
 * be served now is set aside and costs the others nothing. It knows neither time nor network: who asks says what is ready.
 */
export class Waiting {
  readonly #bounds: Bounds
  readonly #lanes = new Map<string, Lane>()
  /** Lanes of which more lies in the view. */
  readonly #more = new Set<string>()
  readonly #keys = new Set<string>()
  /** In the order of their next turns. */
  readonly #ring = new Map<string, Map<string, Candidate[]>>()
  readonly #aside = new Map<string, Map<string, Candidate[]>>()
  /** Of the domains that wait. */
  readonly #domains = new Map<string, { destination: string; count: number }>()
  /** Something that has no lane was turned away. */
  missed = false

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#keys.size
  }

  /** False: there is no room, it stays in the view. A candidate that waits already is not taken twice. */
  offer(candidate: Candidate, destination: string): boolean {
    const key = keyOf(candidate)
    if (this.#keys.has(key)) return true
    const laneKey = laneOf(candidate)
    const lane = this.#lanes.get(laneKey)
    if ((lane?.count ?? 0) >= this.#room()) {
      if (lane === undefined) this.missed = true
      else this.#more.add(laneKey)
      return false
    }
    if (lane === undefined) this.#lanes.set(laneKey, { domain: candidate.domain, sender: candidate.sender, count: 1 })
    else lane.count += 1
    this.#keys.add(key)
    this.move(candidate.domain, destination)
    const known = this.#domains.get(candidate.domain)
    this.#domains.set(candidate.domain, { destination, count: (known?.count ?? 0) + 1 })
    const queues = this.#aside.get(destination) ?? this.#ring.get(destination) ?? new Map<string, Candidate[]>()
    if (!this.#aside.has(destination)) this.#ring.set(destination, queues)
    const queue = queues.get(candidate.sender)
    if (queue === undefined) queues.set(candidate.sender, [candidate])
    else queue.push(candidate)
    return true
  }

  /** Who is next, null when nobody is: those whose destination is not `ready` are set aside until `bringBack`. */
  take(ready: (destination: string, candidate: Candidate) => boolean): Candidate | null {
    for (const [destination, queues] of this.#ring) {
      const [sender, queue] = first(queues)
      const candidate = queue[0]!
      this.#ring.delete(destination)
      if (!ready(destination, candidate)) {
        this.#aside.set(destination, queues)
        continue
      }
      queue.shift()
      queues.delete(sender)
      if (queue.length > 0) queues.set(sender, queue)
      if (queues.size > 0) this.#ring.set(destination, queues)
      this.#forget(candidate)
      return candidate
    }
    return null
  }

  /** The destination may be served again; without one all may. */
  bringBack(destination?: string): void {
    for (const name of destination === undefined ? [...this.#aside.keys()] : [destination]) {
      const queues = this.#aside.get(name)
      if (queues === undefined) continue
      this.#aside.delete(name)
      this.#ring.set(name, queues)
    }
  }

  /** Lanes of which more lies in the view and little in memory. Named once: a lane that is turned down again is named again. */
  toRefill(): readonly Pick<Candidate, 'domain' | 'sender'>[] {
    const few = Math.min(this.#bounds.lane, this.#room()) / 4
    const low: Pick<Candidate, 'domain' | 'sender'>[] = []
    for (const key of this.#more) {
      const lane = this.#lanes.get(key)
      if (lane === undefined || lane.count > few) continue
      this.#more.delete(key)
      low.push({ domain: lane.domain, sender: lane.sender })
      if (lane.count === 0) this.#lanes.delete(key)
    }
    return low
  }

  /** More of this lane lies in the view than was offered. */
  hasMore({ domain, sender }: Pick<Candidate, 'domain' | 'sender'>): void {
    const key = laneOf({ domain, sender })
    if (!this.#lanes.has(key)) this.#lanes.set(key, { domain, sender, count: 0 })
    this.#more.add(key)
  }

  /** A lane may have a quarter of the room that is left: nobody fills all of it. */
  #room(): number {
    const left = this.#bounds.total - this.#keys.size
    return left <= 0 ? 0 : Math.max(1, Math.min(this.#bounds.lane, left >> 2))
  }

  #forget(candidate: Candidate): void {
    this.#keys.delete(keyOf(candidate))
    const domain = this.#domains.get(candidate.domain)
    if (domain !== undefined && --domain.count === 0) this.#domains.delete(candidate.domain)
    const key = laneOf(candidate)
    const lane = this.#lanes.get(key)
    if (lane === undefined) return
    lane.count -= 1
    if (lane.count === 0 && !this.#more.has(key)) this.#lanes.delete(key)
  }

  /** The hosts of a domain are known now, or have become others while its mail waits. */
  move(domain: string, destination: string): void {
    const known = this.#domains.get(domain)
    if (known === undefined || known.destination === destination) return
    const before = known.destination
    known.destination = destination
    const from = this.#ring.get(before) ?? this.#aside.get(before)
    if (from === undefined) return
    const to = this.#aside.get(destination) ?? this.#ring.get(destination) ?? new Map<string, Candidate[]>()
    for (const [sender, queue] of from) {
      const moved = queue.filter((one) => one.domain === domain)
      if (moved.length === 0) continue
      const stays = queue.filter((one) => one.domain !== domain)
      if (stays.length === 0) from.delete(sender)
      else from.set(sender, stays)
      to.set(sender, [...(to.get(sender) ?? []), ...moved])
    }
    if (from.size === 0) {
      this.#ring.delete(before)
      this.#aside.delete(before)
    }
    if (to.size > 0 && !this.#aside.has(destination)) this.#ring.set(destination, to)
  }
}

export const keyOf = ({ mail, domain }: Pick<Candidate, 'mail' | 'domain'>): string => `${mail}\n${domain}`

const laneOf = ({ domain, sender }: Pick<Candidate, 'domain' | 'sender'>): string => `${domain}\n${sender}`

const first = (queues: ReadonlyMap<string, Candidate[]>): [string, Candidate[]] => {
  for (const entry of queues) return entry
  throw new Error('a destination without candidates is not kept')
}
