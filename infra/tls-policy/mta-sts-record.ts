import { txtTexts } from '#infra/dns/port'

/** What the TXT records at `_mta-sts.<domain>` say (RFC 8461 3.1). */
export type StsRecord = { readonly id: string } | { readonly problem: string | null }

const VERSION = /^v=STSv1[ \t]*;/
const ID = /^id=([A-Za-z0-9]{1,32})$/
const EXTENSION = /^[A-Za-z0-9][\w.-]{0,31}=[\x21-\x3a\x3c\x3e-\x7e]+$/
/** Far above what any record needs. */
const MAXIMUM_LENGTH = 4_096

/**
 * Exactly one record may be of MTA-STS; each is given as its strings. A problem of null: there is none, as with most domains.
 * Whatever the problem, the domain has no policy to fetch.
 */
export const stsRecordOf = (records: readonly unknown[]): StsRecord => {
  const ours = txtTexts(records).filter((text) => VERSION.test(text))
  const [text] = ours
  if (text === undefined) return { problem: null }
  if (ours.length > 1) return { problem: `${ours.length} MTA-STS records where one may be` }
  if (text.length > MAXIMUM_LENGTH) return { problem: 'an MTA-STS record that is too long' }
  const fields = text.split(/[ \t]*;[ \t]*/).slice(1)
  // The last delimiter need not be followed by a field.
  if (fields.at(-1) === '') fields.pop()
  const ids = fields.filter((field) => field.startsWith('id='))
  const [, id] = ID.exec(ids[0] ?? '') ?? []
  const wellFormed = fields.every((field) => ID.test(field) || (EXTENSION.test(field) && !field.startsWith('id=')))
  return id !== undefined && ids.length === 1 && wellFormed ? { id } : { problem: 'an MTA-STS record with bad syntax' }
}
