import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { beforeAll, expect, it } from 'vitest'
import { dkimRecord } from '#domain/hosted-domain/dkim'
import { createDkimSigner } from '#infra/mail-auth/dkim-signer'
import { mailCorpus } from '#test/conformance/mime/suites'
import { install } from './daemon.ts'

const pairs = { rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }), ed: generateKeyPairSync('ed25519') }
const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })
const keys = [
  {
    selector: 'mk-rsa',
    algorithm: 'rsa-sha256',
    publicKey: spki(pairs.rsa.publicKey).toString('base64'),
    pair: pairs.rsa,
  },
  {
    selector: 'mk-ed',
    algorithm: 'ed25519-sha256',
    publicKey: spki(pairs.ed.publicKey).subarray(-32).toString('base64'),
    pair: pairs.ed,
  },
] as const
const signer = createDkimSigner({
  clock: Date.now,
  keysOf: () =>
    keys.map(({ selector, algorithm, pair }) => ({
      selector,
      algorithm,
      id: selector,
      open: () => pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    })),
})

const signed = async (raw: Buffer): Promise<Buffer> => {
  const open = async function* () {
    yield raw
  }
  return Buffer.concat([Buffer.from(await signer.sign({ domain: 'example.org', open })), raw])
}

/** dkimpy, a package of Debian's own Python: for each message whether its first and its second signature verify. */
const VERIFY = `
import base64, json, sys, dkim
given = json.load(sys.stdin)
records = {name.encode() + b'.': text.encode() for name, text in given['records'].items()}
def dns(name, timeout=5):
    return records.get(name if name.endswith(b'.') else name + b'.')
def verify(message, idx):
    try:
        return dkim.DKIM(message).verify(idx=idx, dnsfunc=dns)
    except dkim.DKIMException as error:
        return str(error)
print(json.dumps([[verify(base64.b64decode(m), idx) for idx in (0, 1)] for m in given['messages']]))
`
const verify = (messages: readonly Buffer[]): unknown[] => {
  const records = Object.fromEntries(
    keys.map((key) => {
      const { name, text } = dkimRecord('example.org', key)
      return [name, text]
    }),
  )
  const input = JSON.stringify({ records, messages: messages.map((message) => message.toString('base64')) })
  return JSON.parse(
    execFileSync('/usr/bin/python3', ['-c', VERIFY], { input, maxBuffer: 64 * 1024 * 1024 }).toString(),
  ) as unknown[]
}

const MAIL = Buffer.from(
  'From: Ann <ann@example.org>\r\nTo: ben@remote.test,\r\n\tcara@remote.test\r\nSubject:  A  folded\r\n subject \r\nDate: Tue, 24 Nov 2026 08:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nHello,\t Ben \r\n\r\nbye\r\n\r\n\r\n',
)

beforeAll(() => install('python3-dkim', 'python3-nacl'))

it('dkimpy verifies both signatures, and neither of a mail that was changed', async () => {
  const mail = await signed(MAIL)
  const altered = ['Hello', 'Ann <', 'folded', 'cara@'].map((text) =>
    Buffer.from(mail.toString('latin1').replace(text, `x${text}`), 'latin1'),
  )
  const added = Buffer.concat([Buffer.from('Subject: another\r\n'), mail])
  const [whole, ...others] = verify([mail, ...altered, added])
  expect(whole).toEqual([true, true])
  for (const other of others) expect(other).not.toContain(true)
})

const ham = mailCorpus('ham')
it.skipIf(ham === null)('dkimpy verifies mails as they really are', async () => {
  const mails = ham!.filter((_, at) => at % 10 === 0)
  const messages: Buffer[] = []
  for (const { bytes } of mails)
    messages.push(await signed(Buffer.from(bytes.toString('latin1').replaceAll(/\r\n|\r|\n/g, '\r\n'), 'latin1')))
  const results = verify(messages)
  const failed = results.flatMap((result, at) =>
    String(result) === 'true,true' ? [] : [`${mails[at]?.name} ${String(result)}`],
  )
  expect(results.length).toBeGreaterThan(300)
  expect(failed).toEqual([])
})
