import { Inject, Injectable } from '@nestjs/common'
import { convert } from 'html-to-text'
import PostalMime from 'postal-mime'
import { z } from 'zod'
import type { ContentHash } from '#domain/message/content-hash'
import { API_PARTS, type ApiParts } from '../parts.ts'

const MAX_BYTES = 512 * 1024
const MAX_TEXT = 20_000
const MAX_PARTS = 100

export const previewShape = z
  .object({
    from: z.string().nullable(),
    to: z.array(z.string()),
    subject: z.string().nullable(),
    date: z.string().nullable().describe('as the mail says'),
    text: z.string().describe('plain text; HTML is turned into text, nothing is loaded'),
    cut: z.boolean().describe('there is more than is shown'),
    attachments: z.array(z.object({ name: z.string(), type: z.string(), size: z.number() })),
  })
  .meta({ id: 'Preview' })
export type Preview = z.output<typeof previewShape>

/** The beginning of a message as text: no markup, no pictures, no links that could be followed. */
@Injectable()
export class Previews {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  async of(hash: ContentHash): Promise<Preview> {
    const { bytes, cut } = await this.#beginning(hash)
    const mail = await PostalMime.parse(bytes, {
      maxNestingDepth: 20,
      maxHeadersSize: 256 * 1024,
      attachmentEncoding: 'arraybuffer',
    })
    const text = mail.text ?? (mail.html === undefined ? '' : textOf(mail.html))
    return {
      from: addressText(mail.from),
      to: (mail.to ?? []).slice(0, MAX_PARTS).map((one) => addressText(one) ?? ''),
      subject: mail.subject ?? null,
      date: mail.date ?? null,
      text: text.slice(0, MAX_TEXT),
      cut: cut || text.length > MAX_TEXT,
      attachments: mail.attachments.slice(0, MAX_PARTS).map(({ filename, mimeType, content }) => ({
        name: (filename ?? '').slice(0, 255),
        type: mimeType.slice(0, 100),
        size: typeof content === 'string' ? content.length : content.byteLength,
      })),
    }
  }

  async #beginning(hash: ContentHash): Promise<{ bytes: Buffer; cut: boolean }> {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of this.#parts.content.open(hash)) {
      chunks.push(chunk)
      size += chunk.byteLength
      if (size > MAX_BYTES) break
    }
    return { bytes: Buffer.concat(chunks).subarray(0, MAX_BYTES), cut: size > MAX_BYTES }
  }
}

const textOf = (html: string): string =>
  convert(html.slice(0, MAX_BYTES), {
    wordwrap: false,
    limits: { maxInputLength: MAX_BYTES, maxDepth: 50, maxChildNodes: 2_000, ellipsis: '…' },
    selectors: [
      { selector: 'img', format: 'skip' },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
    ],
  })

const addressText = (one: { name?: string; address?: string | undefined } | undefined): string | null =>
  one === undefined
    ? null
    : [one.name, one.address === undefined || one.address === '' ? '' : `<${one.address}>`]
        .filter((part) => part !== undefined && part !== '')
        .join(' ')
