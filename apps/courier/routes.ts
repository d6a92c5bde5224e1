import { LRUCache } from 'lru-cache'
import { parseMailboxRoute } from '#domain/hosted-domain/mailbox-route'
import type { HostedDomains } from '#infra/commands/hosted-domains'
import type { DeliveryRoute, MailboxHosts } from '#infra/mailbox-host/port'

const parsed = new LRUCache<string, { readonly route: DeliveryRoute }>({ max: 10_000 })

/** Where the mail of a domain goes now. A domain that is hosted no longer has its Maildirs. */
export const routeOf = (domains: Pick<HostedDomains, 'current'>, domain: string): DeliveryRoute => {
  const text = domains.current(domain)?.mailboxHost ?? 'maildir'
  const known = parsed.get(text)
  if (known !== undefined) return known.route
  const read = parseMailboxRoute(text)
  // A setting that an older build let pass names no host: its mail waits for another setting.
  const route = read === null ? [] : read.kind === 'hosts' ? read.hosts : null
  parsed.set(text, { route })
  return route
}

/** Hosted domains whose hosts are all away. `probe`: those of which it is time to see whether one is back. */
export const domainsAway = (
  domains: Pick<HostedDomains, 'current' | 'names'>,
  hosts: Pick<MailboxHosts, 'state'>,
): { readonly away: readonly string[]; readonly probe: readonly string[] } => {
  const found: { away: string[]; probe: string[] } = { away: [], probe: [] }
  for (const name of domains.names()) {
    const state = hosts.state(routeOf(domains, name))
    if (state !== 'up') found[state].push(name)
  }
  return found
}
