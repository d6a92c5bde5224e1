import { createPrivateKey, X509Certificate } from 'node:crypto'
import { type Stats, unwatchFile, watchFile } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DAY, type Instant } from '#domain/kernel/instant'
import { replaceDurably } from './durable-file.ts'
import type { Config } from './load.ts'
import { makeSelfSigned } from './self-signed.ts'

const SELF_SIGNED_DAYS = 3_650
const WATCH_EVERY_MS = 10_000

/** A certificate with its key, as `tls.createSecureContext` takes them. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  /** For the alarm before it runs out. */
  readonly notAfter: Instant
  readonly fingerprint256: string
  readonly subject: string
  readonly selfSigned: boolean
}

export interface CertificateSource {
  current(): Certificate
  /** Called with each new certificate; answers a function that stops that. */
  onChange(listener: (certificate: Certificate) => void): () => void
  /** Reads the files again now. Throws `BadCertificate`; then the old certificate stays. */
  reload(): Promise<Certificate>
  close(): void
}

export class BadCertificate extends Error {
  constructor(file: string, why: string, options?: ErrorOptions) {
    super(`${file}: ${why}`, options)
    this.name = 'BadCertificate'
  }
}

export interface CertificateOptions {
  /** Told when changed files can't be used; the old certificate stays. */
  readonly onProblem: (error: Error) => void
  readonly watchEveryMs?: number
}

/** The certificate of `tls.cert` and `tls.key`, else a self-signed one for the host name, made once under data/tls. */
export async function openCertificate(
  config: Pick<Config, 'data' | 'hostname' | 'tls'>,
  { onProblem, watchEveryMs = WATCH_EVERY_MS }: CertificateOptions,
): Promise<CertificateSource> {
  const given = config.tls.cert !== null && config.tls.key !== null
  const certFile = config.tls.cert ?? join(config.data, 'tls', 'cert.pem')
  const keyFile = config.tls.key ?? join(config.data, 'tls', 'key.pem')
  if (!given) await makeOnce(certFile, keyFile, config.hostname)

  let current = await readPair(certFile, keyFile)
  const listeners = new Set<(certificate: Certificate) => void>()
  const reload = async (): Promise<Certificate> => {
    const next = await readPair(certFile, keyFile)
    const changed = next.cert !== current.cert || next.key !== current.key
    current = next
    if (changed) for (const listener of listeners) listener(next)
    return next
  }
  // Polling: it also sees the symbolic links that certbot and Kubernetes turn over.
  const changed = (now: Stats, before: Stats) => {
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size || now.ino !== before.ino) reload().catch(onProblem)
  }
  for (const file of [certFile, keyFile]) watchFile(file, { persistent: false, interval: watchEveryMs }, changed)

  return {
    current: () => current,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    reload,
    close() {
      for (const file of [certFile, keyFile]) unwatchFile(file, changed)
      listeners.clear()
    },
  }
}

async function readPair(certFile: string, keyFile: string): Promise<Certificate> {
  const [cert, key] = await Promise.all([readPem(certFile), readPem(keyFile)])
  const parsed = parse(certFile, 'not a certificate in PEM', () => new X509Certificate(cert))
  const privateKey = parse(keyFile, 'not a private key in PEM without a passphrase', () => createPrivateKey(key))
  if (!parsed.checkPrivateKey(privateKey)) throw new BadCertificate(keyFile, `not the key of ${certFile}`)
  return {
    cert,
    key,
    notAfter: parsed.validToDate.getTime(),
    fingerprint256: parsed.fingerprint256,
    subject: parsed.subject,
    selfSigned: parsed.issuer === parsed.subject && parsed.verify(parsed.publicKey),
  }
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new BadCertificate(file, `can't be read (${(error as NodeJS.ErrnoException).code})`, { cause: error })
  }
}

function parse<T>(file: string, why: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new BadCertificate(file, why, { cause: error })
  }
}

async function makeOnce(certFile: string, keyFile: string, hostname: string): Promise<void> {
  try {
    await readPair(certFile, keyFile)
    return
  } catch (error) {
    const absent = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
    // Written one after the other: a crash between the two leaves a pair that doesn't match, or half of one.
    if (!absent) throw error
  }
  const now = Date.now()
  const made = makeSelfSigned({
    commonName: hostname,
    altNames: [...new Set([hostname, 'localhost', '127.0.0.1', '::1'])],
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + SELF_SIGNED_DAYS * DAY),
  })
  // The certificate last: while it is missing, both are made anew.
  await replaceDurably(keyFile, made.key, 0o600)
  await replaceDurably(certFile, made.cert, 0o644)
}
