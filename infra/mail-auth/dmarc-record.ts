import type { AuthenticationResults } from '#domain/message/authentication-results'

export type DmarcPolicy = NonNullable<AuthenticationResults['dmarc']['policy']>

/** A DMARC policy record (RFC 7489 6.3; RFC 9091 for `np`; DMARCbis 4.7 for `t` and `psd`). */
export interface DmarcRecord {
  readonly p: DmarcPolicy
  readonly sp: DmarcPolicy | null
  readonly np: DmarcPolicy | null
  readonly strictDkim: boolean
  readonly strictSpf: boolean
  /** Share of failing mail that the policy is for, 0-100. */
  readonly pct: number
  readonly testing: boolean
  readonly psd: 'y' | 'n' | 'u'
}

const POLICIES: ReadonlySet<string | undefined> = new Set(['none', 'quarantine', 'reject'])
const isPolicy = (text: string | undefined): text is DmarcPolicy => POLICIES.has(text)

/** Whether a TXT record is one of DMARC at all: others of the same name are passed over (RFC 7489 6.6.3). */
export const isDmarcRecord = (text: string): boolean => /^[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/.test(text)

/**
 * null: no policy can be taken from it, the mail gets no DMARC. Without a valid `p`, or with an invalid `sp` or `np`, it stands for `p=none`
 * where it asks for reports (RFC 7489 6.6.3). Tags that are not known, or have no valid value, are passed over.
 */
export const parseDmarcRecord = (text: string): DmarcRecord | null => {
  const tags = new Map<string, string>()
  for (const part of text.split(';')) {
    const equals = part.indexOf('=')
    if (equals === -1) continue
    const name = part.slice(0, equals).trim()
    // RFC 6376 3.2: a tag that is there twice makes the whole list invalid.
    if (tags.has(name)) return null
    tags.set(name, part.slice(equals + 1).trim())
  }
  const value = (name: string): string | undefined => tags.get(name)?.toLowerCase()
  const [p, sp, np] = [value('p'), value('sp'), value('np')]
  const isValid = isPolicy(p) && (sp === undefined || isPolicy(sp)) && (np === undefined || isPolicy(np))
  if (!isValid && !asksForReports(tags.get('rua'))) return null
  const pct = value('pct') ?? ''
  const psd = value('psd')
  return {
    ...(isValid ? { p, sp: sp ?? null, np: np ?? null } : { p: 'none', sp: null, np: null }),
    strictDkim: value('adkim') === 's',
    strictSpf: value('aspf') === 's',
    pct: /^\d{1,3}$/.test(pct) ? Math.min(100, Number(pct)) : 100,
    testing: value('t') === 'y',
    psd: psd === 'y' || psd === 'n' ? psd : 'u',
  }
}

/** At least one URI (RFC 3986) in `rua`; an obsolete `!10m` behind it is none of its business. */
const asksForReports = (rua: string | undefined): boolean =>
  (rua ?? '').split(',').some((uri) => /^[a-z][a-z\d+.-]*:[\w\-.~:/?#[\]@$&'()*+;=%!]*$/i.test(uri.trim()))
