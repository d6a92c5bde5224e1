import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sealed } from '#domain/kernel/sealed'
import { createDurably } from './durable-file.ts'
import type { Config } from './load.ts'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const CIPHER = 'aes-256-gcm'

/** The installation's secret: seals what events must not show, and gives further keys (links, tokens). */
export interface SecretKey {
  /**
   * Encrypts for one purpose, e.g. `account-password:ann@example.org`: opened with another, it fails. So a sealed value can't be moved
   * from one event into another.
   */
  seal(plain: string, purpose: string): Sealed
  /** Throws `SealBroken` for another key, another purpose, or altered text. */
  open(sealed: string, purpose: string): string
  /** A key of its own for another use (HKDF-SHA-256, RFC 5869): the same on every node and at every start. */
  derive(use: string, bytes?: number): Buffer
}

export class SealBroken extends Error {
  constructor(purpose: string, options?: ErrorOptions) {
    super(`a secret sealed for ${purpose} can't be opened: is secret.key the one it was sealed with?`, options)
    this.name = 'SealBroken'
  }
}

export class BadSecretKey extends Error {
  constructor(file: string) {
    super(
      `${file} is not a secret key: expected 32 bytes in base64. Put the right one back; a new one can't open old secrets`,
    )
    this.name = 'BadSecretKey'
  }
}

/** The setting `secret.key`, else `secret.key` in the data folder, made once (mode 0600, durable before it is used). */
export async function loadSecretKey(config: Pick<Config, 'data' | 'secret'>): Promise<SecretKey> {
  if (config.secret.key !== null) return secretKeyFrom(Buffer.from(config.secret.key, 'base64'))
  const file = join(config.data, 'secret.key')
  const there = await readKeyFile(file)
  if (there !== undefined) return secretKeyFrom(there)
  await createDurably(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`, 0o600)
  const made = await readKeyFile(file)
  if (made === undefined) throw new BadSecretKey(file)
  return secretKeyFrom(made)
}

export function secretKeyFrom(key: Buffer): SecretKey {
  if (key.length !== KEY_BYTES) throw new RangeError(`a secret key has ${KEY_BYTES} bytes, not ${key.length}`)
  const derive = (use: string, bytes = KEY_BYTES): Buffer =>
    Buffer.from(hkdfSync('sha256', key, 'mailkeep', use, bytes))
  const sealing = derive('seal:1')
  return {
    derive,
    seal(plain, purpose) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, sealing, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(purpose))
      const ciphertext = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      const body = Buffer.concat([cipher.getAuthTag(), ciphertext])
      return `sealed:1:${nonce.toString('base64url')}:${body.toString('base64url')}`
    },
    open(sealed, purpose) {
      const parts = /^sealed:1:([A-Za-z0-9_-]{16}):([A-Za-z0-9_-]{22,})$/.exec(sealed)
      if (parts === null) throw new SealBroken(purpose)
      const nonce = Buffer.from(parts[1] ?? '', 'base64url')
      const body = Buffer.from(parts[2] ?? '', 'base64url')
      try {
        const decipher = createDecipheriv(CIPHER, sealing, nonce, { authTagLength: TAG_BYTES })
          .setAAD(Buffer.from(purpose))
          .setAuthTag(body.subarray(0, TAG_BYTES))
        return Buffer.concat([decipher.update(body.subarray(TAG_BYTES)), decipher.final()]).toString('utf8')
      } catch (error) {
        throw new SealBroken(purpose, { cause: error })
      }
    },
  }
}

async function readKeyFile(file: string): Promise<Buffer | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== KEY_BYTES) throw new BadSecretKey(file)
  return key
}
