import { z } from 'zod'

/**
 * A secret as events may carry it: encrypted with `secret.key` (AES-256-GCM), `sealed:1:<nonce>:<tag+ciphertext>`, base64url.
 * The schema refuses anything else, so that a plain secret can't reach the log.
 */
export const sealed = z
  .string()
  .regex(/^sealed:1:[A-Za-z0-9_-]{16}:[A-Za-z0-9_-]{22,}$/, 'a secret must be sealed with secret.key')
export type Sealed = z.output<typeof sealed>
