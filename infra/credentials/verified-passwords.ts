import { createHmac, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Sealed } from '#domain/kernel/sealed'
import type { Instant } from '#domain/kernel/instant'
import type { Address } from '#domain/message/mailbox'

const KEEP = 10_000
const FOR_MS = 5 * 60_000

/**
 * Passwords that were right a moment ago: a mail client opens dozens of connections, and each would cost an argon2id. Kept are only HMACs with a
 * key that this process alone has. The stored hash is part of them, so that a password that was replaced is never known.
 */
export class VerifiedPasswords {
  readonly #key = randomBytes(32)
  readonly #until = new LRUCache<string, Instant>({ max: KEEP })

  /** Of an account, what was given as its password, and the hash that is stored now. */
  fingerprint(address: Address, password: string, stored: Sealed | null): string {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([address, password, stored]))
      .digest('base64url')
  }

  add(fingerprint: string, now: Instant): void {
    this.#until.set(fingerprint, now + FOR_MS)
  }

  has(fingerprint: string, now: Instant): boolean {
    return (this.#until.get(fingerprint) ?? 0) > now
  }
}
