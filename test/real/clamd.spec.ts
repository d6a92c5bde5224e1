import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openVirusScanner } from '#infra/antivirus/open'
import type { MessageScanner } from '#infra/antivirus/message-scanner'
import { contentReader } from '#infra/content-scan/reader'
import { mimeSuite } from '../conformance/mime/suites.ts'
import { antivirusContract } from '../contract/antivirus/contract.ts'
import { EICAR, mailWith, plainMail, zipOf } from '../contract/antivirus/mails.ts'
import { CLAM_EXE, startClamd, type Clamd } from './clamd.ts'

const MIB = 1024 * 1024
const limits = { maxStreamBytes: MIB, timeoutMs: 10_000 }

for (const by of ['address', 'socket'] as const) {
  antivirusContract(`clamd by ${by === 'address' ? 'TCP' : 'unix socket'}`, async (readContent) => {
    const clamd = await startClamd()
    const scanner = await openVirusScanner({ engines: ['clamd'], clamdAddress: clamd[by], readContent, limits })
    const close = async (): Promise<void> => {
      await scanner.close()
      await clamd.stop()
    }
    return { scanner, close }
  })
}

describe('a real clamd', () => {
  let clamd: Clamd
  let scanner: MessageScanner
  beforeAll(async () => {
    clamd = await startClamd()
    scanner = await openVirusScanner({
      engines: ['clamd'],
      clamdAddress: clamd.socket,
      readContent: contentReader(),
      limits,
    })
  })
  afterAll(async () => {
    await scanner.close()
    await clamd.stop()
  })

  it('finds a program of its test files, as it is, zipped and mailed', async () => {
    const program = readFileSync(CLAM_EXE)
    for (const bytes of [program, zipOf({ name: 'clam.exe', bytes: program })]) {
      const { outcome } = await scanner.scanMessage(mailWith({ name: 'x.bin', bytes }))
      expect(outcome).toMatchObject({ outcome: 'infected', viruses: [{ name: 'Mailkeep.ClamExe.UNOFFICIAL' }] })
    }
  })

  it('scans exactly what it takes, and calls one byte more too large instead of clean', async () => {
    const filled = (size: number): Buffer =>
      plainMail(EICAR.toString('latin1').padEnd(size - plainMail('').length, ' '))
    expect((await scanner.scanMessage(filled(MIB))).outcome.outcome).toBe('infected')
    expect((await scanner.scanMessage(filled(MIB + 1))).outcome).toMatchObject({
      outcome: 'unscannable',
      findings: [{ kind: 'too-large' }],
    })
  })

  it('says too-large when clamd breaks off by itself, whatever becomes of its reply', async () => {
    const hopeful = await openVirusScanner({
      engines: ['clamd'],
      clamdAddress: clamd.address,
      readContent: contentReader(),
    })
    for (let megabytes = 2; megabytes < 8; megabytes += 1) {
      const { outcome } = await hopeful.scanMessage(plainMail('x'.repeat(megabytes * MIB)))
      expect(outcome).toMatchObject({ outcome: 'unscannable', findings: [{ kind: 'too-large' }] })
    }
    await hopeful.close()
  })

  it('is unavailable while it is killed, and goes on by itself when it is back', async () => {
    const mail = mailWith({ name: 'eicar.com', bytes: EICAR })
    await clamd.kill()
    expect((await scanner.scanMessage(mail)).outcome.outcome).toBe('unavailable')
    await clamd.restart()
    expect((await scanner.scanMessage(mail)).outcome.outcome).toBe('infected')
  })

  it('never calls a mail clean that was with it when it was killed', async () => {
    const mails = Array.from({ length: 60 }, (_, index) =>
      mailWith({ name: 'eicar.com', bytes: Buffer.concat([EICAR, Buffer.from(`${index}`)]) }),
    )
    const scans = mails.map((mail) => scanner.scanMessage(mail))
    await clamd.kill()
    const outcomes = new Set((await Promise.all(scans)).map((one) => one.outcome.outcome))
    await clamd.restart()
    outcomes.delete('infected')
    outcomes.delete('unavailable')
    expect([...outcomes]).toEqual([])
  })
})

describe('a real clamd that alerts on what it could not look at', () => {
  it('has its heuristics read as unscannable', async () => {
    const clamd = await startClamd({ alerts: true })
    const engine = await openVirusScanner({
      engines: ['clamd'],
      clamdAddress: clamd.socket,
      readContent: contentReader(),
      limits,
    })
    const zip = zipOf({ name: 'a.txt', bytes: Buffer.from('secret'), encrypted: true })
    const { outcome } = await engine.scanMessage(mailWith({ name: 'a.zip', bytes: zip }))
    expect(outcome.outcome).toBe('unscannable')
    await engine.close()
    await clamd.stop()
  })
})

const suite = mimeSuite('hide-content')

describe.skipIf(suite === null)('viruses hidden by broken MIME, with a real clamd', () => {
  it('are found on levels 3, 2 and 1, and found or malformed on level 0', async () => {
    const clamd = await startClamd()
    const scanner = await openVirusScanner({
      engines: ['clamd'],
      clamdAddress: clamd.socket,
      readContent: contentReader(),
      limits,
    })
    const missed: string[] = []
    for (const mail of suite!) {
      const { outcome } = await scanner.scanMessage(mail.bytes)
      const malformed =
        outcome.outcome === 'unscannable' && outcome.findings.some((finding) => finding.kind === 'malformed')
      if (outcome.outcome !== 'infected' && !(mail.level === 0 && malformed))
        missed.push(`[${mail.level}] ${mail.id}: ${outcome.outcome}`)
    }
    await scanner.close()
    await clamd.stop()
    expect(missed).toEqual([])
  }, 120_000)
})
