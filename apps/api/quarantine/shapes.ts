import { z } from 'zod'
import { quarantineReason, type ScoredSymbol } from '#domain/mail/events'
import { whyHeld } from '#domain/mail/why-held'
import type { QuarantineRow } from '#projections/quarantine/projection'
import { time, toTime, toTimeOrNull } from '../resources/shapes.ts'

export const itemShape = z
  .object({
    mail: z.string(),
    recipient: z.string().describe('the mailbox'),
    address: z.string().describe('as given'),
    reason: quarantineReason.nullable(),
    why: z.string().describe('one sentence for people'),
    score: z.number().nullable(),
    threshold: z.number().nullable(),
    reversePath: z.string().nullable(),
    headerFrom: z.string().nullable(),
    headerFromName: z.string().nullable(),
    subject: z.string().nullable(),
    acceptedAt: time,
    size: z.number(),
    expiresAt: time.nullable(),
    releasable: z.boolean().describe('by its recipient; else by an administrator only, with a reason'),
    releasableBy: z.enum(['user', 'admin']).describe('who may at least: its recipient, or only an administrator'),
    releasing: z.boolean().describe('a release waits for its scan'),
    releaseRefused: z.string().nullable(),
  })
  .meta({ id: 'QuarantineItem' })

export const shownItem = (row: QuarantineRow) => explainedItem(row, [])

/** With what its score is made of, the heaviest symbol says why. */
export const explainedItem = (row: QuarantineRow, symbols: readonly ScoredSymbol[]) => ({
  mail: row.mail,
  recipient: row.recipient,
  address: row.address,
  reason: row.reason,
  why: whyHeld(row, symbols),
  score: row.score,
  threshold: row.threshold,
  reversePath: row.reversePath,
  headerFrom: row.headerFrom,
  headerFromName: row.headerFromName,
  subject: row.subject,
  acceptedAt: toTime(row.acceptedAt),
  size: row.size,
  expiresAt: toTimeOrNull(row.expiresAt),
  releasable: row.releasable === 1,
  releasableBy: row.releasable === 1 ? ('user' as const) : ('admin' as const),
  releasing: row.releaseRequested === 1,
  releaseRefused: row.releaseRefused,
})

export const releaseResult = z
  .object({
    mail: z.string(),
    recipient: z.string(),
    state: z
      .enum(['released', 'releasing', 'refused', 'discarded', 'failed'])
      .describe('`releasing`: the scan before a release is under way'),
    detail: z.string().nullable().describe('what stands against it, for `refused` and `failed`'),
    trusted: z.string().nullable().describe('the entry put on the allow list'),
  })
  .meta({ id: 'QuarantineResult' })
export type QuarantineResult = z.output<typeof releaseResult>
