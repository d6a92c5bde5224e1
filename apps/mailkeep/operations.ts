import type { Foundation } from './foundation.ts'

/** What the operator asked for can't be done, and why: a sentence for the terminal. */
export class OperationRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'OperationRefused'
  }
}

export type Operation = (foundation: Foundation, given: Readonly<Record<string, unknown>>) => Promise<unknown>

/** What the command line can ask of a running server, or do itself when none runs. */
export const operations: Readonly<Record<string, Operation>> = {
  ping: async () => ({ pid: process.pid }),
}
