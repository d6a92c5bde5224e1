import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { HostedDomainEvent } from '#domain/hosted-domain/events'
import { evolveSrsKeys, holdingKeys, signingKey, srsKeyOf, type SrsKey } from '#domain/hosted-domain/srs-keys'
import { isDeclined } from '#domain/kernel/decider'
import type { Instant } from '#domain/kernel/instant'
import { domainOf, type Address } from '#domain/message/mailbox'
import { rewrite, whoseReturn, type Returned } from '#domain/message/srs'
import type { SecretKey } from '#infra/config/secret-key'
import type { EventLog } from '#infra/event-log/port'
import type { Commands } from './commands.ts'
import { Versions } from './versions.ts'

export interface ReturnAddressParts {
  readonly log: EventLog
  readonly commands: Pick<Commands, 'hostedDomain'>
  readonly secrets: Pick<SecretKey, 'seal' | 'open'>
  readonly clock: () => Instant
}

/** Of a hash, 40 bits: what is guessed costs an SMTP command each. */
const HASH_BYTES = 5

/**
 * Addresses of hosted domains that what is forwarded goes out from and its bounces come back to (message/srs.ts). A domain's key is made when the
 * first is needed, and a new one when it has signed for long enough.
 */
export class ReturnAddresses {
  readonly #parts: ReturnAddressParts
  readonly #keys: Versions<readonly SrsKey[]>
  readonly #opened = new Map<string, Buffer>()

  constructor(parts: ReturnAddressParts) {
    this.#parts = parts
    this.#keys = new Versions<readonly SrsKey[]>(
      parts.log,
      { types: ['SrsKeyAdded', 'DomainRemoved'] },
      (stream) => stream.slice('domain-'.length),
      (_domain, before = [], event) => {
        const change = event as HostedDomainEvent
        return change.type === 'SrsKeyAdded' ? evolveSrsKeys(before, change) : []
      },
    )
  }

  /** The reverse-path of a mail that somebody of a hosted domain forwards. Throws when the domain is not hosted. */
  async rewrite(mail: string, reversePath: Address, domain: string): Promise<Address> {
    const now = this.#parts.clock()
    const key = this.#open(domain, await this.#signing(domain, now))
    return rewrite({ reversePath, domain, mail, now }, (text) => hashOf(key, text))
  }

  /** Whose bounces come to an address of a hosted domain; null: it is no return address. */
  async whose(address: Address): Promise<Returned | null> {
    await this.#keys.fresh()
    const now = this.#parts.clock()
    const domain = domainOf(address).toLowerCase()
    return whoseReturn(address, now, (text, hash) =>
      holdingKeys(this.#keys.current(domain) ?? [], now).some((key) =>
        isSame(hashOf(this.#open(domain, key), text), hash.toLowerCase()),
      ),
    )
  }

  async #signing(domain: string, now: Instant): Promise<SrsKey> {
    await this.#keys.fresh()
    const current = signingKey(this.#keys.current(domain) ?? [], now)
    if (current !== null) return current
    const id = randomBytes(8).toString('hex')
    const key = this.#parts.secrets.seal(randomBytes(32).toString('base64'), srsKeyOf(domain, id))
    const added = await this.#parts.commands.hostedDomain(
      domain,
      { kind: 'add-srs-key', id, key, now },
      {
        actor: { kind: 'system', part: 'courier' },
        now,
        commandId: `srs-key/${domain}/${id}`,
        correlationId: `srs-key/${domain}`,
      },
    )
    if (isDeclined(added)) throw new Error(`no key for return addresses of ${domain}: ${added.reason}`)
    await this.#keys.fresh()
    const made = signingKey(this.#keys.current(domain) ?? [], now)
    if (made === null) throw new Error(`the key for return addresses of ${domain} is not there`)
    return made
  }

  #open(domain: string, { id, key }: SrsKey): Buffer {
    let opened = this.#opened.get(key)
    if (opened === undefined) {
      opened = Buffer.from(this.#parts.secrets.open(key, srsKeyOf(domain, id)), 'base64')
      this.#opened.set(key, opened)
    }
    return opened
  }
}

const DIGITS = 'abcdefghijklmnopqrstuvwxyz234567'

/** In base32: the case of a local part may get lost on its way. */
const hashOf = (key: Buffer, text: string): string => {
  const octets = createHmac('sha256', key).update(text).digest().subarray(0, HASH_BYTES)
  let bits = BigInt(`0x${octets.toString('hex')}`)
  let hash = ''
  for (let digit = 0; digit < (HASH_BYTES * 8) / 5; digit++) {
    hash = DIGITS[Number(bits % 32n)]! + hash
    bits /= 32n
  }
  return hash
}

const isSame = (ours: string, given: string): boolean => {
  const [one, other] = [Buffer.from(ours), Buffer.from(given)]
  return one.length === other.length && timingSafeEqual(one, other)
}
