import { parseMailboxRoute } from '#domain/hosted-domain/mailbox-route'
import type { DomainSettings } from '#domain/hosted-domain/events'
import { directoryPasswordOf } from '#domain/hosted-domain/recipient-source'
import { LdapDirectory } from './ldap.ts'
import type { DirectorySource, ProbedHost, RcptProbe, RecipientSource } from './port.ts'
import { RcptSource } from './rcpt.ts'

export interface SourcesParts {
  readonly probe: RcptProbe
  /** Opens what was sealed for a purpose. */
  readonly open: (sealed: string, purpose: string) => string
  /** What the domain's mailbox hosts are told where its route names a user. */
  readonly hostPassword: (domain: string) => string | null
}

/** The sources of all domains, each kept with its connection until its settings change. */
export class RecipientSources {
  readonly #parts: SourcesParts
  readonly #kept = new Map<string, { readonly key: string; readonly source: RecipientSource }>()

  constructor(parts: SourcesParts) {
    this.#parts = parts
  }

  /** null: nobody but our own directory knows. */
  of(domain: string, settings: DomainSettings): RecipientSource | null {
    const { recipientSource, mailboxHost } = settings
    if (recipientSource === 'own') {
      this.#forget(domain)
      return null
    }
    const password = recipientSource === 'rcpt' ? this.#parts.hostPassword(domain) : null
    const key = JSON.stringify([recipientSource, recipientSource === 'rcpt' ? mailboxHost : null, password])
    const kept = this.#kept.get(domain)
    if (kept?.key === key) return kept.source
    this.#forget(domain)
    const source =
      recipientSource === 'rcpt'
        ? new RcptSource(this.#parts.probe, hostsOf(mailboxHost, password))
        : this.#ldap(domain, recipientSource)
    this.#kept.set(domain, { key, source })
    return source
  }

  /** null: it has no directory that can be copied. */
  directory(domain: string, settings: DomainSettings): DirectorySource | null {
    const source = this.of(domain, settings)
    return source instanceof LdapDirectory ? source : null
  }

  async close(): Promise<void> {
    await Promise.all([...this.#kept.values()].map(({ source }) => source.close()))
    this.#kept.clear()
  }

  #ldap(domain: string, source: Exclude<DomainSettings['recipientSource'], string>): LdapDirectory {
    const { password } = source
    return new LdapDirectory(
      domain,
      source,
      password === null ? null : this.#parts.open(password, directoryPasswordOf(domain)),
    )
  }

  #forget(domain: string): void {
    const kept = this.#kept.get(domain)
    this.#kept.delete(domain)
    void kept?.source.close()
  }
}

const hostsOf = (mailboxHost: string, password: string | null): ProbedHost[] => {
  const route = parseMailboxRoute(mailboxHost)
  if (route === null || route.kind === 'maildir') return []
  return route.hosts.map(({ protocol, at, tls, user }) => ({
    protocol,
    at,
    tls,
    auth: user === null ? null : { user, password: password ?? '' },
  }))
}
