import { z } from 'zod'
import { instant } from '../kernel/instant.ts'
import { contentHash } from '../message/content-hash.ts'
import { address } from '../message/mailbox.ts'

/** Whose side of the mail a copy is: its submitter's original, or what came to a recipient. One mail has at most one copy per account and role. */
export const copyRole = z.enum(['sent', 'received'])
export type CopyRole = z.output<typeof copyRole>

export const headerMailbox = z.object({ address, name: z.string().max(500).nullable() })
export type HeaderMailbox = z.output<typeof headerMailbox>

export const MOST_TO = 50

/** A copy as its event says it; `account` is the mailbox key. */
export const archivedCopy = z.object({
  account: address,
  role: copyRole,
  contentHash,
  size: z.number().int().nonnegative(),
  /** When it became due: acceptance, clearance, or quarantine where policy says so. Retention counts from here. */
  dueAt: instant,
  /** Stamped: no policy after it makes this earlier. null: for ever. */
  retainUntil: instant.nullable(),
  /** What lists show of it: of this copy's own header, so that nobody in Bcc is told to others. */
  headerFrom: headerMailbox.nullable(),
  to: z.array(headerMailbox).max(MOST_TO),
  subject: z.string().max(1_000).nullable(),
})
export type ArchivedCopy = z.output<typeof archivedCopy>
