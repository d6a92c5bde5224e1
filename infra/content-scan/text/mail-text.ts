import type { Instant } from '#domain/kernel/instant'
import { describe, type Declaration } from '../content-type.ts'
import { fileNames } from '../file-names.ts'
import { readHeader, type HeaderBlock } from '../header.ts'
import { readHeaders, type Headers } from '../headers.ts'
import { splitParts } from '../multipart.ts'
import { decodeTransfer } from '../transfer-encoding.ts'
import { charsetIn, decodeText } from './charset.ts'
import { pageText, readFile } from './file.ts'
import { Gathering, type Text } from './gathering.ts'
import { DEFAULT_TEXT_LIMITS, type MailText, type Person, type TextLimits } from './port.ts'

export interface TextOptions {
  readonly limits?: TextLimits
  /** False: names and kinds of attachments only, each marked as unreadable with this reason. */
  readonly withoutAttachments?: string | undefined
}

/** Reads one whole message (RFC 5322, MIME) for its text; never throws on what is in it. */
export const mailText = async (message: Uint8Array, options: TextOptions = {}): Promise<MailText> => {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength)
  const gathering = new Gathering(options.limits ?? DEFAULT_TEXT_LIMITS)
  const block = readHeader(bytes)
  const headers = headersOf(block)
  if (bytes.length > gathering.limits.maxMailBytes)
    gathering.cannotRead('', `${bytes.length} bytes are too many, only its header was read`)
  else await new TextReader(gathering, options.withoutAttachments ?? null).message(bytes, block)
  return {
    messageId: idsIn(headers.first('message-id'))[0] ?? null,
    references: referencesOf(headers),
    from: peopleIn(headers, 'from'),
    to: peopleIn(headers, 'to'),
    cc: peopleIn(headers, 'cc'),
    bcc: peopleIn(headers, 'bcc'),
    subject: shown(headers.text('subject')),
    date: dateIn(headers.first('date')),
    body: gathering.body.toString(),
    attached: gathering.attached.toString(),
    files: gathering.files,
    unreadable: gathering.unreadable,
  }
}

/** Text of a part and where it goes. */
interface Place {
  readonly path: string
  readonly depth: number
  readonly text: Text
}

class TextReader {
  readonly #gathering: Gathering
  readonly #closed: string | null

  constructor(gathering: Gathering, closed: string | null) {
    this.#gathering = gathering
    this.#closed = closed
  }

  message(bytes: Buffer, header: HeaderBlock): Promise<void> {
    return this.#entity(bytes, header, { path: '', depth: 0, text: this.#gathering.body })
  }

  async #entity(bytes: Buffer, header: HeaderBlock, place: Place): Promise<void> {
    if (!this.#gathering.part(place.path, place.depth)) return
    const declared = describe(header)
    const body = bytes.subarray(header.bodyStart)
    if (declared.type.startsWith('multipart/') && declared.boundary !== null && declared.boundary !== '') {
      const { parts } = splitParts(body, declared.boundary, this.#gathering.limits.maxParts)
      const within = parts.map(({ start, end }) => body.subarray(start, end))
      if (declared.type === 'multipart/alternative') return this.#alternatives(within, place)
      for (const [index, part] of within.entries()) await this.#entity(part, readHeader(part), inside(place, index + 1))
      return
    }
    await this.#leaf(body, declared, place)
  }

  /** All but a page that says what a plain text before it has said: a plain text that only points at the page does not. */
  async #alternatives(parts: readonly Buffer[], place: Place): Promise<void> {
    let plain = ''
    for (const [index, part] of parts.entries()) {
      const header = readHeader(part)
      const { type, encoding } = describe(header)
      const at = inside(place, index + 1)
      if (type === 'text/plain') plain += textOf(part, header, encoding)
      if (type !== 'text/html') {
        await this.#entity(part, header, at)
        continue
      }
      const { bytes } = decodeTransfer(part.subarray(header.bodyStart), encoding)
      const page = pageText(bytes, charsetIn(contentType(header)), this.#gathering)
      if (letters(plain) < MOST_OF * letters(page)) this.#add(page, at)
    }
  }

  async #leaf(body: Buffer, declared: Declaration, place: Place): Promise<void> {
    const { bytes } = decodeTransfer(body, declared.encoding)
    const name = fileNames(declared.nameFields)[0] ?? ''
    const charset = charsetIn(declared.nameFields.join(';'))
    const isShown = !declared.attachment && name === ''
    if (isShown && declared.type === 'text/html') return this.#add(pageText(bytes, charset, this.#gathering), place)
    if (isShown && declared.type.startsWith('text/')) return this.#add(decodeText(bytes, charset), place)
    if (/^message\/(?:rfc822|global)$/.test(declared.type)) {
      this.#gathering.file({ name, type: 'mail' })
      return this.#mail(bytes, place.path, place.depth + 1)
    }
    if (isShown && declared.type.startsWith('message/')) return this.#add(decodeText(bytes, charset), place)
    // a picture in the text is no file that one would look for, unless it has a name
    if (bytes.length === 0 && name === '') return
    const path = name === '' ? place.path : name
    const { depth } = place
    if (this.#closed !== null) {
      this.#gathering.cannotRead(path, this.#closed)
      return this.#gathering.file({ name, type: 'other' })
    }
    const file = { bytes, name, declaredType: declared.type, charset, path, depth }
    this.#gathering.file({ name, type: await readFile(file, this.#gathering, (...mail) => this.#mail(...mail)) })
  }

  /** A mail within the mail: who it is from and to and its subject are text like the rest. */
  async #mail(bytes: Buffer, path: string, depth: number): Promise<void> {
    const { attached } = this.#gathering
    const header = readHeader(bytes)
    const headers = headersOf(header)
    const people = ['from', 'to', 'cc'].flatMap((field) => peopleIn(headers, field))
    attached.add(shown(headers.text('subject')) ?? '')
    attached.add(people.map(({ name, address }) => `${name} ${address}`).join('\n'))
    await this.#entity(bytes, header, { path: path === '' ? 'mail' : path, depth, text: attached })
  }

  #add(text: string, place: Place): void {
    if (!place.text.add(text)) this.#gathering.cannotRead(place.path, 'the text is too long, its end was not read')
  }
}

/** A plain text with this share of a page's letters says the same. */
const MOST_OF = 0.5
const letters = (text: string): number => text.replaceAll(/\s+/g, '').length

const inside = (place: Place, step: number): Place => ({
  path: place.path === '' ? String(step) : `${place.path}/${step}`,
  depth: place.depth + 1,
  text: place.text,
})

const textOf = (part: Buffer, header: HeaderBlock, encoding: string): string =>
  decodeText(decodeTransfer(part.subarray(header.bodyStart), encoding).bytes, charsetIn(contentType(header)))

const contentType = (header: HeaderBlock): string =>
  header.fields.find(({ name }) => name === 'content-type')?.value ?? ''

/** The header's octets are UTF-8 where they are not ASCII (RFC 6532). */
const headersOf = ({ text }: HeaderBlock): Headers =>
  readHeaders(/[\x80-\xff]/.test(text) ? decodeText(Buffer.from(text, 'latin1'), null) : text)

const MAX_REFERENCES = 50
const MAX_ID = 998
const idsIn = (field: string): string[] =>
  [...field.slice(0, 64 * 1024).matchAll(/<\s*([^<>\s]{1,998})\s*>/g)].map(([, id]) => id!.slice(0, MAX_ID))

/** RFC 5322 3.6.4: the first of a long list leads to the beginning, the last are the nearest. */
const referencesOf = (headers: Headers): readonly string[] => {
  const all = [...new Set([...idsIn(headers.first('references')), ...idsIn(headers.first('in-reply-to'))])]
  return all.length <= MAX_REFERENCES ? all : [all[0]!, ...all.slice(1 - MAX_REFERENCES)]
}

const peopleIn = (headers: Headers, field: string): readonly Person[] => headers.addresses(field)

const MAX_SUBJECT = 1_000
// oxlint-disable-next-line no-control-regex -- those are what it is about
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g
const shown = (text: string): string | null => {
  const clean = text.replaceAll(UNSAFE, ' ').trim().toWellFormed().slice(0, MAX_SUBJECT)
  return clean === '' ? null : clean
}

/** RFC 5322 3.3, its comments left out. */
const dateIn = (field: string): Instant | null => {
  const at = Date.parse(field.replaceAll(/\([^()]*\)/g, '').trim())
  return Number.isNaN(at) || at < 0 ? null : at
}
