import { z } from 'zod'

/** An SMTP reply (RFC 5321 4.2) with its enhanced status code (RFC 3463), e.g. 550 5.1.1. */
export const reply = z.object({
  code: z.number().int().min(200).max(599),
  enhancedCode: z
    .string()
    .regex(/^[245]\.\d{1,3}\.\d{1,3}$/)
    .nullable(),
  text: z.string().max(2_000),
})
export type Reply = z.output<typeof reply>

/** A reply that turns something away: the text is a sentence that its reader can act on. */
export const refusal = (code: number, enhancedCode: string, text: string): Reply => ({ code, enhancedCode, text })

export const isPermanent = (r: Reply): boolean => r.code >= 500

/** As one line, the way logs and traces show it: `550 5.1.1 No such user`. */
export const formatReply = (r: Reply): string =>
  [r.code, r.enhancedCode, r.text].filter((part) => part !== null).join(' ')
