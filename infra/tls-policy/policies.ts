import type { RelayPolicy } from '#domain/policy/documents'
import type { Reply } from '#domain/message/reply'
import { questionName, type ValidatedResolver } from '#infra/dns/port'
import { type DaneFinding, daneOf } from './dane.ts'
import type { FoundPolicy, StsPolicies } from './mta-sts.ts'
import { coversHost, type StsPolicy } from './mta-sts-policy.ts'
import type { DomainTls, HostTls, TlsPolicies } from './port.ts'

type TlsPolicy = Pick<RelayPolicy, 'mtaSts' | 'dane' | 'resolverIsTrusted' | 'destinations'>

export interface RelayTlsParts {
  /** Read anew for every domain. */
  readonly policy: () => TlsPolicy
  readonly resolver: ValidatedResolver
  readonly sts: Pick<StsPolicies, 'of'>
  /** Of the MX hosts: where TLSA records are looked up. */
  readonly port: number
}

/** What the relay policy, DANE and MTA-STS ask together, in that order of precedence. */
export class RelayTls implements TlsPolicies {
  readonly #parts: RelayTlsParts

  constructor(parts: RelayTlsParts) {
    this.#parts = parts
  }

  async for(asked: string, hosts: readonly string[], mxAuthentic: boolean): Promise<DomainTls> {
    const domain = questionName(asked)
    const policy = this.#parts.policy()
    const set = policy.destinations[domain]?.tls
    if (set !== undefined)
      return decided(
        hosts.map((name) => allowed(name, set, null, `TLS is ${set} by the relay policy for ${domain}`)),
        domain,
      )
    const findings = await this.#dane(domain, hosts, policy, mxAuthentic)
    const open = hosts.filter((_, at) => findings[at]?.kind === 'none' || findings[at]?.kind === 'unusable')
    const sts = open.length === 0 || policy.mtaSts === 'off' ? withoutSts : await this.#stsOf(domain, open)
    return decided(
      hosts.map((name, at) => hostTls(name, findings[at] ?? notLooked, sts, policy.mtaSts)),
      domain,
    )
  }

  #dane(
    domain: string,
    hosts: readonly string[],
    { dane, resolverIsTrusted }: TlsPolicy,
    mxAuthentic: boolean,
  ): Promise<readonly DaneFinding[]> {
    const { resolver, port } = this.#parts
    const why =
      dane === 'off'
        ? 'the relay policy has it off'
        : resolverIsTrusted
          ? 'DNSSEC does not vouch for the MX record'
          : 'the relay policy does not call the resolver trusted'
    if (dane === 'off' || !resolverIsTrusted || !mxAuthentic)
      return Promise.resolve(hosts.map(() => ({ kind: 'none', why })))
    return Promise.all(hosts.map((host) => daneOf(resolver, { host, port, domain })))
  }

  #stsOf(domain: string, hosts: readonly string[]): Promise<FoundPolicy> {
    // An address literal is no domain that could publish one.
    if (domain.startsWith('[')) return Promise.resolve({ policy: null, remark: null })
    const suits = (policy: StsPolicy): boolean =>
      policy.mode !== 'enforce' || hosts.some((host) => coversHost(policy, host))
    return this.#parts.sts.of(domain, suits)
  }
}

const notLooked: DaneFinding = { kind: 'none', why: 'it was not looked up' }
const withoutSts: FoundPolicy = { policy: null, remark: 'MTA-STS is off by the relay policy' }

const hostTls = (name: string, dane: DaneFinding, sts: FoundPolicy, wish: TlsPolicy['mtaSts']): HostTls => {
  if (dane.kind === 'dane') return allowed(name, dane.tls, 'dane', null)
  if (dane.kind === 'unknown')
    return refused(name, `${name} can't be used now: ${dane.why}, so DANE can't be ruled out`)
  const without =
    dane.kind === 'none' ? `no DANE: ${dane.why}` : `DANE without a certificate to hold it to: ${dane.why}`
  const plain = dane.kind === 'none' ? 'opportunistic' : 'required'
  const { policy, remark } = sts
  if (policy === null || policy.mode === 'none')
    return allowed(name, plain, null, said(without, policy === null ? remark : 'the MTA-STS policy is "none"'))
  const covered = coversHost(policy, name)
  const notCovered = `${name} is none of the hosts of the MTA-STS policy`
  if (wish === 'enforce' && policy.mode === 'enforce')
    return covered
      ? allowed(name, { by: 'mta-sts', mode: 'enforce' }, 'mta-sts', said(without, remark))
      : refused(name, said(notCovered, remark))
  const tested =
    policy.mode === 'testing' ? 'the MTA-STS policy is "testing"' : 'MTA-STS is only recorded, by the relay policy'
  if (!covered)
    return allowed(
      name,
      plain,
      null,
      said(without, tested, `MTA-STS, were it enforced, would have failed: ${notCovered}`),
    )
  // TLS that DANE requires is not given up for a test.
  const tls = dane.kind === 'none' ? ({ by: 'mta-sts', mode: 'testing' } as const) : plain
  return allowed(name, tls, null, said(without, tested, remark))
}

const allowed = (
  name: string,
  tls: HostTls['tls'],
  verifiedBy: HostTls['verifiedBy'],
  remark: string | null,
): HostTls => ({ name, tls, allowed: true, verifiedBy, remark })

const refused = (name: string, remark: string): HostTls => ({
  name,
  // Whoever connects all the same sends nothing in plain.
  tls: 'verify',
  allowed: false,
  verifiedBy: null,
  remark,
})

const said = (...remarks: readonly (string | null)[]): string => remarks.filter((one) => one !== null).join('; ')

const decided = (hosts: readonly HostTls[], domain: string): DomainTls => ({
  hosts,
  deferral: hosts.length === 0 || hosts.some((host) => host.allowed) ? null : deferral(hosts, domain),
})

const deferral = (hosts: readonly HostTls[], domain: string): Reply => ({
  code: 451,
  enhancedCode: '4.7.5',
  text: `No host of ${domain} may be used: ${hosts.map(({ remark }) => remark).join('; ')}`.slice(0, 1_000),
})
