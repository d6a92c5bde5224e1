import type { Secrecy } from './settings.ts'

const MASK = '********'
const MAX_SHOWN = 200

/** What may be shown of a value. */
export function mask(secrecy: Secrecy, text: string): string {
  if (secrecy === 'secret') return MASK
  if (secrecy === 'userinfo') return text.replace(/(:\/\/)[^/?#]*@/, `$1${MASK}@`)
  return text
}

/** The same for a value that was refused: quoted, cut, and without control characters. */
export function maskGiven(secrecy: Secrecy, text: string): string {
  // A refused URL need not look like one: its user's part can't be told from the rest.
  const shown = secrecy === 'open' ? text : MASK
  return JSON.stringify(shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}...` : shown)
}
