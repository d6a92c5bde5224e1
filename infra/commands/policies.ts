import { policyDocument, policySchemas, type PolicyDocument } from '#domain/policy/documents'
import type { PolicyEvent, PolicyName } from '#domain/policy/events'
import type { EventLog, Position } from '#infra/event-log/port'
import { Versions } from './versions.ts'

export interface VersionedPolicy<Name extends PolicyName> {
  /** 0: the built-in default. */
  readonly version: number
  readonly document: PolicyDocument<Name>
}

/** Policies as they are and as they were, from their streams. */
export class Policies {
  readonly #versions: Versions<VersionedPolicy<PolicyName>>
  readonly #defaults = new Map<PolicyName, VersionedPolicy<PolicyName>>()

  constructor(log: EventLog) {
    this.#versions = new Versions(
      log,
      { categories: ['policy'] },
      (stream) => stream.slice('policy-'.length),
      (key, _before, event) => {
        const { version, document } = (event as PolicyEvent).data
        return { version, document: policyDocument(key as PolicyName, document) }
      },
    )
    for (const name of Object.keys(policySchemas) as PolicyName[])
      this.#defaults.set(name, { version: 0, document: policyDocument(name, {}) })
  }

  fresh(): Promise<void> {
    return this.#versions.fresh()
  }

  current<Name extends PolicyName>(name: Name): VersionedPolicy<Name> {
    return (this.#versions.current(name) ?? this.#defaults.get(name)) as VersionedPolicy<Name>
  }

  /** Known as of `position` (call `fresh` first). */
  asOf<Name extends PolicyName>(name: Name, position: Position): VersionedPolicy<Name> {
    return (this.#versions.asOf(name, position) ?? this.#defaults.get(name)) as VersionedPolicy<Name>
  }
}
