import { invalid } from '../route/problem.ts'

/**
 * An address may hold a `*` (RFC 5322 3.2.3), so `*@bad.example` would be an entry for one strange address that never writes. Whoever types it
 * means everybody there: told how that is written, instead of being left with an entry that does nothing.
 */
export function refuseWildcard(entry: string): void {
  if (!entry.includes('*')) return
  throw invalid(
    'path.entry',
    `entries have no wildcards: write ${meant(entry.trim()) ?? 'local@domain, @domain, or .domain for a domain with its subdomains'}`,
  )
}

function meant(entry: string): string | null {
  const domain = /^(?:\*?@)?(\*\.)?([^*@]+\.[^*@]+)$/.exec(entry)
  if (domain === null) return null
  return domain[1] === undefined ? `@${domain[2]}` : `.${domain[2]} (with its subdomains)`
}
