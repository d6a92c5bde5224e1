/**
 * Whether a machine wrote it, so that no machine must answer it (RFC 3834 2, 5): Auto-Submitted with another value than `no`. `header` is the
 * raw header block; comments are no part of the value.
 */
export const isAutomatic = (header: string): boolean => {
  for (const [, value = ''] of header.matchAll(/^auto-submitted[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)/gim)) {
    const keyword = /^\s*(?:\([^()]*\)\s*)*([^\s;()]+)/.exec(value)?.[1] ?? ''
    if (keyword !== '' && keyword.toLowerCase() !== 'no') return true
  }
  return false
}

/** Addresses behind which no person waits for an answer (RFC 3834 2; RFC 2142). */
export const isRobot = (address: string): boolean =>
  /^(?:mailer-daemon|owner-.*|.*-(?:request|bounces|owner))(?:\+.*)?@/i.test(address)
