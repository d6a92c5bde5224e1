import { X509Certificate } from 'node:crypto'
import { copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { BadCertificate, type Certificate, openCertificate } from './tls.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'mailkeep-tls-'))
})
afterAll(() => rm(root, { recursive: true }))

const onProblem = (error: Error) => {
  throw error
}
const selfSigned = (data: string, hostname = 'mx.example.org') =>
  openCertificate({ data: join(root, data), hostname, tls: { cert: null, key: null } }, { onProblem })

it('makes a certificate for the host name once', async () => {
  const first = await selfSigned('once')
  const again = await selfSigned('once')
  expect(again.current().fingerprint256).toBe(first.current().fingerprint256)
  const { cert, key, notAfter } = first.current()
  expect(first.current().selfSigned).toBe(true)
  const parsed = new X509Certificate(cert)
  expect(parsed.checkHost('mx.example.org')).toBe('mx.example.org')
  expect(parsed.checkIP('127.0.0.1')).toBe('127.0.0.1')
  expect(parsed.checkIP('::1')).toBe('::1')
  expect(parsed.verify(parsed.publicKey)).toBe(true)
  expect(notAfter).toBe(parsed.validToDate.getTime())
  expect(createSecureContext({ cert, key })).toBeDefined()
  expect((await stat(join(root, 'once/tls/key.pem'))).mode & 0o777).toBe(0o600)
  first.close()
  again.close()
})

it('sees changed files and keeps the old certificate while they do not fit', async () => {
  const one = await selfSigned('one')
  const two = await selfSigned('two', 'mx.example.net')
  const [cert, key] = [join(root, 'c.pem'), join(root, 'k.pem')]
  const take = async (from: string) => {
    await copyFile(join(root, from, 'tls/key.pem'), key)
    await copyFile(join(root, from, 'tls/cert.pem'), cert)
  }
  await take('one')
  const problems: Error[] = []
  const source = await openCertificate(
    { data: root, hostname: 'x', tls: { cert, key } },
    { onProblem: (error) => void problems.push(error), watchEveryMs: 20 },
  )
  expect(source.current().fingerprint256).toBe(one.current().fingerprint256)
  const changed = new Promise<Certificate>((resolve) => void source.onChange(resolve))
  await take('two')
  expect((await changed).fingerprint256).toBe(two.current().fingerprint256)

  await copyFile(join(root, 'one/tls/key.pem'), key)
  await expect(source.reload()).rejects.toThrow(`not the key of ${cert}`)
  await writeFile(cert, 'nonsense')
  await expect(source.reload()).rejects.toThrow(BadCertificate)
  expect(source.current().fingerprint256).toBe(two.current().fingerprint256)
  for (const open of [one, two, source]) open.close()
})

it('says which file is missing', async () => {
  const tls = { cert: join(root, 'no.pem'), key: join(root, 'no.pem') }
  await expect(openCertificate({ data: root, hostname: 'x', tls }, { onProblem })).rejects.toThrow('no.pem')
})
