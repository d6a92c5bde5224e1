import { exitCodes } from './exit-codes.ts'

type Failure = (typeof exitCodes)['failed' | 'usage']

/** What went wrong, as a sentence, and what to type instead. */
export class Problem extends Error {
  readonly exitCode: Failure
  readonly instead: string | null

  constructor(
    message: string,
    { exitCode = exitCodes.failed, instead = null }: { exitCode?: Failure; instead?: string | null } = {},
  ) {
    super(message)
    this.name = 'Problem'
    this.exitCode = exitCode
    this.instead = instead
  }
}

/** What was typed is wrong. */
export const wrongUsage = (message: string, instead: string | null = null): Problem =>
  new Problem(message, { exitCode: exitCodes.usage, instead })
