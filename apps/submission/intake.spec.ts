import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { headerFields } from './header-fields.ts'
import { takeIn } from './intake.ts'
import { outgoingHeader } from './outgoing-header.ts'

const AT = Date.UTC(2026, 10, 24, 3, 58, 10)
const ADDED = { date: 'Date: Tue, 24 Nov 2026 03:58:10 +0000\r\n', id: 'Message-ID: <1@mailkeep.test>\r\n' }

/** A store in memory that reads as the real one does: a chunk is used up before the next is asked for. */
const store = ({ failsAt = Infinity }: { failsAt?: number } = {}) => {
  const contents: Buffer[] = []
  let puts = 0
  return {
    contents,
    put: async (source: AsyncIterable<Uint8Array> | Uint8Array) => {
      const number = ++puts
      const parts: Buffer[] = []
      for await (const chunk of source as AsyncIterable<Uint8Array>) {
        parts.push(Buffer.from(chunk))
        if (number === failsAt) throw new Error('the disk is full')
        await Promise.resolve()
      }
      const content = Buffer.concat(parts)
      contents.push(content)
      return { hash: content.toString('latin1'), size: content.length }
    },
  }
}

/** The message in chunks, each wiped when the next is asked for; the header is known as soon as its chunk has come. */
const incoming = (message: Buffer, sizes: readonly number[]) => {
  const blank = message.indexOf('\r\n\r\n')
  const headerEnd = blank < 0 ? message.length : blank + 2
  let sent = 0
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let turn = 0; sent < message.length; turn++) {
      const chunk = Buffer.from(message.subarray(sent, sent + (sizes[turn % sizes.length] ?? 1)))
      sent += chunk.length
      yield chunk
      chunk.fill(0x58)
    }
  }
  const known = Buffer.from(message.subarray(0, headerEnd))
  return {
    chunks: chunks(),
    header: { headerBlock: () => (sent > headerEnd + 1 || sent === message.length ? known : null) },
  }
}

const submit = async (message: Buffer, sizes: readonly number[], into = store()) => {
  const { chunks, header } = incoming(message, sizes)
  const taken = await takeIn(chunks, header, {
    content: into,
    header: (block) =>
      outgoingHeader(block, headerFields(block), { now: AT, newMessageId: '1@mailkeep.test', rewriteFrom: null }),
    scan: (what) => Promise.resolve('bytes' in what ? Buffer.from(what.bytes).toString('latin1') : what.stored.hash),
  })
  return { original: taken.original.hash, outgoing: taken.outgoing?.hash ?? null, scanned: await taken.scanned }
}

const folded = fc.constantFrom('', '\r\n more', '\r\n\tbcc: not@a.field')
const field = (name: fc.Arbitrary<string>) =>
  fc.tuple(name, fc.constantFrom(' a value', '', ' ann@x.test', ' caf\xe9'), folded).map((parts) => {
    const [called, value, more] = parts
    return `${called}:${value}${more}\r\n`
  })
const other = field(fc.constantFrom('From', 'To', 'Subject', 'X-Bcc', 'Bccs', 'Received'))
const hidden = field(fc.constantFrom('Bcc', 'BCC', 'bcc', 'Bcc ', 'Resent-Bcc'))
const date = field(fc.constantFrom('Date', 'dAtE'))
const id = field(fc.constantFrom('Message-ID', 'message-id'))
const body = fc.oneof(
  fc.constant(''),
  fc.constant('\r\n'),
  fc
    .string({ maxLength: 200 })
    .map((text) => `\r\n${text.replaceAll(/[\r\n]/g, '')}\r\nBcc: in the body\r\n\r\nDate: too\r\n`),
)

describe('a submission', () => {
  it('goes out as it came, but for Bcc gone and Date and Message-ID added on top', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(other, other, hidden, date, id), { minLength: 1, maxLength: 12 }),
        body,
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
        async (fields, text, sizes) => {
          const message = Buffer.from([...fields, text].join(''), 'latin1')
          const named = (name: RegExp) => fields.some((one) => name.test(one))
          const kept = fields.filter((one) => !/^(?:resent-)?bcc *:/i.test(one))
          const expected = [
            named(/^date:/i) ? '' : ADDED.date,
            named(/^message-id:/i) ? '' : ADDED.id,
            ...kept,
            text,
          ].join('')
          const { original, outgoing, scanned } = await submit(message, sizes)
          expect(original).toBe(message.toString('latin1'))
          expect(outgoing ?? original).toBe(expected)
          expect(outgoing === null).toBe(expected === original)
          expect(scanned).toBe(expected)
        },
      ),
      { seed: 5, numRuns: 300 },
    )
  })

  it('that is large is scanned from the store, and what is stored beside it streams', async () => {
    const text = 'x'.repeat(70).concat('\r\n').repeat(10_000)
    const message = Buffer.from(`Bcc: ben@x.test\r\nDate: x\r\nMessage-ID: y\r\n\r\n${text}`)
    const { outgoing, scanned } = await submit(message, [40_000])
    expect(outgoing).toBe(`Date: x\r\nMessage-ID: y\r\n\r\n${text}`)
    expect(scanned).toBe(outgoing)
  })

  it.each([1, 2])('that can not be stored fails, whichever of the two it is (%i)', async (failsAt) => {
    const message = Buffer.from(`Bcc: ben@x.test\r\n\r\n${'text\r\n'.repeat(1_000)}`)
    const into = store({ failsAt })
    await expect(submit(message, [100], into)).rejects.toThrow('the disk is full')
    expect(into.contents.length).toBeLessThan(2)
  })

  it('whose header is refused is kept nowhere', async () => {
    const into = store()
    const { chunks, header } = incoming(Buffer.from('X: y\r\n\r\nbody\r\n'), [3])
    const refused = takeIn(chunks, header, {
      content: into,
      header: () => {
        throw new Error('not yours')
      },
      scan: () => Promise.resolve(null),
    })
    await expect(refused).rejects.toThrow('not yours')
    expect(into.contents).toEqual([])
  })
})

describe('a From that policy has written anew', () => {
  const rewritten = (header: string, name = 'Ann "the first"'): string => {
    const block = Buffer.from(header)
    const rewriteFrom = { address: 'ann@mailkeep.test', name }
    return String(outgoingHeader(block, headerFields(block), { now: AT, newMessageId: '1@x', rewriteFrom }))
  }

  it('is the account’s, and answers go where it came from', () => {
    expect(
      rewritten(
        'Date: x\r\nMessage-ID: y\r\nFrom: Printer\r\n <scan@printer.test>\r\nSender: x@printer.test\r\nTo: b@x.test\r\n',
      ),
    ).toBe(
      'Date: x\r\nMessage-ID: y\r\nFrom: "Ann \\"the first\\"" <ann@mailkeep.test>\r\nReply-To: Printer\r\n <scan@printer.test>\r\nTo: b@x.test\r\n',
    )
    expect(rewritten('Date: x\r\nMessage-ID: y\r\nFrom: a@b.test\r\nReply-To: c@d.test\r\n', '')).toBe(
      'Date: x\r\nMessage-ID: y\r\nFrom: <ann@mailkeep.test>\r\nReply-To: c@d.test\r\n',
    )
  })

  it('has names beyond ASCII in encoded-words', () => {
    const [, from] =
      /^From: ((?:=\?utf-8\?B\?[\w+/=]+\?=(?:\r\n )?)+) <ann@mailkeep\.test>/m.exec(
        rewritten('From: a@b.test\r\n', `Jörg ${'ä'.repeat(60)}`),
      ) ?? []
    expect(from?.split('\r\n ').every((word) => word.length <= 75)).toBe(true)
  })
})
