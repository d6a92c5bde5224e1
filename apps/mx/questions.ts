/** There was no room or no time to ask. */
export class NotAsked extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'NotAsked'
  }
}

export interface Bounds {
  /** Milliseconds for waiting and asking together. */
  readonly deadline: number
  readonly atATime: number
}

const MOST_WAITING = 1_000

interface Line {
  running: number
  readonly waiting: Set<() => void>
}

/** Questions to slow others: the same one once at a time, so many at a time for each of those asked, and none beyond its deadline. */
export class Questions<Answer> {
  readonly #asked = new Map<string, Promise<Answer>>()
  readonly #lines = new Map<string, Line>()

  /** Throws `NotAsked`. `ask` answers soon after its signal ends. */
  ask(whom: string, what: string, bounds: Bounds, ask: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    const key = `${whom}\n${what}`
    const same = this.#asked.get(key)
    if (same !== undefined) return same
    const answer = this.#inLine(whom, bounds, ask).finally(() => this.#asked.delete(key))
    this.#asked.set(key, answer)
    return answer
  }

  async #inLine(
    whom: string,
    { deadline, atATime }: Bounds,
    ask: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    const line = this.#lines.get(whom) ?? { running: 0, waiting: new Set() }
    this.#lines.set(whom, line)
    const signal = AbortSignal.timeout(deadline)
    if (line.running >= atATime) await this.#turn(line, signal)
    else line.running += 1
    try {
      return await Promise.race([ask(signal), expired(signal)])
    } finally {
      const [next] = line.waiting
      if (next === undefined) line.running -= 1
      else {
        line.waiting.delete(next)
        next()
      }
      if (line.running === 0) this.#lines.delete(whom)
    }
  }

  #turn({ waiting }: Line, signal: AbortSignal): Promise<void> {
    if (waiting.size >= MOST_WAITING) throw new NotAsked('too many questions wait already')
    return new Promise((resolve, reject) => {
      const mine = (): void => resolve()
      waiting.add(mine)
      signal.addEventListener('abort', () => {
        if (waiting.delete(mine)) reject(new NotAsked('other questions took all the time'))
      })
    })
  }
}

const expired = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new NotAsked('there was no answer in time')))
  })
