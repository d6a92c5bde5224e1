import { lookUpListing } from './block-list.ts'
import type { DnsResolver } from './port.ts'

/** What a list must have and must not have (RFC 5782 5): of addresses 127.0.0.2 and 127.0.0.1, of domains `test` and `invalid`. */
export interface TestPoints {
  /** null: it has no such entry. */
  readonly listed: string | null
  readonly unlisted: string
}

/** `unknown`: it gave no answer now. */
export type ListHealth =
  | { readonly state: 'well' }
  /** Not to be believed; `why` is a sentence without its subject. */
  | { readonly state: 'unwell'; readonly why: string }
  | { readonly state: 'unknown' }

/** Whether a block list behaves as lists do: one that was given up lists nothing, one that was sold lists everything. */
export const listHealth = async (
  dns: DnsResolver,
  zone: string,
  { listed, unlisted }: TestPoints,
): Promise<ListHealth> => {
  const [has, hasNot] = await Promise.all([
    listed === null ? null : lookUpListing(dns, listed, zone),
    lookUpListing(dns, unlisted, zone),
  ])
  if (hasNot.state === 'listed') return { state: 'unwell', why: `lists everything, ${unlisted} too` }
  if (has?.state === 'clear')
    return { state: 'unwell', why: `lists nothing any more, not even its test entry ${listed}` }
  for (const answer of [has, hasNot])
    if (answer?.state === 'unknown')
      return answer.permanent ? { state: 'unwell', why: `says nothing: ${answer.why}` } : { state: 'unknown' }
  return { state: 'well' }
}
