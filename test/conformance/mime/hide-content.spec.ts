import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openVirusScanner } from '#infra/antivirus/open'
import type { MessageScanner } from '#infra/antivirus/message-scanner'
import { contentReader } from '#infra/content-scan/reader'
import { mailCorpus, mimeSuite } from './suites.ts'

const suite = mimeSuite('hide-content')
const ham = mailCorpus('ham')

describe.skipIf(suite === null || ham === null)('viruses hidden by broken MIME', () => {
  let scanner: MessageScanner
  beforeAll(async () => {
    scanner = await openVirusScanner({ engines: ['yara'], readContent: contentReader() })
  })
  afterAll(() => scanner.close())

  it('has the whole suite: 372 mails, 84 of them on levels 1 to 3', () => {
    expect(suite).toHaveLength(372)
    expect(suite!.filter((mail) => mail.level > 0)).toHaveLength(84)
  })

  it.each(['as they lie in the suite', 'with the line ends of SMTP'])(
    'finds the virus in every mail of levels 3, 2 and 1, %s',
    async (how) => {
      const missed: string[] = []
      for (const mail of suite!.filter((one) => one.level > 0)) {
        const { outcome } = await scanner.scanMessage(how.includes('SMTP') ? withLineEnds(mail.bytes) : mail.bytes)
        if (outcome.outcome !== 'infected') missed.push(`[${mail.level}] ${mail.id}: ${outcome.outcome}`)
      }
      expect(missed).toEqual([])
    },
  )

  it('finds the virus in every mail of level 0, or says that it is malformed; at least 280 of the 288 are found', async () => {
    const missed: string[] = []
    let found = 0
    for (const mail of suite!.filter((one) => one.level === 0)) {
      const { outcome } = await scanner.scanMessage(mail.bytes)
      if (outcome.outcome === 'infected') found += 1
      else if (outcome.outcome !== 'unscannable' || !outcome.findings.some((finding) => finding.kind === 'malformed')) {
        missed.push(`${mail.id}: ${outcome.outcome}`)
      }
    }
    expect(missed).toEqual([])
    expect(found).toBeGreaterThanOrEqual(280)
  }, 60_000)

  it('calls all 4,500 ham of the corpus clean but for at most 4', async () => {
    expect(ham).toHaveLength(4_500)
    const held: string[] = []
    for (const mail of ham!) {
      const { outcome } = await scanner.scanMessage(mail.bytes)
      if (outcome.outcome !== 'clean') held.push(`${mail.name}: ${JSON.stringify(outcome)}`)
    }
    if (held.length > 4) console.error(held.join('\n'))
    expect(held.length).toBeLessThanOrEqual(4)
  }, 120_000)
})

const withLineEnds = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1')
