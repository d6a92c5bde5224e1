import type { MailEvent } from '#domain/mail/events'

export type ReportedEvent = Extract<MailEvent, { type: (typeof REPORTED)[number] }>

/** What a sender may have to be told of. */
export const REPORTED = ['Bounced', 'QueueExpired', 'DelayReported', 'ReceiptOwed'] as const
