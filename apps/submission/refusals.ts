import type { Reply } from '#domain/message/reply'

/** A reply that turns something away: SMTP code, enhanced code (RFC 3463) and a sentence its sender can act on. */
export const refusal = (code: number, enhancedCode: string, text: string): Reply => ({ code, enhancedCode, text })
