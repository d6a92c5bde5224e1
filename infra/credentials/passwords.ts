import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Sealed } from '#domain/kernel/sealed'
import { mailboxKey, type Address } from '#domain/message/mailbox'
import type { SecretKey } from '#infra/config/secret-key'

const derive = promisify(argon2)

/** OWASP's first choice for argon2id: 19 MiB, 2 passes, 1 lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const
const TAG_BYTES = 32
const SALT_BYTES = 16
/** What a stored hash may ask for at most: a forged one must not eat the machine. */
const LIMITS = { memory: 262_144, passes: 10, parallelism: 4 } as const

const AT_ONCE = 2
const MAX_WAITING = 64
export const MAX_PASSWORD_BYTES = 1_024

/** Too many sign-ins wait for their turn. */
export class HashingBusy extends Error {
  constructor() {
    super(`more than ${MAX_WAITING} passwords wait to be checked`)
    this.name = 'HashingBusy'
  }
}

export type Sealing = Pick<SecretKey, 'open' | 'seal'>

/** For what a password hash is sealed: it can't be moved from one account into another. */
const passwordPurpose = (address: Address): string => `account-password:${mailboxKey(address)}`

/**
 * Password hashes by argon2id (RFC 9106) in PHC format, sealed with secret.key. Derivation runs on the thread pool, two at a time, so that
 * sign-ins slow nothing else down.
 */
export class Passwords {
  readonly #secrets: Sealing
  #running = 0
  readonly #waiting: (() => void)[] = []
  #dummy: Promise<string> | null = null

  constructor(secrets: Sealing) {
    this.#secrets = secrets
  }

  async seal(address: Address, password: string): Promise<Sealed> {
    return this.#secrets.seal(await this.#hash(password), passwordPurpose(address))
  }

  /** Takes the same time whether there is a hash or not. */
  async verify(address: Address, sealedHash: Sealed | null, password: string): Promise<boolean> {
    this.#dummy ??= this.#hash(randomBytes(16).toString('base64')).catch((error: unknown) => {
      // The next one tries anew: that too many were waiting once must not lock everybody out for ever.
      this.#dummy = null
      throw error
    })
    const dummy = await this.#dummy
    const stored = sealedHash === null ? dummy : this.#secrets.open(sealedHash, passwordPurpose(address))
    const same = await this.#matches(stored, password)
    return same && sealedHash !== null
  }

  async #hash(password: string): Promise<string> {
    const nonce = randomBytes(SALT_BYTES)
    const tag = await this.#inTurn(() =>
      derive('argon2id', { ...COST, message: password, nonce, tagLength: TAG_BYTES }),
    )
    return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${base64(nonce)}$${base64(tag)}`
  }

  async #matches(stored: string, password: string): Promise<boolean> {
    const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(stored)
    if (parts === null) throw new Error('a stored password hash is not argon2id in PHC format')
    const [memory, passes, parallelism] = [Number(parts[1]), Number(parts[2]), Number(parts[3])]
    if (memory > LIMITS.memory || passes > LIMITS.passes || parallelism > LIMITS.parallelism) {
      throw new Error('a stored password hash asks for more than argon2id is allowed here')
    }
    const nonce = Buffer.from(parts[4] ?? '', 'base64')
    const tag = Buffer.from(parts[5] ?? '', 'base64')
    const found = await this.#inTurn(() =>
      derive('argon2id', { memory, passes, parallelism, message: password, nonce, tagLength: tag.length }),
    )
    return timingSafeEqual(found, tag)
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < AT_ONCE) this.#running += 1
    else {
      if (this.#waiting.length >= MAX_WAITING) throw new HashingBusy()
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    }
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')
