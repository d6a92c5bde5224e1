import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openVirusScanner } from '#infra/antivirus/open'
import type { MessageScanner } from '#infra/antivirus/message-scanner'
import type { ScanOutcome } from '#infra/antivirus/port'
import { contentReader } from '#infra/content-scan/reader'
import { clamdDouble, type ClamdDouble } from './clamd-double.ts'
import { EICAR, mailWith, plainMail } from './mails.ts'

describe('clamd that misbehaves', () => {
  let clamd: ClamdDouble
  let scanner: MessageScanner
  const clean = plainMail('Shall we meet at noon?')
  const scan = async (mail: Buffer): Promise<ScanOutcome> => (await scanner.scanMessage(mail)).outcome

  beforeEach(async () => {
    clamd = await clamdDouble()
    scanner = await openVirusScanner({
      engines: ['clamd'],
      clamdAddress: clamd.address,
      readContent: contentReader(),
      limits: { timeoutMs: 400, connectTimeoutMs: 2_000, maxConnections: 3 },
    })
  })
  afterEach(async () => {
    await scanner.close()
    await clamd.close()
  })

  it('is no virus scanner that found nothing: silence, closing and nonsense are unavailable', async () => {
    const silent = [
      'hang',
      'close',
      { reply: 'stream: \0' },
      { reply: '\xff\xfe nonsense \0' },
      { reply: 'COMMAND READ TIMED OUT\0' },
    ] as const
    for (const behaviour of silent) {
      clamd.behave(behaviour)
      expect({ behaviour, ...(await scan(clean)) }).toMatchObject({ behaviour, outcome: 'unavailable' })
    }
  })

  it('is unavailable when it reports an error of its own', async () => {
    clamd.behave({ reply: "stream: Can't allocate memory ERROR\0" })
    expect(await scan(clean)).toMatchObject({
      outcome: 'unavailable',
      reason: expect.stringContaining("Can't allocate memory"),
    })
  })

  it('is unavailable when it is not there, and well again when it is back', async () => {
    await clamd.close()
    const outcome = await scan(clean)
    expect(outcome).toMatchObject({
      outcome: 'unavailable',
      scanner: { name: 'clamd' },
      reason: expect.stringContaining('ECONNREFUSED'),
    })
    await expect(scanner.identify()).rejects.toThrow('ECONNREFUSED')
  })

  it('says too-large when its limit is smaller than expected, also when the reply is lost', async () => {
    for (const loseReply of [false, true]) {
      clamd.behave({ streamLimit: 100_000, loseReply })
      const outcome = await scan(plainMail('x'.repeat(1_000_000)))
      expect(outcome).toMatchObject({ outcome: 'unscannable', findings: [{ kind: 'too-large' }] })
    }
  })

  it('does not call a mail too large because clamd died meanwhile', async () => {
    clamd.behave('reset')
    const away = scan(plainMail('x'.repeat(1_000_000)))
    await clamd.close()
    expect((await away).outcome).toBe('unavailable')
  })

  it('tells what could not be looked at from what is infected by the name', async () => {
    clamd.behave({ reply: 'stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0' })
    expect(await scan(clean)).toMatchObject({ outcome: 'unscannable', findings: [{ kind: 'too-large' }] })
    clamd.behave({ reply: 'stream: Heuristics.Encrypted.Zip FOUND\0' })
    expect(await scan(clean)).toMatchObject({ outcome: 'unscannable', findings: [{ kind: 'encrypted' }] })
    clamd.behave({ reply: 'stream: Heuristics.Phishing.Email.SpoofedDomain FOUND\0' })
    expect(await scan(clean)).toMatchObject({
      outcome: 'infected',
      viruses: [{ name: 'Heuristics.Phishing.Email.SpoofedDomain' }],
    })
  })

  it('does not send what is longer than it takes', async () => {
    const small = await openVirusScanner({
      engines: ['clamd'],
      clamdAddress: clamd.address,
      readContent: contentReader(),
      limits: { maxStreamBytes: 10_000 },
    })
    const { outcome } = await small.scanMessage(plainMail('x'.repeat(20_000)))
    expect(outcome).toMatchObject({ outcome: 'unscannable', findings: [{ kind: 'too-large' }] })
    expect(clamd.streams).toHaveLength(0)
    await small.close()
  })

  it('gets the raw message first and attachments decoded', async () => {
    expect((await scan(mailWith({ name: 'eicar.com', bytes: EICAR }))).outcome).toBe('infected')
    expect(clamd.streams[0]!.toString('latin1')).toContain('Subject: Files')
    expect(clamd.streams.some((stream) => stream.equals(EICAR))).toBe(true)
  })

  it('never has more scans under way than it may', async () => {
    clamd.behave({ reply: 'stream: OK\0', afterMs: 5 })
    await Promise.all(Array.from({ length: 30 }, () => scan(clean)))
    expect(clamd.scans.most).toBeLessThanOrEqual(3)
    expect(clamd.streams).toHaveLength(30)
  })

  it('leaves no connection behind, whatever happened', async () => {
    clamd.behave('hang')
    await Promise.all([scan(clean), scan(clean)])
    clamd.behave('scan')
    await scan(clean)
    await expect.poll(() => clamd.connections.now).toBe(0)
  })

  it('gives up when its caller does', async () => {
    clamd.behave('hang')
    const giveUp = new AbortController()
    const scanned = scanner.scanMessage(clean, giveUp.signal)
    giveUp.abort()
    expect((await scanned).outcome).toMatchObject({ outcome: 'unavailable', reason: 'clamd: aborted' })
  })

  it('names version and database as clamd does', async () => {
    expect(await scanner.identify()).toEqual({ name: 'clamd', version: '1.4.6', database: '27001' })
  })
})

describe('clamd and YARA-X together', () => {
  it('find a virus when only one of them knows it, and are unavailable when one is away', async () => {
    const clamd = await clamdDouble()
    const both = await openVirusScanner({
      engines: ['clamd', 'yara'],
      clamdAddress: clamd.address,
      readContent: contentReader(),
    })
    clamd.behave({ reply: 'stream: OK\0' })
    expect((await both.scanMessage(mailWith({ name: 'eicar.com', bytes: EICAR }))).outcome).toMatchObject({
      outcome: 'infected',
      viruses: [{ name: 'Eicar-Test-Signature', part: '2' }],
      scanner: { name: 'clamd+yara-x' },
    })
    await clamd.close()
    expect((await both.scanMessage(plainMail('hello'))).outcome.outcome).toBe('unavailable')
    expect((await both.scanMessage(mailWith({ name: 'eicar.com', bytes: EICAR }))).outcome.outcome).toBe('infected')
    await both.close()
  })
})
