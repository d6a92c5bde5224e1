import { LRUCache } from 'lru-cache'
import type { Route } from './route.ts'

/** How long it is known where a domain's mail goes. The resolver beneath keeps to shorter lives of records. */
const KNOWN_FOR_MS = 60_000
const MOST_KNOWN = 20_000
/** Domains looked up at a time. */
const AT_ONCE = 64

/** Where the mail of domains goes, remembered for a moment. */
export class Routes {
  readonly #look: (domain: string) => Promise<Route>
  readonly #known = new LRUCache<string, Route>({ max: MOST_KNOWN, ttl: KNOWN_FOR_MS })
  readonly #underWay = new Map<string, Promise<Route>>()
  readonly #waiting: (() => void)[] = []
  #looking = 0

  constructor(look: (domain: string) => Promise<Route>) {
    this.#look = look
  }

  /** What is known at once. */
  known(domain: string): Route | undefined {
    return this.#known.get(domain)
  }

  /** It is looked up anew when it is asked for next. */
  forget(domain: string): void {
    this.#known.delete(domain)
  }

  of(domain: string): Promise<Route> {
    const known = this.#known.get(domain)
    if (known !== undefined) return Promise.resolve(known)
    let underWay = this.#underWay.get(domain)
    if (underWay === undefined) {
      underWay = this.#ask(domain).finally(() => this.#underWay.delete(domain))
      this.#underWay.set(domain, underWay)
    }
    return underWay
  }

  async #ask(domain: string): Promise<Route> {
    if (this.#looking >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#looking += 1
    try {
      const route = await this.#look(domain)
      this.#known.set(domain, route)
      return route
    } finally {
      this.#looking -= 1
      this.#waiting.shift()?.()
    }
  }
}
