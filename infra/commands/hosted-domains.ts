import type { DomainSettings, HostedDomainEvent } from '#domain/hosted-domain/events'
import type { Sealed } from '#domain/kernel/sealed'
import type { EventLog, Position } from '#infra/event-log/port'
import { Versions } from './versions.ts'

/** Settings of the hosted domains as they are and as they were. Their address books are in the directory view. */
export class HostedDomains {
  readonly #versions: Versions<DomainSettings | null>
  readonly #passwords: Versions<Sealed | null>

  constructor(log: EventLog) {
    this.#versions = new Versions<DomainSettings | null>(
      log,
      { types: ['DomainAdded', 'DomainChanged', 'DomainRemoved'] },
      (stream) => stream.slice('domain-'.length),
      (_key, before, event) => {
        const change = event as HostedDomainEvent
        if (change.type === 'DomainAdded') {
          const { name: _name, ...settings } = change.data
          return settings
        }
        if (change.type === 'DomainChanged' && before) return { ...before, ...definedOnly(change.data) }
        return null
      },
    )
    this.#passwords = new Versions<Sealed | null>(
      log,
      { types: ['MailboxHostPasswordSet', 'DomainRemoved'] },
      (stream) => stream.slice('domain-'.length),
      (_key, _before, event) => {
        const change = event as HostedDomainEvent
        return change.type === 'MailboxHostPasswordSet' ? change.data.password : null
      },
    )
  }

  async fresh(): Promise<void> {
    await Promise.all([this.#versions.fresh(), this.#passwords.fresh()])
  }

  /** What its mailbox hosts are told where a route names a user. */
  mailboxHostPassword(domain: string): Sealed | null {
    return this.#passwords.current(domain.toLowerCase()) ?? null
  }

  current(domain: string): DomainSettings | null {
    return this.#versions.current(domain.toLowerCase()) ?? null
  }

  asOf(domain: string, position: Position): DomainSettings | null {
    return this.#versions.asOf(domain.toLowerCase(), position) ?? null
  }

  /** Names of all hosted domains now. */
  names(): string[] {
    return this.#versions.keys().filter((name) => this.current(name) !== null)
  }

  /** Names of the domains hosted as of `position`. */
  namesAsOf(position: Position): string[] {
    return this.#versions.keys().filter((name) => this.asOf(name, position) !== null)
  }
}

const definedOnly = (change: Partial<Record<keyof DomainSettings, unknown>>): Partial<DomainSettings> =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<DomainSettings>
