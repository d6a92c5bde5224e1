import type { Reply } from '#domain/message/reply'
import type { TargetTls, Transport } from '#infra/smtp/client/port'

/**
 * How the hosts of a domain must be spoken to: what the relay policy says, what the domain says of itself by DANE (RFC 7672) and
 * MTA-STS (RFC 8461). DANE takes precedence over MTA-STS, and what the policy says of a destination over both.
 */
export interface TlsPolicies {
  /**
   * `domain`: of the recipients, as A-labels. `hosts`: names of its MX hosts (implicit MX: the domain itself), at most a few dozen.
   * `mxAuthentic`: the answer to MX, be it records or none, was authentic (`ValidatedAnswer`); without that there is no DANE.
   * Never throws for an outcome of the DNS or of a policy host.
   */
  for(domain: string, hosts: readonly string[], mxAuthentic: boolean): Promise<DomainTls>
}

export interface DomainTls {
  /** One per host given, in that order. */
  readonly hosts: readonly HostTls[]
  /** No host may be used now: what the recipients are deferred with (4.7.x). null: at least one may. */
  readonly deferral: Reply | null
}

export interface HostTls {
  /** As given. */
  readonly name: string
  /** For `SmtpTarget.tls`. */
  readonly tls: TargetTls
  /** false: not to be connected to now, the remark says why. */
  readonly allowed: boolean
  /** What a connection made so is held to. */
  readonly verifiedBy: 'dane' | 'mta-sts' | null
  /** A sentence: why it is no better; null: there is nothing to say. */
  readonly remark: string | null
}

/** What goes into the event: what was used, with what is known of why it was no better. */
export const transportWith = (transport: Transport | null, { remark }: Pick<HostTls, 'remark'>): Transport => {
  const remarks = [transport?.remark ?? null, remark].filter((one) => one !== null)
  return {
    ...(transport ?? { address: null, tls: null, verifiedBy: null }),
    remark: remarks.length === 0 ? null : remarks.join('; ').slice(0, 500),
  }
}
