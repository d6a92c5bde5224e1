import { Option, type Command } from 'commander'
import { duration } from '../option-values.ts'

const STATES = ['pending', 'deferred', 'undeliverable'] as const

/** What entries of the queue are chosen by. */
export interface CriteriaOptions {
  readonly destination?: string
  readonly sender?: string
  readonly recipient?: string
  readonly state?: (typeof STATES)[number]
  readonly held?: boolean
  readonly reply?: string
  readonly olderThan?: number
}

export const withCriteria = (command: Command): Command =>
  command
    .option('--destination <domain>', "of this recipients' domain")
    .option('--sender <address>', 'that this account submitted, or with this reverse-path; <> for the null one')
    .option('--recipient <address>', 'for this recipient')
    .addOption(new Option('--state <state>', 'in this state').choices(STATES))
    .option('--held', 'on hold')
    .option('--reply <text>', 'with this in the last reply')
    .option('--older-than <time>', 'that have waited for so long, e.g. 90m, 4h, 2d', duration)

export const criteriaOf = ({ olderThan, destination, sender, recipient, state, held, reply }: CriteriaOptions) => ({
  ...(destination === undefined ? {} : { destination }),
  ...(sender === undefined ? {} : { sender }),
  ...(recipient === undefined ? {} : { recipient }),
  ...(state === undefined ? {} : { state }),
  ...(held === undefined ? {} : { held }),
  ...(reply === undefined ? {} : { reply }),
  ...(olderThan === undefined ? {} : { before: new Date(Date.now() - olderThan).toISOString() }),
})
