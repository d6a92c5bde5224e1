import { fold } from './tokens/fold.ts'

/** What programs put in front of the subject of an answer or a forwarded mail, in the languages they speak; `[2]` and lists' tags too. */
const PREFIX =
  /^\s*(?:(?:re|aw|antw|antwort|sv|vs|ref|rif|odp|ynt|res|rv|fw|fwd|wg|tr|vb|enc|doorst|i)\s*(?:\[\d{1,3}\]|\(\d{1,3}\))?\s*[:：]|\[[^\]]{1,40}\])\s*/i
const TAG = /^\s*\[/
const MOST_PREFIXES = 20

/** A subject as all mails of a conversation have it: without prefixes and what else is added on the way. */
export const subjectOfThread = (subject: string): { readonly isAnswer: boolean; readonly about: string } => {
  let rest = subject
  let isAnswer = false
  for (let count = 0; count < MOST_PREFIXES; count += 1) {
    const found = PREFIX.exec(rest)
    if (found === null) break
    isAnswer ||= !TAG.test(found[0])
    rest = rest.slice(found[0].length)
  }
  return {
    isAnswer,
    about: rest
      .split(/\s+/)
      .map(fold)
      .filter((word) => word !== '')
      .join(' '),
  }
}
