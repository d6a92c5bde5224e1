import { z } from 'zod'

/** SHA-256 of the bytes, lower-case hex (64 characters). */
export const contentHash = z.string().regex(/^[0-9a-f]{64}$/)
export type ContentHash = z.output<typeof contentHash>
