import { z } from 'zod'
import { address } from '../message/mailbox.ts'

export const MAXIMUM_FORWARDS = 10

/** Where an account's mail goes on to. `keepCopy`: a copy stays in its own mailbox. */
export const forwarding = z.object({ to: z.array(address).min(1).max(MAXIMUM_FORWARDS), keepCopy: z.boolean() })
export type Forwarding = z.output<typeof forwarding>
