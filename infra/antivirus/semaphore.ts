export interface Semaphore {
  run<T>(work: () => Promise<T>): Promise<T>
}

/** At most `limit` at a time, first come first served. */
export function semaphore(limit: number): Semaphore {
  let free = limit
  const waiting: (() => void)[] = []
  return {
    run: async (work) => {
      if (free > 0) free -= 1
      else await new Promise<void>((resolve) => waiting.push(resolve))
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        if (next === undefined) free += 1
        else next()
      }
    },
  }
}
