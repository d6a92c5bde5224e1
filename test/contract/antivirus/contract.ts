import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contentReader } from '#infra/content-scan/reader'
import type { MessageScanner } from '#infra/antivirus/message-scanner'
import type { ScanOutcome } from '#infra/antivirus/port'
import { EICAR, mailWith, plainMail, zipOf } from './mails.ts'

export interface ScannerUnderTest {
  readonly scanner: MessageScanner
  close(): Promise<void>
}

/** What every virus scanner must do, whatever its engine. */
export function antivirusContract(
  name: string,
  open: (readContent: ReturnType<typeof contentReader>) => Promise<ScannerUnderTest>,
): void {
  describe(`virus scanner: ${name}`, () => {
    let under: ScannerUnderTest
    beforeAll(async () => {
      under = await open(contentReader())
    })
    afterAll(() => under.close())

    const scan = async (mail: Buffer): Promise<ScanOutcome> => (await under.scanner.scanMessage(mail)).outcome
    const partsOf = (outcome: ScanOutcome): string[] =>
      outcome.outcome === 'infected' ? outcome.viruses.map((virus) => virus.part) : []
    const kindsOf = (outcome: ScanOutcome): string[] =>
      outcome.outcome === 'unscannable' ? outcome.findings.map((finding) => finding.kind) : [outcome.outcome]

    it('calls a plain mail clean, naming scanner, version and database', async () => {
      const outcome = await scan(plainMail('Shall we meet at noon?'))
      expect(outcome.outcome).toBe('clean')
      const identity = await under.scanner.identify()
      expect(outcome.scanner).toEqual(identity)
      expect(identity.version).not.toBe('')
      expect(identity.database).not.toBe('')
    })

    it('calls a mail with harmless attachments clean', async () => {
      const zip = zipOf(
        { name: 'notes.txt', bytes: Buffer.from('nothing here') },
        { name: 'b/c.csv', bytes: Buffer.from('1;2;3') },
      )
      expect(
        (await scan(mailWith({ name: 'a.zip', bytes: zip }, { name: 'a.txt', bytes: Buffer.from('text') }))).outcome,
      ).toBe('clean')
    })

    it('finds a virus in plain text', async () => {
      expect((await scan(plainMail(EICAR.toString('latin1')))).outcome).toBe('infected')
    })

    it('finds a virus in a base64 attachment and names the part', async () => {
      const outcome = await scan(
        mailWith({ name: 'a.txt', bytes: Buffer.from('fine') }, { name: 'eicar.com', bytes: EICAR }),
      )
      expect(partsOf(outcome)).toContain('3')
    })

    it('finds a virus in a ZIP attachment, and in a ZIP in a ZIP', async () => {
      const inner = zipOf({ name: 'eicar.com', bytes: EICAR })
      expect((await scan(mailWith({ name: 'a.zip', bytes: inner }))).outcome).toBe('infected')
      expect((await scan(mailWith({ name: 'b.zip', bytes: zipOf({ name: 'a.zip', bytes: inner }) }))).outcome).toBe(
        'infected',
      )
    })

    it('finds a virus in an attached mail', async () => {
      const attached = mailWith({ name: 'eicar.com', bytes: EICAR }).toString('latin1')
      const mail = `From: a@example.org\r\nContent-Type: message/rfc822\r\n\r\n${attached}`
      expect((await scan(Buffer.from(mail, 'latin1'))).outcome).toBe('infected')
    })

    it('finds a virus behind two Content-Transfer-Encoding fields that contradict each other', async () => {
      const mail = mailWith({ name: 'eicar.com', bytes: EICAR }).toString('latin1')
      for (const fields of ['7bit\r\nContent-Transfer-Encoding: base64', 'base64\r\nContent-Transfer-Encoding: 7bit']) {
        expect(
          (await scan(Buffer.from(mail.replace('Encoding: base64', `Encoding: ${fields}`), 'latin1'))).outcome,
        ).toBe('infected')
      }
    })

    it('says that an encrypted ZIP is unscannable, not clean', async () => {
      const zip = zipOf({ name: 'secret.txt', bytes: Buffer.from('secret'), encrypted: true })
      expect(kindsOf(await scan(mailWith({ name: 'a.zip', bytes: zip })))).toContain('encrypted')
    })

    it('lets a virus win over what is unscannable beside it', async () => {
      const zip = zipOf({ name: 'secret.txt', bytes: Buffer.from('secret'), encrypted: true })
      expect((await scan(mailWith({ name: 'a.zip', bytes: zip }, { name: 'eicar.com', bytes: EICAR }))).outcome).toBe(
        'infected',
      )
    })

    it('says that a bomb is a bomb', async () => {
      const zip = zipOf({ name: 'zeros.bin', bytes: Buffer.alloc(20 * 1024 * 1024) })
      expect(kindsOf(await scan(mailWith({ name: 'a.zip', bytes: zip })))).toContain('bomb')
    })

    it('says that what is nested too deep is so', async () => {
      let zip = zipOf({ name: 'eicar.com', bytes: EICAR })
      for (let level = 0; level < 30; level += 1) zip = zipOf({ name: 'deeper.zip', bytes: zip })
      expect(kindsOf(await scan(mailWith({ name: 'a.zip', bytes: zip })))).not.toContain('clean')
    })

    it('says that contradicting fields are malformed, even when no virus is found', async () => {
      const mail = mailWith({ name: 'a.txt', bytes: Buffer.from('fine') }).toString('latin1')
      const twice = mail.replace('Encoding: base64', 'Encoding: base64\r\nContent-Transfer-Encoding: quoted-printable')
      expect(kindsOf(await scan(Buffer.from(twice, 'latin1')))).toContain('malformed')
    })

    it('hands on the facts of the attachments', async () => {
      const zip = zipOf({ name: 'run.exe', bytes: Buffer.from('MZ fake') })
      const { facts } = await under.scanner.scanMessage(mailWith({ name: 'a.zip', bytes: zip }))
      expect(facts.attachments.map((fact) => [fact.names, fact.detectedType])).toEqual([
        [['a.zip'], 'zip'],
        [['run.exe'], 'windows-executable'],
      ])
    })

    it('reads a message from a source in chunks, and refuses one longer than it may be', async () => {
      const mail = mailWith({ name: 'eicar.com', bytes: EICAR })
      const chunks = async function* (): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < mail.length; at += 100) yield mail.subarray(at, at + 100)
      }
      expect((await under.scanner.scan({ size: mail.length, open: chunks })).outcome).toBe('infected')
      expect(kindsOf(await under.scanner.scan({ size: 10 * 1024 ** 3, open: chunks }))).toEqual(['too-large'])
    })

    it('scans many mails at the same time without mixing them up', async () => {
      const mails = Array.from({ length: 40 }, (_, index) =>
        index % 3 === 0
          ? mailWith({ name: 'eicar.com', bytes: EICAR })
          : mailWith({ name: `${index}.txt`, bytes: Buffer.from(`text ${index}`) }),
      )
      const outcomes = await Promise.all(mails.map(scan))
      expect(outcomes.map((one) => one.outcome)).toEqual(
        mails.map((_, index) => (index % 3 === 0 ? 'infected' : 'clean')),
      )
    })
  })
}
