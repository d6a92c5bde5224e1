import { crc32, deflateRawSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { mailCorpus, mimeSuite } from '#test/conformance/mime/suites'
import { signIn, type HttpClient } from '#test/dsl/http-client'
import { runMailkeep, SERVER_PASSWORD, startServer, type Server } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'
import { seeded } from './load.ts'
import { greeted, health, mailIdIn, mailOn, memoryOf, outcomesOf, plainMail, sendMail, setPolicy } from './observing.ts'

const SEED = 372_300
const MUTATIONS = 300
const MEGABYTE = 1024 * 1024
const RECIPIENTS = ['ann@mailkeep.test', 'ben@mailkeep.test']

interface Hostile {
  readonly name: string
  readonly bytes: Uint8Array
}

interface Ended {
  readonly name: string
  readonly reply: string | null
  readonly id: string | null
}

/** Sends them all, some at a time; the order of the answers is theirs. */
const sendAll = async (server: Server, mails: readonly Hostile[]): Promise<Ended[]> => {
  const waiting = [...mails]
  const ended: Ended[] = []
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      let client = await greeted(server.mx)
      for (let mail = waiting.shift(); mail !== undefined; mail = waiting.shift()) {
        const reply = await mailOn(client, RECIPIENTS, mail.bytes)
        ended.push({ name: mail.name, reply, id: mailIdIn(reply) })
        if (reply === null || client.closed) {
          client.destroy()
          client = await greeted(server.mx)
        }
      }
      client.destroy()
    }),
  )
  return ended
}

/** How each mail ended for both its recipients, checked to be once: `delivered`, `quarantined virus` ... */
const endsOf = async (admin: HttpClient, sent: readonly Ended[]): Promise<Map<string, string>> => {
  const ends = new Map<string, string>()
  for (const { name, id } of sent) {
    if (id === null) continue
    const recipients = await outcomesOf(admin, id, 180_000)
    expect({ name, mailboxes: recipients.map(({ mailbox }) => mailbox).toSorted() }).toEqual({
      name,
      mailboxes: RECIPIENTS,
    })
    const { body } = await admin.ask('GET', `/mails/${id}`)
    const events = body['events'] as { type: string; data: { recipient?: string } }[]
    for (const mailbox of RECIPIENTS) {
      const outcomes = events.filter(
        ({ type, data }) => (type === 'Delivered' || type === 'Quarantined') && data.recipient === mailbox,
      )
      expect({ name, mailbox, outcomes: outcomes.length }).toEqual({ name, mailbox, outcomes: 1 })
    }
    ends.set(
      name,
      recipients.map(({ state, reason }) => (state === 'quarantined' ? `${state} ${reason}` : state))[0] ?? '',
    )
  }
  return ends
}

const tally = (values: Iterable<string>): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

/** Nothing is set aside, nothing died, and the next mail is served as ever. */
const expectWell = async (server: Server, admin: HttpClient, folder: string): Promise<void> => {
  const { output } = await runMailkeep(['reaction', 'parked', '--json'], folder)
  expect((JSON.parse(output) as { items: unknown[] }).items).toEqual([])
  expect(server.output()).not.toMatch(/inspection failed|delivery failed|"level":60/)
  expect((await health(server, 'ready')).status).toBe(200)
  const id = mailIdIn(await sendMail(server.mx, RECIPIENTS, plainMail('afterwards')))
  expect((await outcomesOf(admin, id ?? '')).map(({ state }) => state)).toEqual(['delivered', 'delivered'])
}

const tolerant = { bareLineEnds: 'normalise', limits: { errorsPerConnection: 1_000 } }

const suite = mimeSuite('hide-content')
const ham = mailCorpus('ham')
const spam = mailCorpus('spam')

it.skipIf(suite === null)('lets none of the 372 viruses hidden by broken MIME through the whole way in', async () => {
  const folder = await temporaryFolder()
  const server = await startServer(folder)
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  await setPolicy(admin, 'edge', { limits: { errorsPerConnection: 1_000 } })
  const sent = await sendAll(
    server,
    suite!.map(({ id, level, bytes }, number) => ({ name: `${number} [${level}] ${id}`, bytes: withLineEnds(bytes) })),
  )
  expect(sent).toHaveLength(372)
  for (const { name, reply } of sent)
    expect({ name, reply }).toEqual({ name, reply: expect.stringMatching(/^250 |^5\d\d 5\./) })
  const ends = await endsOf(admin, sent)
  console.log(`hidden viruses: ${JSON.stringify(tally(ends.values()))}, ${372 - ends.size} refused`)
  // Bare CRs are refused.
  expect(ends.size).toBeGreaterThan(300)
  expect([...ends].filter(([, end]) => !/^quarantined (?:virus|unscannable)$/.test(end))).toEqual([])
  expect([...ends].filter(([name, end]) => !name.includes('[0]') && end !== 'quarantined virus')).toEqual([])
  await expectWell(server, admin, folder)
  expect(await server.stop()).toBe(0)
})

it.skipIf(ham === null || spam === null)(
  `gives each of ${MUTATIONS} mutated mails one outcome, or refuses it`,
  async () => {
    const folder = await temporaryFolder()
    const server = await startServer(folder)
    const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
    await setPolicy(admin, 'edge', tolerant)
    const random = seeded(SEED)
    const corpus = [...ham!, ...spam!].filter(({ bytes }) => bytes.length < 100_000)
    const mutated = Array.from({ length: MUTATIONS }, (_, number) => {
      const one = corpus[Math.floor(random() * corpus.length)]!
      const other = corpus[Math.floor(random() * corpus.length)]!
      return {
        name: `${number} ${one.name}`,
        bytes: mutate(withLineEnds(one.bytes), withLineEnds(other.bytes), random),
      }
    })
    const sent = await sendAll(server, mutated)
    expect(sent).toHaveLength(MUTATIONS)
    for (const { name, reply } of sent)
      expect({ name, reply }).toEqual({ name, reply: expect.stringMatching(/^250 |^5\d\d 5\./) })
    const ends = await endsOf(admin, sent)
    console.log(`mutated mails: ${JSON.stringify(tally(ends.values()))}, ${MUTATIONS - ends.size} refused`)
    expect(ends.size).toBeGreaterThan(MUTATIONS / 2)
    await expectWell(server, admin, folder)
    expect(await server.stop()).toBe(0)
  },
)

it('outlives mails that are built to be endless: nesting, headers, bombs', async () => {
  const folder = await temporaryFolder()
  const server = await startServer(folder)
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  await setPolicy(admin, 'edge', {
    limits: { errorsPerConnection: 1_000, headerCount: 200_000, headerSize: 20 * MEGABYTE },
  })
  const sent = await sendAll(server, endless())
  const ends = await endsOf(admin, sent)
  console.log(
    `endless mails: ${JSON.stringify(Object.fromEntries(ends))}, refused: ${JSON.stringify(sent.filter(({ id }) => id === null))}, at most ${((await memoryOf(server.pid, 'VmHWM')) / MEGABYTE).toFixed(0)} MB`,
  )
  for (const name of ['a bomb', 'a bomb in 40 archives']) expect(ends.get(name)).toBe('quarantined unscannable')
  expect(await memoryOf(server.pid, 'VmHWM')).toBeLessThan(1_200 * MEGABYTE)
  await setPolicy(admin, 'edge', {})
  const refused = await sendAll(server, [{ name: '100,000 headers', bytes: manyHeaders() }])
  expect(refused[0]?.reply).toMatch(/^5\d\d 5\.\d\.\d .*header/i)
  await expectWell(server, admin, folder)
  expect(await server.stop()).toBe(0)
})

const withLineEnds = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1')

/** One to six changes, each of a kind that breaks another reader. */
const mutate = (bytes: Buffer, other: Buffer, random: () => number): Buffer => {
  const below = (limit: number): number => Math.floor(random() * limit)
  let mutated = bytes
  for (let changes = 1 + below(6); changes > 0; changes--) {
    const at = below(mutated.length + 1)
    const to = Math.min(mutated.length, at + 1 + below(2_000))
    const [head, piece, tail] = [mutated.subarray(0, at), mutated.subarray(at, to), mutated.subarray(to)]
    switch (below(7)) {
      case 0: {
        const flipped = Buffer.from(piece)
        for (let count = 0; count < 5 && flipped.length > 0; count++) flipped[below(flipped.length)] = below(256)
        mutated = Buffer.concat([head, flipped, tail])
        break
      }
      case 1:
        mutated = Buffer.concat([head, tail])
        break
      case 2:
        mutated = Buffer.concat([head, piece, piece, piece, tail])
        break
      case 3:
        mutated = mutated.subarray(0, Math.max(200, at))
        break
      case 4:
        mutated = Buffer.concat([head, other.subarray(below(other.length)), tail])
        break
      case 5:
        mutated = Buffer.concat([head, Buffer.from(Array.from({ length: below(300) }, () => below(256))), piece, tail])
        break
      default: {
        // Around a boundary, a header's colon, an encoded word: where readers differ.
        const text = mutated.toString('latin1')
        const where = text.search(/boundary=|Content-Type:|=\?|base64/i)
        if (where >= 0)
          mutated = Buffer.from(`${text.slice(0, where)}${'\r\n\t;"=?'[below(7)]}${text.slice(where)}`, 'latin1')
      }
    }
  }
  return mutated
}

const mailOf = (header: string, body: string): Buffer =>
  Buffer.from(
    `From: <sender@outside.test>\r\nTo: people:;\r\nDate: Tue, 24 Nov 2026 04:00:00 +0000\r\nMIME-Version: 1.0\r\n${header}\r\n\r\n${body}`,
    'latin1',
  )

const manyHeaders = (): Buffer =>
  mailOf(Array.from({ length: 100_000 }, (_, number) => `X-${number}: ${number}`).join('\r\n'), 'Hello.\r\n')

const attached = (name: string, bytes: Uint8Array): Buffer =>
  mailOf(
    `Content-Type: application/zip; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64`,
    Buffer.from(bytes).toString('base64').replaceAll(/.{76}/g, '$&\r\n'),
  )

/** A zip archive with one deflated member. */
const zipOf = (name: string, content: Uint8Array): Buffer => {
  const packed = deflateRawSync(content)
  const fields = Buffer.alloc(26)
  fields.writeUInt16LE(20, 0)
  fields.writeUInt16LE(8, 4)
  fields.writeUInt32LE(crc32(content), 10)
  fields.writeUInt32LE(packed.length, 14)
  fields.writeUInt32LE(content.length, 18)
  fields.writeUInt16LE(name.length, 22)
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed])
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), fields, Buffer.alloc(14), Buffer.from(name)])
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(local.length, 16)
  return Buffer.concat([local, central, end])
}

const endless = (): Hostile[] => {
  const bomb = zipOf('zeros.bin', Buffer.alloc(400 * MEGABYTE))
  let onion = bomb
  for (let layer = 0; layer < 40; layer++) onion = zipOf(`${layer}.zip`, onion)
  let multiparts = 'Content-Type: text/plain\r\n\r\nHello.\r\n'
  for (let depth = 0; depth < 1_000; depth++)
    multiparts = `Content-Type: multipart/mixed; boundary="b${depth}"\r\n\r\n--b${depth}\r\n${multiparts}\r\n--b${depth}--\r\n`
  let messages = 'Subject: inmost\r\n\r\nHello.\r\n'
  for (let depth = 0; depth < 3_000; depth++) messages = `Content-Type: message/rfc822\r\n\r\n${messages}`
  const parts = Array.from(
    { length: 50_000 },
    (_, number) => `--b\r\nContent-Type: text/plain; name="${number}.txt"\r\n\r\n${number}\r\n`,
  )
  const words = Array.from({ length: 5_000 }, () => '=?utf-8?b?w6k=?=').join(' \r\n ')
  const parameters = Array.from({ length: 5_000 }, (_, number) => `;\r\n name*${number}*=%41`).join('')
  return [
    { name: '100,000 headers', bytes: manyHeaders() },
    {
      name: 'multiparts 1,000 deep',
      bytes: mailOf(
        multiparts.slice(0, multiparts.indexOf('\r\n\r\n')),
        multiparts.slice(multiparts.indexOf('\r\n\r\n') + 4),
      ),
    },
    { name: 'messages 3,000 deep', bytes: mailOf('Content-Type: message/rfc822', messages) },
    { name: '50,000 parts', bytes: mailOf('Content-Type: multipart/mixed; boundary=b', `${parts.join('')}--b--\r\n`) },
    { name: '5,000 encoded words', bytes: mailOf(`Subject: ${words}`, 'Hello.\r\n') },
    {
      name: '5,000 parts of a name',
      bytes: mailOf(`Content-Type: application/octet-stream${parameters}`, 'Hello.\r\n'),
    },
    {
      name: '2 MB of angle brackets',
      bytes: mailOf('Content-Type: text/html', `${'<'.repeat(990)}\r\n`.repeat(2_000)),
    },
    {
      name: '2 MB of open tags',
      bytes: mailOf('Content-Type: text/html', `${'<a href="http://x.test/'.repeat(40)}\r\n`.repeat(2_200)),
    },
    {
      name: '2 MB of equals signs',
      bytes: mailOf(
        'Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable',
        `${'='.repeat(990)}\r\n`.repeat(2_000),
      ),
    },
    {
      name: '2 MB of dashes',
      bytes: mailOf('Content-Type: multipart/mixed; boundary="-"', `${'-'.repeat(990)}\r\n`.repeat(2_000)),
    },
    {
      name: '1 MB of commas in To',
      bytes: mailOf(`To: ${`${'a@b.test,'.repeat(100)}\r\n `.repeat(1_000)}c@d.test`, 'Hello.\r\n'),
    },
    {
      name: '1,000 signatures',
      bytes: mailOf(
        Array.from(
          { length: 1_000 },
          (_, number) => `DKIM-Signature: v=1; a=rsa-sha256; d=d${number}.test; s=s; h=from; bh=AAAA; b=AAAA`,
        ).join('\r\n'),
        'Hello.\r\n',
      ),
    },
    { name: 'a bomb', bytes: attached('bomb.zip', bomb) },
    { name: 'a bomb in 40 archives', bytes: attached('onion.zip', onion) },
  ]
}
