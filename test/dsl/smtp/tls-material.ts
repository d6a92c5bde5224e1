import { generate } from 'selfsigned'
import type { TlsMaterial } from '#infra/smtp/context'

let made: Promise<() => TlsMaterial> | null = null

/** A self-signed certificate for mx.test, made once per process. */
export const tlsMaterial = (): Promise<() => TlsMaterial> => (made ??= freshTlsMaterial())

/** Another one every time. */
export const freshTlsMaterial = async (): Promise<() => TlsMaterial> => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'mx.test' }])
  return () => ({ key, cert })
}
