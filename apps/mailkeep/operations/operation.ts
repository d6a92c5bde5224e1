import type { z } from 'zod'
import { Declined, type DeclinedCode } from '#domain/kernel/decider'
import type { Asked } from '#infra/commands/execute'
import { ViewBehind } from '#infra/views/port'
import type { Foundation } from '../foundation.ts'

/** What the operator asked for can't be done, and why: a sentence for the terminal, and what to type instead. */
export class OperationRefused extends Error {
  /** `usage`: what was typed is wrong; `failed`: it is fine, but how things are rules it out. */
  readonly kind: 'usage' | 'failed'
  readonly instead: string | null

  constructor(
    message: string,
    { kind = 'failed', instead = null }: { kind?: 'usage' | 'failed'; instead?: string | null } = {},
  ) {
    super(message)
    this.name = 'OperationRefused'
    this.kind = kind
    this.instead = instead
  }
}

/** How far something long is. `total` null: not known. */
export interface Progress {
  readonly what: string
  readonly done: number
  readonly total: number | null
}

export interface Listening {
  readonly name: string
  readonly address: string
  readonly port: number
}

/** Under which circumstances an operation runs. */
export interface Circumstances {
  /** Who sits at the terminal: the login name. */
  readonly operator: string
  /** The server that carries it out; null: none runs, the command line opened the data itself and no reaction runs. */
  readonly server: { listening(): readonly Listening[] } | null
  progress(progress: Progress): void
  /** A retry of the same request has the same id, so that it does nothing twice. */
  readonly requestId: string
}

/** One thing that the command line can ask of a running server, or do itself when none runs. Results are plain JSON values. */
export interface Operation<Given extends z.ZodType, Result> {
  readonly given: Given
  run(foundation: Foundation, given: z.output<Given>, circumstances: Circumstances): Promise<Result>
}

/** Lets the compiler find the types. */
export const operation = <Given extends z.ZodType, Result>(
  given: Given,
  run: Operation<Given, Result>['run'],
): Operation<Given, Result> => ({ given, run })

/** The metadata of a command by the operator; `step` tells the commands of one operation apart. */
export const askedBy = ({ clock }: Foundation, { operator, requestId }: Circumstances, step: string): Asked => ({
  actor: { kind: 'operator', name: operator },
  now: clock(),
  commandId: `operator/${requestId}/${step}`,
  correlationId: requestId,
})

/** The outcome of a command, or its refusal as a sentence. */
export const accepted = <Outcome>(outcome: Outcome | Declined): Outcome => {
  if (!(outcome instanceof Declined)) return outcome
  throw new OperationRefused(sentence(outcome.reason), { kind: USAGE.has(outcome.code) ? 'usage' : 'failed' })
}

const USAGE: ReadonlySet<DeclinedCode> = new Set(['invalid'])

const sentence = (reason: string): string => {
  // What begins with a path (`scan.retryDelays: ...`) stays as it is.
  const text = /^[\w.]+: /.test(reason) ? reason : reason.charAt(0).toUpperCase() + reason.slice(1)
  return /[.!?]$/.test(text) ? text : `${text}.`
}

const PATIENCE_MS = 10_000
/** Without a server the views may have to be built first. */
const PATIENCE_ALONE_MS = 10 * 60_000

/** Waits until the view shows everything that these categories of streams have now. */
export const upToDate = async (
  { log, views }: Foundation,
  { server }: Circumstances,
  view: string,
  categories: readonly string[],
): Promise<void> => {
  const position = await log.lastPosition({ categories })
  if (position === null) return
  try {
    await views.caughtUp(view, position, server === null ? PATIENCE_ALONE_MS : PATIENCE_MS)
  } catch (error) {
    if (!(error instanceof ViewBehind)) throw error
    throw new OperationRefused(`The view ${view} has not caught up with the log yet, so the answer would be old.`, {
      instead: 'mailkeep projection list',
    })
  }
}
