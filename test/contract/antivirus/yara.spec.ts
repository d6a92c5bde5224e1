import { expect, it } from 'vitest'
import { openVirusScanner } from '#infra/antivirus/open'
import { contentReader } from '#infra/content-scan/reader'
import { antivirusContract } from './contract.ts'
import { mailWith } from './mails.ts'

antivirusContract('YARA-X', async (readContent) => {
  const scanner = await openVirusScanner({ engines: ['yara'], readContent })
  return { scanner, close: () => scanner.close() }
})

it('YARA-X alone says of an archive that nothing here opens that it is closed, instead of clean', async () => {
  const scanner = await openVirusScanner({ engines: ['yara'], readContent: contentReader() })
  const rar = Buffer.concat([Buffer.from('Rar!\x1a\x07\x01\x00', 'latin1'), Buffer.alloc(100, 1)])
  const { outcome } = await scanner.scanMessage(mailWith({ name: 'a.rar', bytes: rar }))
  await scanner.close()
  const findings = [{ kind: 'encrypted', detail: "a rar archive, which yara-x can't open" }]
  expect(outcome).toMatchObject({ outcome: 'unscannable', findings })
})
