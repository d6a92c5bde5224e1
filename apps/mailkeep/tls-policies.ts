import { join } from 'node:path'
import { nonPublicRange } from '#apps/courier/relay/own-addresses'
import { askOf, type AskDns } from '#infra/dns/mail-exchangers'
import type { DnsResolver } from '#infra/dns/port'
import { StsCache } from '#infra/tls-policy/mta-sts-cache'
import { fetchStsPolicy } from '#infra/tls-policy/mta-sts-fetch'
import { StsPolicies } from '#infra/tls-policy/mta-sts'
import { RelayTls } from '#infra/tls-policy/policies'
import type { TlsPolicies } from '#infra/tls-policy/port'
import type { Foundation } from './foundation.ts'

export interface OpenTlsPolicies {
  readonly policies: TlsPolicies
  /** Where policy trusts the resolver, its answers come with what DNSSEC says of them. */
  ask(dns: DnsResolver): AskDns
  close(): Promise<void>
}

/** How other domains want to be spoken to: DANE by the DNS, MTA-STS by HTTPS, kept under `data/mta-sts`. */
export const openTlsPolicies = async (
  {
    clock,
    config,
    dns: resolver,
    logger,
    policies,
  }: Pick<Foundation, 'clock' | 'config' | 'dns' | 'logger' | 'policies'>,
  { dns, demo }: { readonly dns: DnsResolver; readonly demo: boolean },
): Promise<OpenTlsPolicies> => {
  const policy = () => policies.current('relay').document
  const cache = await StsCache.open(
    {
      folder: join(config.data, 'mta-sts'),
      onProblem: (error) => logger.warn({ err: error }, 'an MTA-STS policy could not be kept'),
    },
    clock(),
  )
  const fetch = (domain: string, closed: AbortSignal) =>
    fetchStsPolicy(
      domain,
      {
        dns,
        port: config.relay.mtaStsPort,
        allows: (address) => demo || policy().privateTargets === 'allow' || nonPublicRange(address) === null,
      },
      closed,
    )
  const sts = new StsPolicies({ dns, cache, fetch, clock })
  return {
    policies: new RelayTls({
      policy,
      sts,
      resolver,
      port: config.relay.port,
    }),
    ask: (dnsToo) => {
      const plain = askOf(dnsToo)
      return (name, type) => (policy().resolverIsTrusted ? resolver.resolve(name, type) : plain(name, type))
    },
    close: () => sts.close(),
  }
}
