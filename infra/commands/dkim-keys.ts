import { generateKeyPair, randomUUID, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { dkimKeyOf, evolveDkim, nextSelectors, type DkimKey, type NewDkimKey } from '#domain/hosted-domain/dkim'
import type { HostedDomainEvent } from '#domain/hosted-domain/events'
import type { Actor } from '#domain/kernel/actor'
import type { Instant } from '#domain/kernel/instant'
import type { SecretKey } from '#infra/config/secret-key'
import type { EventLog } from '#infra/event-log/port'
import type { Commands, Outcome } from './commands.ts'
import { Versions } from './versions.ts'

const generate = promisify(generateKeyPair)

/** The DKIM keys of all domains, private ones sealed, from the log. Call `fresh` where the newest matters. */
export class DkimKeys {
  readonly #versions: Versions<readonly DkimKey[]>

  constructor(log: EventLog) {
    this.#versions = new Versions<readonly DkimKey[]>(
      log,
      { types: ['DkimKeyAdded', 'DkimSigningStarted', 'DkimKeyRetired', 'DomainRemoved'] },
      (stream) => stream.slice('domain-'.length),
      (_domain, before = [], event) => {
        const change = event as Extract<HostedDomainEvent, { type: 'DomainRemoved' | 'DkimKeyAdded' }>
        return change.type === 'DomainRemoved' ? [] : evolveDkim(before, change)
      },
    )
  }

  fresh(): Promise<void> {
    return this.#versions.fresh()
  }

  /** In the order they were made, retired ones too. */
  of(domain: string): readonly DkimKey[] {
    return this.#versions.current(domain.toLowerCase()) ?? []
  }
}

/**
 * An RSA-2048 and an Ed25519 key (RFC 8301, RFC 8463) with selectors that no key before them had; made off the main thread,
 * RSA takes a good tenth of a second.
 */
const newDkimKeys = async (
  domain: string,
  before: readonly DkimKey[],
  now: Instant,
  secrets: Pick<SecretKey, 'seal'>,
): Promise<readonly NewDkimKey[]> => {
  const selectors = nextSelectors(before, new Date(now).toISOString().slice(0, 7))
  const [rsa, ed25519] = await Promise.all([generate('rsa', { modulusLength: 2048 }), generate('ed25519', {})])
  const sealed = (selector: string, key: KeyObject) =>
    secrets.seal(key.export({ type: 'pkcs8', format: 'pem' }).toString(), dkimKeyOf(domain, selector))
  const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' })
  return [
    {
      selector: selectors['rsa-sha256'],
      algorithm: 'rsa-sha256',
      publicKey: spki(rsa.publicKey).toString('base64'),
      privateKey: sealed(selectors['rsa-sha256'], rsa.privateKey),
    },
    {
      selector: selectors['ed25519-sha256'],
      algorithm: 'ed25519-sha256',
      // The 32 bytes of the key alone, without what SPKI says around them (RFC 8463 4).
      publicKey: spki(ed25519.publicKey).subarray(-32).toString('base64'),
      privateKey: sealed(selectors['ed25519-sha256'], ed25519.privateKey),
    },
  ]
}

export interface DkimKeyParts {
  readonly commands: Commands
  readonly dkimKeys: DkimKeys
  readonly secrets: Pick<SecretKey, 'seal'>
}

export interface NewKeysAsked {
  readonly actor: Actor
  readonly now: Instant
  readonly correlationId: string
  /** Of a request that may come twice; absent: its own. */
  readonly commandId?: string
  /** Sign with them at once, published or not, and why; else when their records are seen. */
  readonly signing?: 'administrator' | 'demo'
}

/** New keys beside those there are: a rotation. The keys that sign go on until the new ones are seen in the DNS. */
export const rotateDkimKeys = (
  parts: DkimKeyParts,
  domain: string,
  asked: NewKeysAsked,
): Promise<Outcome<'hostedDomain'>> => addKeys(parts, domain, asked, false)

/** The first keys of a domain; null: it has some. */
export const ensureDkimKeys = async (
  parts: DkimKeyParts,
  domain: string,
  asked: NewKeysAsked,
): Promise<Outcome<'hostedDomain'> | null> => {
  await parts.dkimKeys.fresh()
  return parts.dkimKeys.of(domain).length > 0 ? null : addKeys(parts, domain, asked, true)
}

const addKeys = async (
  { commands, dkimKeys, secrets }: DkimKeyParts,
  domain: string,
  { actor, now, correlationId, signing, ...asked }: NewKeysAsked,
  ifNone: boolean,
): Promise<Outcome<'hostedDomain'>> => {
  await dkimKeys.fresh()
  const keys = await newDkimKeys(domain, dkimKeys.of(domain), now, secrets)
  const command = { kind: 'add-dkim-keys', keys, ifNone, signing: signing ?? null, now } as const
  // Keys made twice are two: the same event ids would let both of them win.
  const commandId = asked.commandId ?? `dkim/${domain}/${randomUUID()}`
  return commands.hostedDomain(domain, command, { actor, now, commandId, correlationId })
}
