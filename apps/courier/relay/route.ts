import { betterThanUs, destinationKey, inOrder, type Exchanger } from '#domain/relay/exchangers'
import type { RelayPolicy } from '#domain/policy/documents'
import type { Reply } from '#domain/message/reply'
import { addressesOf, mailExchangersOf, type AskDns, type HostAddresses } from '#infra/dns/mail-exchangers'
import type { SmtpTarget, TargetTls } from '#infra/smtp/client/port'
import type { TlsPolicies } from '#infra/tls-policy/port'
import { isOurs, nonPublicRange, type OwnListener } from './own-addresses.ts'

/** A host that a domain's mail may be handed to, and how. */
export interface RouteHost extends Exchanger {
  readonly port: number
  /** At least one. */
  readonly addresses: readonly string[]
  readonly tls: TargetTls
  /** Why TLS is no better; null: there is nothing to say. */
  readonly remark: string | null
  readonly auth: SmtpTarget['auth']
}

/** Where the mail of a domain goes. `key` names the destination. `unroutable`: nowhere, for the reason that the reply gives, be it for good or for now. */
export type Route =
  | { readonly is: 'hosts'; readonly key: string; readonly hosts: readonly RouteHost[] }
  | { readonly is: 'unroutable'; readonly key: string; readonly reply: Reply }

export interface RouteParts {
  readonly ask: AskDns
  readonly port: number
  readonly random: () => number
  /** As they are now. */
  readonly listeners: () => readonly OwnListener[]
  readonly policy: () => RelayPolicy
  /** The demo may relay to this machine. */
  readonly mayRelayToLoopback: boolean
  readonly tlsPolicies?: TlsPolicies
}

/** Looks up where a domain's mail goes. Never throws for what the DNS says. */
export const routeTo = async (parts: RouteParts, domain: string): Promise<Route> => {
  const found = await mailExchangersOf(parts.ask, domain)
  switch (found.is) {
    case 'null-mx':
      return unroutable(domain, 556, '5.1.10', `${domain} takes no mail: its MX record says so (RFC 7505)`)
    case 'no-domain':
      return unroutable(domain, 550, '5.1.2', `The domain ${domain} does not exist`)
    case 'no-host':
      return unroutable(domain, 550, '5.1.2', `The domain ${domain} has neither an MX record nor an address`)
    case 'unknown':
      return unroutable(domain, 451, '4.4.3', found.why)
  }
  const ordered = inOrder(found.hosts, parts.random)
  const looked = await Promise.all(
    ordered.map(async (host) => ({ ...host, found: await addressesOf(parts.ask, host.name) })),
  )
  const better = betterThanUs(looked, ({ found: one }) => one.is === 'addresses' && isUs(parts, one.addresses))
  if (better.length === 0)
    return unroutable(domain, 554, '5.4.6', `A loop: this server is itself the mail exchanger of ${domain}`)
  const usable = better.flatMap(({ found: one, ...host }) => {
    const addresses = one.is === 'addresses' ? one.addresses.filter((address) => whyNot(parts, address) === null) : []
    return addresses.length === 0 ? [] : [{ ...host, addresses }]
  })
  if (usable.length === 0) return nowhere(parts, domain, better)
  return demanding(parts, domain, usable, found.authentic)
}

const isUs = ({ listeners, port }: RouteParts, addresses: readonly string[]): boolean =>
  addresses.some((address) => isOurs(listeners(), address, port))

/** The range of an address that policy refuses. */
const whyNot = ({ mayRelayToLoopback, policy }: RouteParts, address: string): string | null => {
  const range = nonPublicRange(address)
  return policy().privateTargets === 'allow' || (range === 'loopback' && mayRelayToLoopback) ? null : range
}

const nowhere = (
  parts: RouteParts,
  domain: string,
  hosts: readonly (Exchanger & { readonly found: HostAddresses })[],
): Route => {
  for (const { found } of hosts) if (found.is === 'unknown') return unroutable(domain, 451, '4.4.3', found.why)
  const refused = hosts.flatMap(({ found }) => (found.is === 'addresses' ? found.addresses : []))
  return refused.length === 0
    ? unroutable(domain, 550, '5.4.4', `No mail exchanger of ${domain} has an address: ${namesOf(hosts)}`)
    : unroutable(
        domain,
        554,
        '5.4.4',
        `The mail exchangers of ${domain} are at addresses that policy does not let mail be relayed to (privateTargets): ${refused
          .map((address) => `${address} (${whyNot(parts, address)})`)
          .join(', ')}`,
      )
}

const namesOf = (hosts: readonly Exchanger[]): string => hosts.map(({ name }) => name).join(', ')

const demanding = async (
  { tlsPolicies, policy, port }: RouteParts,
  domain: string,
  hosts: readonly (Exchanger & { readonly addresses: readonly string[] })[],
  authentic: boolean,
): Promise<Route> => {
  const names = hosts.map(({ name }) => name)
  const demand = (await tlsPolicies?.for(domain, names, authentic)) ?? null
  if (demand !== null && demand.deferral !== null) return { is: 'unroutable', key: domain, reply: demand.deferral }
  const usual = policy().destinations[domain]?.tls ?? 'opportunistic'
  const spoken = hosts.flatMap((host, place): RouteHost[] => {
    const { allowed = true, tls = usual, remark = null } = demand?.hosts[place] ?? {}
    return allowed ? [{ ...host, port, tls, remark, auth: null }] : []
  })
  // Domains at the same hosts share a destination unless one of them asks for more in TLS.
  const demands = [...new Set(spoken.map(({ tls }) => (tls === 'opportunistic' ? '' : JSON.stringify(tls))))].join('')
  return { is: 'hosts', key: `${destinationKey(names)}${demands}`, hosts: spoken }
}

const unroutable = (domain: string, code: number, enhancedCode: string, text: string): Route => ({
  is: 'unroutable',
  key: domain,
  reply: { code, enhancedCode, text: text.slice(0, 1_000) },
})
