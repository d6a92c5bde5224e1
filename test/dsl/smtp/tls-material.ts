import { makeSelfSigned } from '#infra/config/self-signed'
import type { TlsMaterial } from '#infra/smtp/context'

let made: Promise<() => TlsMaterial> | null = null

/** A self-signed certificate for mx.test, made once per process. */
export const tlsMaterial = (): Promise<() => TlsMaterial> => (made ??= freshTlsMaterial())

/** Another one every time. */
export const freshTlsMaterial = async (): Promise<() => TlsMaterial> => {
  const day = 86_400_000
  const { cert, key } = makeSelfSigned({
    commonName: 'mx.test',
    altNames: ['mx.test'],
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + 30 * day),
  })
  return () => ({ key, cert })
}
