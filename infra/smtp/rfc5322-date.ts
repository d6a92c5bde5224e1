/** A moment (ms) as RFC 5322 3.3 has it, in UTC: `Tue, 24 Nov 2026 03:58:10 +0000`. */
export const rfc5322Date = (at: number): string => new Date(at).toUTCString().replace('GMT', '+0000')
