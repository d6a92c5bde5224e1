import { LRUCache } from 'lru-cache'

/** The pool of our own addresses from which the mail of a domain goes: each in its turn. */
export class SendingAddresses {
  readonly #of: (domain: string) => readonly string[]
  readonly #turns = new LRUCache<string, number>({ max: 10_000 })

  constructor(of: (domain: string) => readonly string[]) {
    this.#of = of
  }

  /** All of them, the one whose turn it is first. */
  inTurn(domain: string): readonly string[] {
    const addresses = this.#of(domain)
    if (addresses.length < 2) return addresses
    const turn = (this.#turns.get(domain) ?? 0) % addresses.length
    this.#turns.set(domain, turn + 1)
    return [...addresses.slice(turn), ...addresses.slice(0, turn)]
  }
}
