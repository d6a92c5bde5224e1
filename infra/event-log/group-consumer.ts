import type { GroupDelivery, GroupSubscription } from './port.ts'

interface Waiting {
  readonly resolve: (result: IteratorResult<GroupDelivery>) => void
  readonly reject: (reason: unknown) => void
}

/** The group, as its members see it. */
interface Members {
  hunger(consumer: GroupConsumer): void
  leave(consumer: GroupConsumer): void | Promise<void>
}

/** One member of a group: asks for a delivery when its reader asks for one, never ahead. */
export class GroupConsumer implements GroupSubscription, AsyncIterableIterator<GroupDelivery> {
  readonly #group: Members
  readonly #waiting: Waiting[] = []
  #closed = false

  constructor(group: Members) {
    this.#group = group
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<GroupDelivery>> {
    if (this.#closed) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#group.hunger(this)
    })
  }

  async return(): Promise<IteratorResult<GroupDelivery>> {
    await this.close()
    return { done: true, value: undefined }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined })
    await this.#group.leave(this)
  }

  give(delivery: GroupDelivery): void {
    this.#waiting.shift()?.resolve({ done: false, value: delivery })
  }

  fail(reason: unknown): void {
    this.#waiting.shift()?.reject(reason)
  }
}
